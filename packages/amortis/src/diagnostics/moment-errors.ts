/**
 * Means and standard deviations of a posterior's samples beside those of a reference.
 */
import { meansAndSds } from "../data/moments.js";
import { requireRows } from "./c2st.js";

/** Errors over all parameters. */
export interface MomentErrors {
  /** Root mean square of the means' differences, in standard deviations of the reference. */
  readonly mean: number;
  /** Root mean square of log(sd / sd of the reference): 0.1 is a tenth too wide or too narrow. */
  readonly sd: number;
}

/**
 * How far a posterior's means and standard deviations are from the reference's.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 * @example momentErrors(reference, samples, 2).mean   // 0.05: a twentieth of a standard deviation
 */
export function momentErrors(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
): MomentErrors {
  requireRows("reference", reference, d, 2);
  requireRows("samples", samples, d, 2);
  const [exact, found] = [meansAndSds(reference, d), meansAndSds(samples, d)];
  const rootMeanSquare = (error: (j: number) => number): number =>
    Math.sqrt(exact.mean.reduce((sum, _, j) => sum + error(j) ** 2, 0) / d);
  return {
    mean: rootMeanSquare((j) => ((found.mean[j] ?? 0) - (exact.mean[j] ?? 0)) / (exact.sd[j] ?? 1)),
    sd: rootMeanSquare((j) => Math.log((found.sd[j] ?? 1) / (exact.sd[j] ?? 1))),
  };
}
