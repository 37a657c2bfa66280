/**
 * Affine coupling flow, RealNVP (Dinh, Sohl-Dickstein & Bengio 2017, arXiv 1605.08803).
 *
 * The monotone functions of the coupling flow are z = u · exp(s) + t, with s = c · tanh(raw) held softly within ±c.
 */
import {
  add,
  exp,
  InvalidArgumentError,
  mul,
  neg,
  split,
  sub,
  tanh,
  type Tensor,
} from "@amortis/graph";
import { coupling, type CouplingOptions } from "./coupling.js";
import type { ConditionalDensity } from "./density.js";

/** Settings of an affine coupling flow. */
export interface AffineCouplingOptions extends Partial<CouplingOptions> {
  /** c: a layer scales a coordinate by at most exp(±c). */
  readonly scaleBound?: number;
}

/**
 * An affine coupling flow.
 *
 * @param options defaults: max(6, 2 ⌈log₂ d⌉) layers, conditioners with two hidden layers of 128, scales within exp(±3)
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: affineCoupling({ layers: 4 }) })
 */
export function affineCoupling(options: AffineCouplingOptions = {}): ConditionalDensity {
  const { layers, hidden = [128, 128], activation = "relu", scaleBound = 3 } = options;
  if (!(scaleBound > 0 && Number.isFinite(scaleBound))) {
    throw new InvalidArgumentError(
      `affineCoupling: scaleBound must be positive, but is ${scaleBound}`,
    );
  }
  const pieces = (raw: Tensor): readonly [Tensor, Tensor] => {
    const [free = raw, shift = raw] = split(raw, [1, 1], -2);
    return [mul(tanh(free), scaleBound), shift];
  };
  return coupling(
    {
      kind: "affineCoupling",
      settings: { scaleBound },
      parameters: 2,
      fewestLayers: 6,
      forward: (x, raw) => {
        const [logScale, shift] = pieces(raw);
        return { value: add(mul(x, exp(logScale)), shift), logDerivative: logScale };
      },
      inverse: (y, raw) => {
        const [logScale, shift] = pieces(raw);
        return mul(sub(y, shift), exp(neg(logScale)));
      },
    },
    { ...(layers !== undefined && { layers }), hidden, activation },
  );
}
