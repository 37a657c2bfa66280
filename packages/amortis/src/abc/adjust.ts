/**
 * Regression adjustment: accepted parameters as they would be had their summaries been those observed.
 *
 *     u_i = α + βᵀ(S_i - S_obs) + ε_i   by least squares with weights K(d_i / d_max),      K(t) = 1 - t²,
 *     u_i* = u_i - βᵀ(S_i - S_obs),                                                        local linear
 *     u_i* = α + σ(S_obs) / σ(S_i) · ε_i,   log ε_i² = log σ²(S_i) = a + bᵀ(S_i - S_obs) + noise,   heteroscedastic
 *
 * in the unconstrained space of the parameters, so that none leaves its support.
 *
 * References: Beaumont, Zhang & Balding 2002, "Approximate Bayesian computation in population genetics", Genetics 162, 2025; Blum & François 2010, "Non-linear regression models for
 * approximate Bayesian computation", Statistics and Computing 20, 63, for the second.
 */
import { choleskyFactor, solveLower } from "../math/index.js";

/** How accepted parameters are adjusted. */
export type Adjustment = "heteroscedastic" | "linear" | "none";

/** Parameters as they were adjusted. */
export interface Adjusted {
  /** [rows, k]. */
  readonly values: Float64Array;
  /** Share of the weighted variance of each parameter that the regression explains, [k]. */
  readonly explained: Float64Array;
}

/** Rows that weights must be worth for each coefficient of the regression. */
const FOR_EACH = 3;

/** Share of the diagonal that is added to it: summaries that say the same leave the regression undetermined. */
const RIDGE = 1e-8;

/** Epanechnikov's kernel of distances, with sum one; all alike where the farthest is at distance zero. */
export function kernelWeights(distance: Float64Array): Float64Array {
  // Beyond the last: a kernel that ends there leaves it no weight.
  const most = (distance.at(-1) ?? 0) * (1 + 1e-6);
  const raw = distance.map((d) => (most > 0 ? 1 - (d / most) ** 2 : 1));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((w) => w / sum);
}

/** Of how many equal weights some are worth. */
export function effectiveOf(weights: Float64Array): number {
  return 1 / weights.reduce((sum, w) => sum + w * w, 0);
}

/**
 * Adjusts rows; undefined where there are too few for the numbers of the summary, or the regression has no solution.
 *
 * @param values u, [rows, k].
 * @param offsets S - S_obs, [rows, s].
 * @param weights with sum one.
 */
export function adjusted(
  values: Float64Array,
  offsets: Float64Array,
  weights: Float64Array,
  kind: Exclude<Adjustment, "none">,
): Adjusted | undefined {
  const rows = weights.length;
  const [k, s] = [values.length / rows, offsets.length / rows];
  if (effectiveOf(weights) < FOR_EACH * (s + 1)) return undefined;
  const fit = regressionOn(offsets, weights);
  if (fit === undefined) return undefined;
  // Residuals of a fit are smaller than what they are residuals of, by the degrees of freedom that it took.
  const effective = effectiveOf(weights);
  const stretch = Math.sqrt(effective / (effective - s - 1));
  const result = { values: new Float64Array(values.length), explained: new Float64Array(k) };
  for (let j = 0; j < k; j++) {
    const column = Float64Array.from({ length: rows }, (_, i) => values[i * k + j] ?? NaN);
    const { intercept, fitted } = fit(column);
    const residual = column.map((u, i) => u - (fitted[i] ?? NaN));
    result.explained[j] = 1 - variance(residual, weights) / variance(column, weights);
    const factor = kind === "linear" ? undefined : scalesOf(residual, fit);
    for (let i = 0; i < rows; i++) {
      result.values[i * k + j] = intercept + stretch * (residual[i] ?? NaN) * (factor?.[i] ?? 1);
    }
  }
  return result.values.every(Number.isFinite) ? result : undefined;
}

/**
 * How far the summary that was observed lies beyond those accepted, in standard deviations of these, by the number of it that lies farthest: within them, or at the edge of what can be, it is below 3.
 */
export function beyondOf(offsets: Float64Array, weights: Float64Array): number {
  const s = offsets.length / weights.length;
  let most = 0;
  for (let j = 0; j < s; j++) {
    const column = Float64Array.from(weights, (_, i) => offsets[i * s + j] ?? NaN);
    const mean = column.reduce((sum, off, i) => sum + (weights[i] ?? 0) * off, 0);
    const spread = Math.sqrt(variance(column, weights));
    if (spread > 0) most = Math.max(most, Math.abs(mean) / spread);
  }
  return most;
}

/** What a regression says of a column. */
interface Fit {
  /** At the summary that was observed. */
  readonly intercept: number;
  /** [rows]. */
  readonly fitted: Float64Array;
}

/** σ(S_obs) / σ(S_i), [rows]. */
function scalesOf(residual: Float64Array, fit: (column: Float64Array) => Fit): Float64Array {
  // A residual that is zero to the last digit has a logarithm that would bend the whole fit.
  const mean = Math.sqrt(residual.reduce((sum, e) => sum + e * e, 0) / residual.length);
  const least = Number.EPSILON + 1e-6 * mean;
  const { intercept, fitted } = fit(
    residual.map((e) => 2 * Math.log(Math.max(Math.abs(e), least))),
  );
  return fitted.map((log) => Math.exp((intercept - log) / 2));
}

/** Weighted least squares on the same numbers for any column; undefined where they do not determine it. */
function regressionOn(
  offsets: Float64Array,
  weights: Float64Array,
): ((column: Float64Array) => Fit) | undefined {
  const s = offsets.length / weights.length;
  const d = s + 1;
  /** Entry j of row i of the design, whose first column is one. */
  const entry = (i: number, j: number): number => (j === 0 ? 1 : (offsets[i * s + j - 1] ?? NaN));
  const gram = new Float64Array(d * d);
  for (const [i, w] of weights.entries())
    for (let a = 0; a < d; a++)
      for (let b = 0; b <= a; b++) {
        gram[a * d + b] = (gram[a * d + b] ?? 0) + w * entry(i, a) * entry(i, b);
      }
  for (let a = 1; a < d; a++) {
    const at = a * (d + 1);
    // A number that does not vary has no slope.
    gram[at] = (gram[at] ?? 0) * (1 + RIDGE) || 1;
  }
  const factor = choleskyFactor(gram, d);
  if (factor === undefined) return undefined;
  return (column) => {
    const right = new Float64Array(d);
    for (const [i, w] of weights.entries())
      for (let a = 0; a < d; a++) right[a] = (right[a] ?? 0) + w * entry(i, a) * (column[i] ?? NaN);
    const coefficients = solveUpper(factor, solveLower(factor, right));
    const fitted = column.map((_, i) => {
      let sum = 0;
      for (let a = 0; a < d; a++) sum += (coefficients[a] ?? NaN) * entry(i, a);
      return sum;
    });
    return { intercept: coefficients[0] ?? NaN, fitted };
  };
}

/** x with Lᵀ x = b. */
function solveUpper(factor: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  const x = new Float64Array(d);
  for (let i = d - 1; i >= 0; i--) {
    let value = b[i] ?? NaN;
    for (let j = i + 1; j < d; j++) value -= (factor[j * d + i] ?? NaN) * (x[j] ?? NaN);
    x[i] = value / (factor[i * d + i] ?? NaN);
  }
  return x;
}

/** Weighted variance of a column, with weights of sum one. */
function variance(column: Float64Array, weights: Float64Array): number {
  const mean = column.reduce((sum, u, i) => sum + (weights[i] ?? 0) * u, 0);
  return column.reduce((sum, u, i) => sum + (weights[i] ?? 0) * (u - mean) ** 2, 0);
}
