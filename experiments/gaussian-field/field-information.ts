/**
 * The Fisher information of the Gaussian field itself about its range.
 */
import { covarianceTable } from "../../models/gaussian-field/src/field.js";
import {
  choleskyFactor,
  invertLower,
  solveLower,
} from "../../packages/amortis/src/math/cholesky.js";

const SIDE = 16;
const POINTS = SIDE * SIDE;

/** Σ(θ), [256, 256]. */
function covariance(range: number): Float64Array {
  const table = covarianceTable(range);
  return Float64Array.from({ length: POINTS * POINTS }, (_, at) => {
    const [a, b] = [Math.floor(at / POINTS), at % POINTS];
    const rows = Math.abs(Math.floor(a / SIDE) - Math.floor(b / SIDE));
    return table[rows * SIDE + Math.abs((a % SIDE) - (b % SIDE))] ?? Number.NaN;
  });
}

/** F(θ) = ½ tr (Σ⁻¹ ∂Σ)² = ½ |L⁻¹ ∂Σ L⁻ᵀ|², with the derivative by central differences. */
export function fieldInformation(range: number): number {
  const step = 1e-4 * range;
  const [above, below] = [covariance(range + step), covariance(range - step)];
  const slope = above.map((value, at) => (value - (below[at] ?? 0)) / (2 * step));
  const factor = choleskyFactor(covariance(range), POINTS);
  if (factor === undefined) throw new Error(`the covariance at ${range} is not positive definite`);
  const inverse = invertLower(factor, POINTS);
  // Rows of L⁻¹ ∂Σ, as solutions by the columns of the symmetric ∂Σ; then those of the whole.
  const half = Array.from({ length: POINTS }, (_, j) =>
    solveLower(factor, slope.subarray(j * POINTS, (j + 1) * POINTS)),
  );
  let total = 0;
  for (let i = 0; i < POINTS; i++) {
    for (let j = 0; j < POINTS; j++) {
      let entry = 0;
      for (let k = 0; k <= j; k++) entry += (half[k]?.[i] ?? 0) * (inverse[j * POINTS + k] ?? 0);
      total += entry * entry;
    }
  }
  return total / 2;
}
