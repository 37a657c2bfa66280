/**
 * Whether the data tell more than an estimate knows: its residuals are learned from the data on half of the data sets, by ridge regression, and what was learned is tried on the other half,
 *
 *     T = Σ f(Z_i) r_i / √ Σ f(Z_i)² r_i²,
 *
 * which is standard normal, about, where E(r | Z) = 0, however poor the regression. Of estimates that use less of the data than there is in them f and r go together, and T is large.
 *
 * Reference: Bierens (1982), "Consistent model specification tests", on conditional moments; the features are those of `ridge-scores.ts`.
 */
import { normalCdf } from "../math/index.js";
import type { Stream } from "../random/index.js";
import { featuresOf, tellingColumns } from "./ridge-scores.js";
import { dot, ridgeSolver } from "./ridge-solver.js";

/** Numbers of a data set. */
export interface Rows {
  /** [n, k] */
  readonly data: Float64Array;
  readonly k: number;
}

/**
 * One-sided p-value of the hypothesis that residuals average to zero whatever the data.
 *
 * @param residuals [n]
 */
export function learnedResiduals(
  residuals: Float64Array,
  { data, k }: Rows,
  random: Stream,
): number {
  const n = residuals.length;
  const half = Math.floor(n / 2);
  const first = data.subarray(0, half * k);
  const columns = tellingColumns(residuals.slice(0, half), first, 1, k);
  const q = columns.length;
  const chosen = columnsOf({ data, k }, columns);
  const seen = chosen.subarray(0, half * q);
  const none = new Float64Array(0);
  const features = featuresOf({ truth: seen, draw: seen, data: none, p: q, k: 0 }, random);
  const { size } = features;
  const rows = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(size);
    features.write(row, chosen, i * q, none, 0);
    return row;
  });
  const weights = ridge(rows.slice(0, half), residuals.subarray(0, half), size);
  let [sum, squares] = [0, 0];
  for (let i = half; i < n; i++) {
    const product = dot(weights, rows[i] ?? none) * (residuals[i] ?? 0);
    sum += product;
    squares += product ** 2;
  }
  return squares > 0 ? normalCdf(-sum / Math.sqrt(squares)) : 1;
}

/** (Φᵀ Φ + λ I)⁻¹ Φᵀ r. */
function ridge(rows: readonly Float64Array[], r: Float64Array, size: number): Float64Array {
  const gram = new Float64Array(size * size);
  const sum = new Float64Array(size);
  for (const [i, row] of rows.entries()) {
    for (let a = 0; a < size; a++) {
      const own = row[a] ?? 0;
      sum[a] = (sum[a] ?? 0) + own * (r[i] ?? 0);
      for (let b = 0; b <= a; b++) {
        gram[a * size + b] = (gram[a * size + b] ?? 0) + own * (row[b] ?? 0);
      }
    }
  }
  return ridgeSolver(gram, size)(sum);
}

/** Columns of [n, k], with means in the place of what lacks. */
function columnsOf({ data, k }: Rows, columns: readonly number[]): Float64Array {
  const q = columns.length;
  const n = data.length / k;
  const chosen = new Float64Array(n * q);
  for (const [at, column] of columns.entries()) {
    const own = Float64Array.from({ length: n }, (_, i) => data[i * k + column] ?? Number.NaN);
    const known = own.filter(Number.isFinite);
    const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length);
    for (const [i, x] of own.entries()) chosen[i * q + at] = Number.isFinite(x) ? x : mean;
  }
  return chosen;
}
