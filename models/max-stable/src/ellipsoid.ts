/**
 * An ellipsoid that bounds a Gaussian field by the noise it was made of.
 *
 * The field is Z = A z, z ~ N(0, I) and A Aᵀ its covariance. For any weights d_j > 0, by Cauchy and Schwarz,
 *
 *   Z(s) ≤ q(z) √g_s,   q(z)² = Σ_j d_j² z_j²,   g_s = Σ_j A_sj² / d_j²,
 *
 * and weights scaled so that max_s g_s = 1 give max_s Z(s) ≤ q(z). The smaller m² = E q² = Σ_j d_j², the better the bound.
 * Given shares p_s of the sites, (Σ_j √c_j)² with c_j = Σ_s p_s A_sj² is a lower bound of m², attained by d_j² ∝ √c_j if g is the
 * same at all sites with a share: so shares grow where g is largest, a few times over. A smooth field, whose variance lies in few columns of
 * A, has a small m; white noise has m = 16, for 256 sites.
 *
 * A is the product of the grid's orthogonal transform and the Cholesky factors L of the covariance's blocks. All that is needed of
 * it is invariant under the grid's symmetries, and a mean over an orbit of sites is one over the orbit's coefficients.
 */
import { BLOCKS, fromCoefficients, POINTS, SIDE, type Blocks } from "@amortis/gaussian-field";

/** Weights of the bound. */
export interface Ellipsoid {
  /** d_j², [256], by coefficient. */
  readonly weights: Float64Array;
  /** m² = Σ_j d_j². */
  readonly meanSquare: number;
}

/** How often the shares of the sites change: the first two times take 5 to 10 % off m, more take nothing. */
const ROUNDS = 2;

/** Orbits of sites under the grid's symmetries, by coefficient: all sites of a coefficient's basis function share one. */
const { orbits, sizes } = findOrbits();

function findOrbits(): { readonly orbits: Uint8Array; readonly sizes: Float64Array } {
  const ids = new Map<string, number>();
  const orbits = Uint8Array.from({ length: POINTS }, (_, j) => {
    const field = new Float64Array(POINTS);
    fromCoefficients(
      Float64Array.from(field, (_, i) => (i === j ? 1 : 0)),
      field,
    );
    const site = field.findIndex((value) => value !== 0);
    const steps = [Math.floor(site / SIDE), site % SIDE].map((a) => Math.min(a, SIDE - 1 - a));
    const key = steps.toSorted((a, b) => a - b).join();
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  });
  const sizes = new Float64Array(ids.size);
  for (const orbit of orbits) sizes[orbit] = (sizes[orbit] ?? 0) + 1;
  return { orbits, sizes };
}

/**
 * Weights that make q(z) ≥ max_s Z(s), with a small m.
 *
 * @param factors lower Cholesky factors of the covariance's blocks.
 */
export function boundingEllipsoid(factors: Blocks): Ellipsoid {
  const shares = sizes.map((size) => size / POINTS);
  const weights = new Float64Array(POINTS);
  const g = new Float64Array(sizes.length);
  for (let round = 0; ; round++) {
    weigh(factors, shares, weights);
    bound(factors, weights, g);
    if (round === ROUNDS) break;
    const mean = g.reduce((sum, value, o) => sum + value * (shares[o] ?? 0), 0);
    for (const [o, value] of g.entries()) shares[o] = ((shares[o] ?? 0) * value) / mean;
  }
  const largest = g.reduce((a, b) => Math.max(a, b));
  let meanSquare = 0;
  for (let j = 0; j < POINTS; j++) {
    const weight = (weights[j] ?? 0) * largest;
    weights[j] = weight;
    meanSquare += weight;
  }
  return { weights, meanSquare };
}

/** d_j² = √c_j, c_j = Σ_s p_s A_sj². */
function weigh(factors: Blocks, shares: Float64Array, weights: Float64Array): void {
  for (const { block, size, starts } of BLOCKS) {
    const l = factors[block];
    const first = starts[0] ?? 0;
    const sums = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const orbit = orbits[first + i] ?? 0;
      const share = (shares[orbit] ?? 0) / (sizes[orbit] ?? 1);
      for (let j = 0; j <= i; j++) sums[j] = (sums[j] ?? 0) + share * (l[i * size + j] ?? 0) ** 2;
    }
    for (const start of starts) weights.set(sums.map(Math.sqrt), start);
  }
}

/** g_s = Σ_j A_sj² / d_j², by orbit. */
function bound(factors: Blocks, weights: Float64Array, g: Float64Array): void {
  g.fill(0);
  for (const { block, size, starts } of BLOCKS) {
    const l = factors[block];
    const first = starts[0] ?? 0;
    const inverse = weights.subarray(first, first + size).map((weight) => 1 / weight);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += (l[i * size + j] ?? 0) ** 2 * (inverse[j] ?? 0);
      const orbit = orbits[first + i] ?? 0;
      g[orbit] = (g[orbit] ?? 0) + (sum * starts.length) / (sizes[orbit] ?? 1);
    }
  }
}
