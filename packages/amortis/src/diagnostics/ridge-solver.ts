/**
 * Ridge regressions of one Gram matrix, for any right-hand sides at the price of one factorisation.
 */
import { choleskyFactor, solveLower } from "../math/index.js";

/** λ, in parts of the features' mean square. */
const PENALTY = 0.02;

/**
 * Solves (G + λ I) β = b.
 *
 * @param gram Φᵀ Φ, [size, size], of which the lower half is read; overwritten.
 */
export function ridgeSolver(gram: Float64Array, size: number): (b: Float64Array) => Float64Array {
  let trace = 0;
  for (let r = 0; r < size; r++) trace += gram[r * size + r] ?? 0;
  for (let r = 0; r < size; r++) {
    gram[r * size + r] = (gram[r * size + r] ?? 0) + (PENALTY * trace) / size + Number.MIN_VALUE;
  }
  const factor = choleskyFactor(gram, size);
  if (factor === undefined) throw new TypeError("a ridge regression has a positive matrix");
  return (b) => solveUpper(factor, solveLower(factor, b));
}

/** x with Lᵀ x = b. */
function solveUpper(factor: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  const x = new Float64Array(d);
  for (let i = d - 1; i >= 0; i--) {
    let value = b[i] ?? 0;
    for (let j = i + 1; j < d; j++) value -= (factor[j * d + i] ?? 0) * (x[j] ?? 0);
    x[i] = value / (factor[i * d + i] ?? 1);
  }
  return x;
}

/** β·φ. */
export function dot(weights: Float64Array, values: Float64Array): number {
  let sum = 0;
  for (let r = 0; r < weights.length; r++) sum += (weights[r] ?? 0) * (values[r] ?? 0);
  return sum;
}
