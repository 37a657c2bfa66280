/** The review's CNN on 16×16 images: two 3×3 convolutions (64, 128 filters, ReLU, 2×2 max pooling), dense 64, one output; squared error. */
import {
  add,
  adam,
  glorotUniform,
  heNormal,
  input,
  leakyRelu,
  linear,
  mean,
  relu,
  reshape,
  Scope,
  spatialConvMaxPool2d,
  square,
  sub,
  transpose,
  Variables,
  zerosInit,
  type Tensor,
} from "@amortis/graph";
import { normals, ROWS, type BenchProgram } from "./program.js";

/** The program at a batch size. */
export function cnnProgram(batch: number): BenchProgram {
  return {
    name: "cnn",
    batch,
    build() {
      const variables = new Variables();
      const scope = Scope.root(variables, "training");
      const x = input("x", [batch, 16, 16]);
      const y = input("y", [batch, 1]);
      const layer = (map: Tensor, name: string, channels: number, filters: number): Tensor => {
        const kernel = scope.variable(`${name}/kernel`, [3, 3, channels, filters], heNormal());
        const pooled = spatialConvMaxPool2d(map, kernel, [2, 2]);
        return relu(add(pooled, scope.variable(`${name}/bias`, [filters], zerosInit)));
      };
      const map = reshape(transpose(x, [1, 2, 0]), [16, 16, batch, 1]);
      const features = layer(layer(map, "conv0", 1, 64), "conv1", 64, 128);
      const flat = reshape(transpose(features, [2, 0, 1, 3]), [batch, 2048]);
      const hidden = leakyRelu(
        linear(
          flat,
          scope.variable("dense/weight", [2048, 64], heNormal()),
          scope.variable("dense/bias", [64], zerosInit),
        ),
      );
      const output = linear(
        hidden,
        scope.variable("out/weight", [64, 1], glorotUniform()),
        scope.variable("out/bias", [1], zerosInit),
      );
      const losses = mean(square(sub(output, y)), { axes: [1] });
      return {
        spec: { variables, losses, examples: { x, y }, optimizer: adam() },
        data: { x: normals("x", [ROWS, 16, 16]), y: normals("y", [ROWS, 1]) },
      };
    },
  };
}
