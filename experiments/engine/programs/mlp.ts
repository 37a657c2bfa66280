/** MLP 256-128-128-128-2 with ReLU and squared error, batch 256. */
import {
  adam,
  heNormal,
  input,
  linear,
  mean,
  relu,
  Scope,
  square,
  sub,
  Variables,
  zerosInit,
} from "@amortis/graph";
import { normals, ROWS, type BenchProgram } from "./program.js";

const WIDTHS = [256, 128, 128, 128, 2];

export const mlpProgram: BenchProgram = {
  name: "mlp",
  batch: 256,
  build() {
    const variables = new Variables();
    const scope = Scope.root(variables, "training");
    const x = input("x", [this.batch, 256]);
    const y = input("y", [this.batch, 2]);
    let hidden = x;
    for (const [i, width] of WIDTHS.slice(1).entries()) {
      const layer = scope.child(`layer${i}`);
      const weight = layer.variable("weight", [WIDTHS[i] ?? 1, width], heNormal());
      hidden = linear(hidden, weight, layer.variable("bias", [width], zerosInit));
      if (i < WIDTHS.length - 2) hidden = relu(hidden);
    }
    const losses = mean(square(sub(hidden, y)), { axes: [1] });
    return {
      spec: { variables, losses, examples: { x, y }, optimizer: adam() },
      data: { x: normals("x", [ROWS, 256]), y: normals("y", [ROWS, 2]) },
    };
  },
};
