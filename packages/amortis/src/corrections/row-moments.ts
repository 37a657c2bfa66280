/**
 * Moments of points.
 */

/** Mean [k], and covariance [k, k]. */
export interface RowMoments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Weighted moments of points [k] each.
 *
 * @param weights not negative; all one where left out.
 */
export function momentsOfRows(
  points: readonly Float64Array[],
  k: number,
  weights: Float64Array = new Float64Array(points.length).fill(1),
): RowMoments {
  const total = weights.reduce((a, b) => a + b, 0);
  const average = (of: (u: Float64Array) => number): number =>
    points.reduce((sum, u, i) => sum + (weights[i] ?? 0) * of(u), 0) / total;
  const mean = Float64Array.from({ length: k }, (_, j) => average((u) => u[j] ?? 0));
  const covariance = Float64Array.from({ length: k * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    return average((u) => ((u[i] ?? 0) - (mean[i] ?? 0)) * ((u[j] ?? 0) - (mean[j] ?? 0)));
  });
  return { mean, covariance };
}
