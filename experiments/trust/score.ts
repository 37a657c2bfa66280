/**
 * How far draws are from an exact posterior.
 */

/** A posterior in closed form, by coordinates that are independent under it. */
export interface Exact {
  readonly parameters: number;
  /** Coordinates of θ [p], each with a uniform distribution under the posterior: distribution functions of whitened axes. */
  uniforms(theta: ArrayLike<number>): readonly number[];
}

/** The largest difference of distribution functions along any axis: Kolmogorov & Smirnov's statistic, of draws [n, p]. */
export function mostApart(draws: Float32Array | Float64Array, exact: Exact): number {
  const p = exact.parameters;
  const n = draws.length / p;
  const uniforms = Array.from({ length: n }, (_, i) =>
    exact.uniforms(draws.subarray(i * p, (i + 1) * p)),
  );
  const axes = uniforms[0]?.length ?? 0;
  const apart = Array.from({ length: axes }, (_, axis) => {
    const sorted = Float64Array.from(uniforms, (row) => row[axis] ?? Number.NaN).toSorted();
    return sorted.reduce(
      (most, u, i) => Math.max(most, Math.abs(u - i / n), Math.abs(u - (i + 1) / n)),
      0,
    );
  });
  return Math.max(...apart);
}
