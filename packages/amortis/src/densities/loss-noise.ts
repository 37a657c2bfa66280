/**
 * Randomness within losses: fresh at each training step, and always the same where losses are only evaluated, so that epochs can be compared.
 */
import {
  add,
  constant,
  hostConstant,
  hostTensor,
  mul,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { stream } from "../random/index.js";

/**
 * Noise of a static shape.
 *
 * @param seed of what is always the same.
 */
export function lossNoise(
  scope: Scope,
  shape: readonly number[],
  kind: "normal" | "uniform",
  seed: string,
): Tensor {
  if (scope.training) return scope.noise(shape, kind);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const random = stream(seed).split(kind);
  if (kind === "normal") random.fillNormal(values);
  else random.fillUniform(values);
  return hostConstant(hostTensor(values, shape));
}

/**
 * Uniform numbers [batch, draws, 1], one in each of as many equal parts of [0, 1]: in its middle, where losses are only evaluated. Those of an example are spread over the
 * whole of it, and a minibatch sees all of it at each step, so that its loss varies little for their sake (Kingma et al. 2021, arXiv 2107.00630).
 */
export function spreadUniform(scope: Scope, batch: number, draws: number): Tensor {
  const n = batch * draws;
  const parts = Float32Array.from(
    { length: n },
    (_, i) => ((i % draws) * batch + Math.floor(i / draws)) / n,
  );
  const shape = [batch, draws, 1];
  if (!scope.training)
    return constant(
      parts.map((part) => part + 0.5 / n),
      shape,
    );
  return add(mul(scope.noise(shape, "uniform"), 1 / n), constant(parts, shape));
}
