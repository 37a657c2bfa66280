/**
 * Answers about one parameter of many data sets, in the form that all methods are scored in.
 */
import { crpsOfSorted } from "amortis/diagnostics";
import { quantileOf } from "amortis/extend";
import { MAX_RANGE } from "@amortis/gaussian-field";

/** Level of the intervals. */
export const LEVEL = 0.9;

/** One number a data set each. */
export interface Answers {
  /** Posterior means. */
  readonly estimate: readonly number[];
  /** Posterior medians; a point estimator has none. */
  readonly median?: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly crps?: readonly number[];
  /** ½ E|θ - X|, of which the review takes the median. */
  readonly halfDistance?: readonly number[];
  /** log q(θ) at the truth; null where it is not finite. */
  readonly logDensity?: readonly (number | null)[];
}

/** Numbers with seven digits, to keep files small. */
export function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}

/** Log-densities as JSON has them. */
export function finiteOrNull(values: ArrayLike<number>): (number | null)[] {
  return Array.from(values, (value) =>
    Number.isFinite(value) ? Number(value.toPrecision(7)) : null,
  );
}

/** Where draws of one parameter lie in a flat array [data sets, draws, p], and how they were drawn. */
export interface DrawOptions {
  /** p. */
  readonly parameters?: number;
  /** Which of them. */
  readonly parameter?: number;
  /** One draw from each of as many equal parts of the answer's mass, as `resample` gives them, instead of independent draws. */
  readonly stratified?: boolean;
}

/** The draws of one parameter for each data set, in increasing order. */
export function sortedDraws(
  draws: ArrayLike<number>,
  size: number,
  { parameters = 1, parameter = 0 }: DrawOptions = {},
): readonly Float64Array[] {
  const each = draws.length / (size * parameters);
  return Array.from({ length: size }, (_, i) =>
    Float64Array.from(
      { length: each },
      (__, k) => draws[(i * each + k) * parameters + parameter] ?? Number.NaN,
    ).toSorted(),
  );
}

/**
 * Answers by draws.
 *
 * @param draws flat, [data sets, draws, p].
 * @param truth [data sets]
 */
export function answersOfDraws(
  draws: ArrayLike<number>,
  truth: ArrayLike<number>,
  options: DrawOptions = {},
): Answers {
  const n = truth.length;
  const result = {
    estimate: new Float64Array(n),
    median: new Float64Array(n),
    lower: new Float64Array(n),
    upper: new Float64Array(n),
    crps: new Float64Array(n),
    halfDistance: new Float64Array(n),
  };
  for (const [i, sorted] of sortedDraws(draws, n, options).entries()) {
    const each = sorted.length;
    const theta = truth[i] ?? Number.NaN;
    result.estimate[i] = sorted.reduce((a, b) => a + b, 0) / each;
    result.median[i] = quantileOf(sorted, 0.5);
    result.lower[i] = quantileOf(sorted, (1 - LEVEL) / 2);
    result.upper[i] = quantileOf(sorted, (1 + LEVEL) / 2);
    result.crps[i] = crpsOfSorted(sorted, theta, options.stratified);
    result.halfDistance[i] = sorted.reduce((a, b) => a + Math.abs(b - theta), 0) / (2 * each);
  }
  return {
    estimate: rounded(result.estimate),
    median: rounded(result.median),
    lower: rounded(result.lower),
    upper: rounded(result.upper),
    crps: rounded(result.crps),
    halfDistance: rounded(result.halfDistance),
  };
}

/**
 * A density by draws: Gaussian kernels about them, of Silverman's width, reflected at the bounds of the prior, so that no mass is lost
 * beyond them.
 *
 * @param grid where it is wanted, within the bounds.
 */
export function kernelDensity(
  draws: ArrayLike<number>,
  grid: readonly number[],
  [lower, upper]: readonly [number, number] = [0, MAX_RANGE],
): number[] {
  const n = draws.length;
  const sorted = Float64Array.from(draws).toSorted();
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(sorted.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, n - 1));
  const spread = (quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)) / 1.349;
  const width = Math.max(0.9 * Math.min(sd, spread > 0 ? spread : sd) * n ** -0.2, 1e-6);
  const scale = 1 / (n * width * Math.sqrt(2 * Math.PI));
  const kernels = (x: number): number =>
    sorted.reduce((total, draw) => total + Math.exp(-0.5 * ((x - draw) / width) ** 2), 0);
  // A kernel's mirror image at a bound has at x what the kernel has at the mirror image of x; an infinite bound has none.
  return rounded(
    grid.map((x) => scale * (kernels(x) + kernels(2 * lower - x) + kernels(2 * upper - x))),
  );
}
