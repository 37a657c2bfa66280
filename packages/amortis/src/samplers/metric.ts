/**
 * Metrics of Hamiltonian samplers: in what space momenta are standard normal.
 *
 * Positions are q = F x, and momenta those of x, p ~ N(0, I), so that M⁻¹ = F Fᵀ and nothing else is ever asked of the mass matrix M. F is a diagonal with
 * a symmetric change of low rank,
 *
 *     F = D (I + Σ_r (√λ_r - 1) v_r v_rᵀ),      F Fᵀ = D (I + Σ_r (λ_r - 1) v_r v_rᵀ) D,
 *
 * which costs 2 r k products.
 *
 * Reference: Bales, Pourzanjani, Vehtari & Petzold 2019, "Selecting the metric in Hamiltonian Monte Carlo", arXiv 1905.11916.
 */

/** F of one data set in k dimensions. */
export interface Metric {
  /** D, [k]. */
  readonly scale: Float64Array;
  /** v_r, rows of [r, k], orthonormal. */
  readonly vectors: Float64Array;
  /** √λ_r, [r]. */
  readonly roots: Float64Array;
}

/** The metric that knows nothing. */
export function unitMetric(k: number): Metric {
  return diagonalMetric(new Float64Array(k).fill(1));
}

/** The metric of scales alone, [k]. */
export function diagonalMetric(scale: Float64Array): Metric {
  return { scale, vectors: new Float64Array(0), roots: new Float64Array(0) };
}

/** Writes F x, [k]. */
export function toPositions(metric: Metric, x: Float64Array, to: Float64Array): void {
  const { scale } = metric;
  for (let j = 0; j < x.length; j++) to[j] = x[j] ?? NaN;
  bend(metric, x, to);
  for (let j = 0; j < to.length; j++) to[j] = (scale[j] ?? NaN) * (to[j] ?? NaN);
}

/** Writes Fᵀ g, [k]: a gradient of q as one of x. */
export function toWhitened(metric: Metric, gradient: Float64Array, to: Float64Array): void {
  const { scale, roots } = metric;
  for (let j = 0; j < to.length; j++) to[j] = (scale[j] ?? NaN) * (gradient[j] ?? NaN);
  if (roots.length > 0) bend(metric, to, to);
}

/** Adds Σ (√λ - 1) v vᵀ x to what holds x; v are orthogonal, so that it may be x itself. */
function bend({ vectors, roots }: Metric, x: Float64Array, to: Float64Array): void {
  const k = x.length;
  for (let r = 0; r < roots.length; r++) {
    const from = r * k;
    let along = 0;
    for (let j = 0; j < k; j++) along += (vectors[from + j] ?? 0) * (x[j] ?? 0);
    along *= (roots[r] ?? 1) - 1;
    for (let j = 0; j < k; j++) to[j] = (to[j] ?? NaN) + along * (vectors[from + j] ?? 0);
  }
}
