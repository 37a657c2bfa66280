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
    // Rows of four columns: sizes are multiples of four, and above the diagonal the factor's lower triangle has no slope.
    for (let j = 0; j <= i; j += 4) {
      precisionRow(inverse, n, i, j, entries);
      for (let c = 0; c < 4 && j + c <= i; c++) {
        let weight = -starts.length * (entries[c] ?? 0);
        for (let at = 0; at < starts.length * n; at += n) {
          weight += (solutions[at + i] ?? 0) * (solutions[at + j + c] ?? 0);
        }
        twice += (i === j + c ? 1 : 2) * weight * (slopes[i * n + j + c] ?? 0);
      }
    }
  }
  return { squared, derivative: twice / 2 };
}

const entries = new Float64Array(4);

/** (Σ⁻¹)_ij = Σ_k M_ki M_kj for j, ..., j + 3, from k = i on since M is lower triangular. */
function precisionRow(
  inverse: Float64Array,
  n: number,
  i: number,
  j: number,
  into: Float64Array,
): void {
  const [own, r0] = [i * n, j * n];
  const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = i; k < n; k++) {
    const x = inverse[own + k] ?? 0;
    s0 += x * (inverse[r0 + k] ?? 0);
    s1 += x * (inverse[r1 + k] ?? 0);
    s2 += x * (inverse[r2 + k] ?? 0);
    s3 += x * (inverse[r3 + k] ?? 0);
  }
  into[0] = s0;
  into[1] = s1;
  into[2] = s2;
  into[3] = s3;
}

/** Columns of M = L⁻¹ as rows, from the diagonal on, four at a time: by substitution, of which they share the factor's row. */
function invertTransposed(l: Float64Array, n: number, inverse: Float64Array): void {
  for (let i = 0; i < n; i += 4) {
    const r0 = i * n;
    const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
    for (let k = i; k < n; k++) {
      // Minus the identity: entries before a column's own are zero and stay so.
      let s0 = k === i ? -1 : 0;
      let s1 = k === i + 1 ? -1 : 0;
      let s2 = k === i + 2 ? -1 : 0;
      let s3 = k === i + 3 ? -1 : 0;
      for (let m = i; m < k; m++) {
        const x = l[k * n + m] ?? 0;
        s0 += x * (inverse[r0 + m] ?? 0);
        s1 += x * (inverse[r1 + m] ?? 0);
        s2 += x * (inverse[r2 + m] ?? 0);
        s3 += x * (inverse[r3 + m] ?? 0);
      }
      const scale = -1 / (l[k * n + k] ?? 0);
      inverse[r0 + k] = s0 * scale;
      inverse[r1 + k] = s1 * scale;
      inverse[r2 + k] = s2 * scale;
      inverse[r3 + k] = s3 * scale;
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
