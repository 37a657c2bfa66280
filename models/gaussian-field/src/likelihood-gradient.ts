/**
 * The exact log-likelihood with its derivative in the range, on the host.
 *
 *   ∂/∂θ log N(z; 0, Σ) = ½ (αᵀ Σ' α - tr(Σ⁻¹ Σ')),   α = Σ⁻¹ z,   Σ'_ij = exp(-d/θ) d/θ²
 *
 * in the blocks of symmetry.ts, of which each takes its inverse: three times the arithmetic of the value alone.
 */
import { logDeterminant } from "./cholesky.js";
import {
  covarianceTable,
  distances,
  factorField,
  fieldCoefficients,
  type FieldFactor,
} from "./field.js";
import {
  BLOCKS,
  MIXED,
  POINTS,
  covarianceBlocks,
  emptyBlocks,
  type BlockPlace,
  type Blocks,
} from "./symmetry.js";

/** A log-likelihood and its derivative in θ. */
export interface LikelihoodSlope {
  readonly value: number;
  readonly derivative: number;
}

interface Memory {
  readonly factor: Blocks;
  readonly derivative: Blocks;
  readonly table: Float64Array;
  /** Transposed inverse of a factor: row i is column i of L⁻¹. */
  readonly inverse: Float64Array;
  readonly solutions: Float64Array;
  readonly whitened: Float64Array;
}

// One call's memory, used again by the next: it is finished with before a call returns.
let memory: Memory | undefined;

/**
 * log N(z; 0, Σ(θ)) and its derivative in θ.
 *
 * @param range θ > 0, in units of the grid's side.
 * @param field z, 256 values, row-major.
 * @throws InvalidArgumentError where the range is negative, or the field does not have 256 values.
 * @example
 * const { value, derivative } = logLikelihoodSlope(0.2, z);
 */
export function logLikelihoodSlope(range: number, field: ArrayLike<number>): LikelihoodSlope {
  memory ??= {
    factor: emptyBlocks(),
    derivative: emptyBlocks(),
    table: new Float64Array(POINTS),
    inverse: new Float64Array(MIXED * MIXED),
    solutions: new Float64Array(2 * MIXED),
    whitened: new Float64Array(MIXED),
  };
  const coefficients = fieldCoefficients(field);
  const factor = factorField(range, memory.factor);
  covarianceTable(range, memory.table);
  for (let lag = 0; lag < POINTS; lag++) {
    // d/θ² · exp(-d/θ) underflows to 0 · ∞ at a tiny θ, where nothing changes any more.
    const slope = ((memory.table[lag] ?? 0) * (distances[lag] ?? 0)) / range ** 2;
    memory.table[lag] = slope > 0 && slope < Infinity ? slope : 0;
  }
  covarianceBlocks(memory.table, memory.derivative);
  let [squared, logDet, derivative] = [0, 0, 0];
  for (const place of BLOCKS) {
    const part = blockSlope(factor, memory.derivative, place, coefficients, memory);
    squared += part.squared;
    derivative += part.derivative;
    logDet += 2 * place.starts.length * logDeterminant(factor.blocks[place.block], place.size);
  }
  return { value: -0.5 * (squared + logDet + POINTS * Math.log(2 * Math.PI)), derivative };
}

function blockSlope(
  { blocks }: FieldFactor,
  derivatives: Blocks,
  { block, size: n, starts }: BlockPlace,
  coefficients: Float64Array,
  { inverse, solutions, whitened }: Memory,
): { readonly squared: number; readonly derivative: number } {
  const slopes = derivatives[block];
  invertTransposed(blocks[block], n, inverse);
  let squared = 0;
  for (const [which, start] of starts.entries()) {
    squared += solve(inverse, n, coefficients, start, whitened, solutions, which * n);
  }
  let twice = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      // (Σ⁻¹)_ij = Σ_k M_ki M_kj, from k = i on since M is lower triangular.
      let entry = 0;
      for (let k = i; k < n; k++) entry += (inverse[i * n + k] ?? 0) * (inverse[j * n + k] ?? 0);
      let weight = -starts.length * entry;
      for (let at = 0; at < starts.length * n; at += n) {
        weight += (solutions[at + i] ?? 0) * (solutions[at + j] ?? 0);
      }
      twice += (i === j ? 1 : 2) * weight * (slopes[i * n + j] ?? 0);
    }
  }
  return { squared, derivative: twice / 2 };
}

/** Columns of M = L⁻¹ as rows, from the diagonal on. */
function invertTransposed(l: Float64Array, n: number, inverse: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    inverse[row + i] = 1 / (l[row + i] ?? 0);
    for (let k = i + 1; k < n; k++) {
      let sum = 0;
      for (let m = i; m < k; m++) sum += (l[k * n + m] ?? 0) * (inverse[row + m] ?? 0);
      inverse[row + k] = -sum / (l[k * n + k] ?? 0);
    }
  }
}

/** y = M x, written to `whitened`, and α = Mᵀ y; returns |y|². */
function solve(
  inverse: Float64Array,
  n: number,
  x: Float64Array,
  start: number,
  whitened: Float64Array,
  solutions: Float64Array,
  at: number,
): number {
  whitened.fill(0, 0, n);
  for (let i = 0; i < n; i++) {
    const value = x[start + i] ?? 0;
    for (let k = i; k < n; k++) {
      whitened[k] = (whitened[k] ?? 0) + (inverse[i * n + k] ?? 0) * value;
    }
  }
  let squared = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = i; k < n; k++) sum += (inverse[i * n + k] ?? 0) * (whitened[k] ?? 0);
    solutions[at + i] = sum;
    squared += (whitened[i] ?? 0) ** 2;
  }
  return squared;
}
