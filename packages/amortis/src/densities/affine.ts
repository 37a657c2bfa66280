/**
 * Increasing affine functions: z = u · exp(s) + t, with s = c · tanh(raw) held softly within ±c.
 */
import { add, exp, mul, neg, split, sub, tanh, type Tensor } from "@amortis/graph";
import { positive } from "../settings/fields.js";
import type { Monotone } from "./monotone.js";

/** The settings. */
export const affineSettings = {
  /** c: a layer scales a coordinate by at most exp(±c). */
  scaleBound: positive.default(3),
};

/** The family, with scales within exp(±c). */
export function affine({ scaleBound }: { readonly scaleBound: number }): Monotone {
  const pieces = (raw: Tensor): readonly [Tensor, Tensor] => {
    const [free = raw, shift = raw] = split(raw, [1, 1], -2);
    return [mul(tanh(free), scaleBound), shift];
  };
  return {
    parameters: 2,
    forward: (x, raw) => {
      const [logScale, shift] = pieces(raw);
      return { value: add(mul(x, exp(logScale)), shift), logDerivative: logScale };
    },
    inverse: (y, raw) => {
      const [logScale, shift] = pieces(raw);
      return mul(sub(y, shift), exp(neg(logScale)));
    },
  };
}
