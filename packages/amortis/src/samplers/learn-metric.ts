/**
 * Metrics from where chains were, and from the gradients there.
 *
 * Of a normal target with covariance Σ gradients are -Σ⁻¹ (q - m), with covariance Σ⁻¹ as far as positions have Σ: the metric A that makes positions and gradients alike,
 * A C_g A = C_q, is Σ whatever the positions are. By single coordinates it is √(Var q / Var g); beyond them the geometric mean of C_q and C_g⁻¹,
 * both in units of those and drawn towards the identity, as few draws tell little of correlations.
 *
 * Reference: Seyboldt, Carlson & Carpenter 2026, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence", arXiv 2603.18845.
 */
import { symmetricEigen, type Eigen } from "../math/index.js";
import { diagonalMetric, type Metric } from "./metric.js";

/** Eigenvalues nearer to one than this factor are left to the diagonal. */
const NEGLIGIBLE = 1.5;

/** Draws that the identity is worth, for each coordinate. */
const PRIOR_DRAWS = 1;

/** Covariances of positions and gradients, [k, k], of which the lower triangles are read, and of how many draws they are. */
export interface MetricMoments {
  readonly positions: Float64Array;
  readonly gradients: Float64Array;
  readonly draws: number;
}

/**
 * The metric of one data set; undefined where chains have not moved.
 *
 * @param rank of what is beside the diagonal, at most.
 */
export function learnMetric(
  { positions, gradients, draws }: MetricMoments,
  k: number,
  rank: number,
): Metric | undefined {
  const scale = Float64Array.from({ length: k }, (_, j) =>
    Math.sqrt(Math.sqrt((positions[j * (k + 1)] ?? NaN) / (gradients[j * (k + 1)] ?? NaN))),
  );
  if (!scale.every((s) => s > 0 && s < Infinity)) return undefined;
  const none = diagonalMetric(scale);
  if (rank === 0 || k === 1) return none;
  const trust = draws / (draws + PRIOR_DRAWS * k);
  const inUnits = (covariance: Float64Array, power: 1 | -1): Float64Array =>
    Float64Array.from({ length: k * k }, (_, at) => {
      const [i, j] = [Math.floor(at / k), at % k];
      const value = covariance[Math.max(i, j) * k + Math.min(i, j)] ?? NaN;
      const unit = ((scale[i] ?? 1) * (scale[j] ?? 1)) ** power;
      return (trust * value) / unit + (i === j ? 1 - trust : 0);
    });
  const found = symmetricEigen(geometricMean(inUnits(positions, 1), inUnits(gradients, -1), k), k);
  if (!found.values.every((value) => value > 0 && value < Infinity)) return none;
  const far = Array.from(found.values, (value, r) => ({ r, far: Math.abs(Math.log(value)) }))
    .filter(({ far: distance }) => distance > Math.log(NEGLIGIBLE))
    .toSorted((a, b) => b.far - a.far)
    .slice(0, rank);
  const vectors = new Float64Array(far.length * k);
  for (const [place, { r }] of far.entries()) {
    vectors.set(found.vectors.subarray(r * k, (r + 1) * k), place * k);
  }
  const roots = Float64Array.from(far, ({ r }) => Math.sqrt(found.values[r] ?? 1));
  return { scale, vectors, roots };
}

/** A with A B A = C of symmetric positive definite matrices: B^-½ (B^½ C B^½)^½ B^-½. */
function geometricMean(c: Float64Array, b: Float64Array, k: number): Float64Array {
  const ofB = symmetricEigen(b, k);
  const root = powerOf(ofB, k, 0.5);
  const inverse = powerOf(ofB, k, -0.5);
  const middle = powerOf(symmetricEigen(product(product(root, c, k), root, k), k), k, 0.5);
  return product(product(inverse, middle, k), inverse, k);
}

function powerOf({ values, vectors }: Eigen, k: number, power: number): Float64Array {
  const result = new Float64Array(k * k);
  for (const [r, value] of values.entries()) {
    const scaled = value ** power;
    for (let i = 0; i < k; i++) {
      const left = scaled * (vectors[r * k + i] ?? 0);
      for (let j = 0; j < k; j++) {
        result[i * k + j] = (result[i * k + j] ?? 0) + left * (vectors[r * k + j] ?? 0);
      }
    }
  }
  return result;
}

function product(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const result = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let l = 0; l < k; l++) {
      const left = a[i * k + l] ?? 0;
      for (let j = 0; j < k; j++) {
        result[i * k + j] = (result[i * k + j] ?? 0) + left * (b[l * k + j] ?? 0);
      }
    }
  }
  return result;
}
