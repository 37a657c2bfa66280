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
  return {
    scale: new Float64Array(k).fill(1),
    vectors: new Float64Array(0),
    roots: new Float64Array(0),
  };
}

/** F x. */
export function toPositions(metric: Metric, x: Float64Array): Float64Array {
  const { scale } = metric;
  const bent = bend(metric, x);
  for (const [j, s] of scale.entries()) bent[j] = s * (bent[j] ?? NaN);
  return bent;
}

/** Fᵀ g: a gradient of q as one of x. */
export function toWhitened(metric: Metric, gradient: Float64Array): Float64Array {
  const { scale } = metric;
  const scaled = new Float64Array(scale.length);
  for (let j = 0; j < scaled.length; j++) scaled[j] = (scale[j] ?? NaN) * (gradient[j] ?? NaN);
  return metric.roots.length === 0 ? scaled : bend(metric, scaled);
}

/** (I + Σ (√λ - 1) v vᵀ) x, a copy. */
function bend({ vectors, roots }: Metric, x: Float64Array): Float64Array {
  const k = x.length;
  const bent = x.slice();
  for (let r = 0; r < roots.length; r++) {
    const from = r * k;
    let along = 0;
    for (let j = 0; j < k; j++) along += (vectors[from + j] ?? 0) * (x[j] ?? 0);
    along *= (roots[r] ?? 1) - 1;
    for (let j = 0; j < k; j++) bent[j] = (bent[j] ?? NaN) + along * (vectors[from + j] ?? 0);
  }
  return bent;
}
