/**
 * Posteriors in closed form, right or with a stated fault, to try diagnostics on: θ_k ~ N(0, 1), y_k1, y_k2 ~ N(θ_k, 2), so that θ_k | y ~ N((y_k1 + y_k2) / 4, 1/2).
 */
import { stream } from "../../src/random/index.js";
import type { ScoredDraws } from "../../src/diagnostics/index.js";

/** How posteriors are wrong; by default they are right. */
export interface Fault {
  /** Factor of their standard deviations. */
  readonly scale?: number;
  /** Of their means, in their standard deviations. */
  readonly shift?: number;
  /** Of the draws of the first two parameters. */
  readonly correlation?: number;
  /** Standard deviation of the truths, of which posteriors believe that it is 1. */
  readonly prior?: number;
  /** What posteriors know of the data: all of it, the first number of each parameter, or nothing. */
  readonly uses?: "all" | "half" | "nothing";
  /** The fault is there only where the first data of a parameter are above zero. */
  readonly above?: boolean;
}

/** Many data sets, with draws of posteriors. */
export interface ClosedForm extends ScoredDraws {
  readonly draws: Float64Array;
  readonly truth: Float64Array;
  /** [n, 2 p] */
  readonly data: Float64Array;
}

/** Draws a number of data sets, each with draws of its posterior. */
export function closedForm(
  n: number,
  each: number,
  p: number,
  seed: number,
  fault: Fault = {},
): ClosedForm {
  const { scale = 1, shift = 0, correlation = 0, prior = 1, uses = "all", above = false } = fault;
  const random = stream("closed-form").split(seed);
  const [truth, data] = [new Float64Array(n * p), new Float64Array(n * 2 * p)];
  const draws = new Float64Array(n * each * p);
  const variance = { all: 1 / 2, half: 2 / 3, nothing: 1 }[uses];
  const z = new Float64Array(p);
  for (let i = 0; i < n; i++) {
    const means = new Float64Array(p);
    for (let k = 0; k < p; k++) {
      const theta = prior * random.normal();
      const [a, b] = [theta + Math.SQRT2 * random.normal(), theta + Math.SQRT2 * random.normal()];
      truth[i * p + k] = theta;
      data.set([a, b], (i * p + k) * 2);
      means[k] = { all: (a + b) / 4, half: a / 3, nothing: 0 }[uses];
    }
    for (let j = 0; j < each; j++) {
      random.fillNormal(z);
      if (p > 1) z[1] = correlation * (z[0] ?? 0) + Math.sqrt(1 - correlation ** 2) * (z[1] ?? 0);
      for (let k = 0; k < p; k++) {
        const faulty = !above || (data[(i * p + k) * 2] ?? 0) > 0;
        const own = faulty ? shift + scale * (z[k] ?? 0) : (z[k] ?? 0);
        draws[(i * each + j) * p + k] = (means[k] ?? 0) + Math.sqrt(variance) * own;
      }
    }
  }
  return { draws, truth, data, names: Array.from({ length: p }, (_, k) => `theta${k}`) };
}
