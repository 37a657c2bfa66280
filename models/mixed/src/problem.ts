/**
 * A linear mixed model in units of its own, and as few numbers as its likelihood needs.
 *
 *     y_j = X_j β + Z_j b_j + ε_j,      b_j ~ N(0, Σ),      ε_j ~ N(0, σ² I),      β ~ N(m, S),      groups j = 1 ... J
 *
 * The likelihood sees a group by the products of its columns [Z_j, X_j, y_j] alone. Columns are divided by their root mean square, y is taken less a fit by X and divided by what that leaves, so that all
 * variances are about one whatever the units are. The shift and the scales are exact: they move β, its prior, σ and Σ along.
 */
import { InvalidArgumentError } from "amortis";
import { backward, factorize, forward } from "./symmetric.js";

/** What is observed: columns with a row an observation. */
export interface Observations {
  /** [n] */
  readonly response: ArrayLike<number>;
  /** Columns of X, each [n]. */
  readonly fixed: readonly ArrayLike<number>[];
  /** Columns of Z, each [n]. */
  readonly random: readonly ArrayLike<number>[];
  /** The group of each observation, from 0: [n]. */
  readonly group: ArrayLike<number>;
  /** How many groups there are. */
  readonly groups: number;
}

/** The normal prior of fixed effects, independent: one number a column of X. */
export interface FixedPrior {
  readonly mean: ArrayLike<number>;
  readonly sd: ArrayLike<number>;
}

/** The model in units of its own. */
export interface Problem {
  readonly n: number;
  readonly groups: number;
  /** Columns of X. */
  readonly p: number;
  /** Columns of Z. */
  readonly q: number;
  /** Products of [Z_j, X_j, y_j] of each group, in these units: [groups, m, m], m = q + p + 1. */
  readonly products: Float64Array;
  /** Observations of each group. */
  readonly counts: Float64Array;
  /** Of β in these units. */
  readonly priorMean: Float64Array;
  readonly priorPrecision: Float64Array;
  /** What y was divided by. */
  readonly scale: number;
  /** What columns of X and of Z were divided by. */
  readonly fixedScale: Float64Array;
  readonly randomScale: Float64Array;
  /** The fit that was taken off y, in units of the data: β = shift + scale β* / fixedScale. */
  readonly shift: Float64Array;
}

/**
 * @param least of what y is divided by: where σ is known, that.
 * @throws InvalidArgumentError where columns have other lengths than y, a value is not finite, a column is zero, or X leaves nothing of y and there is no such number.
 */
export function problemOf(observations: Observations, prior: FixedPrior, least = 0): Problem {
  const { response, fixed, random, group, groups } = observations;
  const n = response.length;
  const [p, q] = [fixed.length, random.length];
  const fixedScale = Float64Array.from(fixed, (column, k) =>
    rootMeanSquare(column, n, `column ${k} of the fixed effects`),
  );
  const randomScale = Float64Array.from(random, (column, k) =>
    rootMeanSquare(column, n, `column ${k} of the random effects`),
  );
  const first = Math.max(spread(response), least, Number.MIN_VALUE);
  // The fit by X with the prior of β, whose weight against the data is known once it is known what is left: twice is near enough, for any fit is exact.
  let shift = ridgeFit(observations, prior, first);
  let left = Math.max(remainder(observations, shift), least);
  shift = ridgeFit(observations, prior, Math.max(left, first * 1e-9));
  left = Math.max(remainder(observations, shift), least);
  if (!(left > first * 1e-9)) {
    throw new InvalidArgumentError(
      "the fixed effects fit the response exactly: there is no variance left to be told apart",
    );
  }
  const m = q + p + 1;
  const products = new Float64Array(groups * m * m);
  const counts = new Float64Array(groups);
  const row = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    const j = group[i] ?? 0;
    let fit = 0;
    for (let k = 0; k < q; k++) row[k] = (random[k]?.[i] ?? 0) / (randomScale[k] ?? 1);
    for (let k = 0; k < p; k++) {
      const x = fixed[k]?.[i] ?? 0;
      fit += x * (shift[k] ?? 0);
      row[q + k] = x / (fixedScale[k] ?? 1);
    }
    row[m - 1] = ((response[i] ?? 0) - fit) / left;
    const at = j * m * m;
    for (let a = 0; a < m; a++) {
      for (let b = 0; b < m; b++) {
        products[at + a * m + b] = (products[at + a * m + b] ?? 0) + (row[a] ?? 0) * (row[b] ?? 0);
      }
    }
    counts[j] = (counts[j] ?? 0) + 1;
  }
  return {
    n,
    groups,
    p,
    q,
    products,
    counts,
    priorMean: Float64Array.from(
      fixed,
      (_, k) => (((prior.mean[k] ?? 0) - (shift[k] ?? 0)) * (fixedScale[k] ?? 1)) / left,
    ),
    priorPrecision: Float64Array.from(
      fixed,
      (_, k) => (left / ((prior.sd[k] ?? 1) * (fixedScale[k] ?? 1))) ** 2,
    ),
    scale: left,
    fixedScale,
    randomScale,
    shift,
  };
}

function rootMeanSquare(column: ArrayLike<number>, n: number, what: string): number {
  if (column.length !== n) {
    throw new InvalidArgumentError(
      `${what} has ${column.length} values, but the response has ${n}`,
    );
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (column[i] ?? 0) ** 2;
  const value = Math.sqrt(sum / n);
  if (value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError(`${what} is ${value === 0 ? "zero everywhere" : "not finite"}`);
}

/** Root mean square of y about its mean. */
function spread(y: ArrayLike<number>): number {
  let [mean, squares] = [0, 0];
  for (let i = 0; i < y.length; i++) mean += (y[i] ?? 0) / y.length;
  for (let i = 0; i < y.length; i++) squares += ((y[i] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / y.length);
}

/** Root mean square of y - X β. */
function remainder({ response, fixed }: Observations, beta: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < response.length; i++) {
    let value = response[i] ?? 0;
    for (const [k, column] of fixed.entries()) value -= (column[i] ?? 0) * (beta[k] ?? 0);
    sum += value * value;
  }
  return Math.sqrt(sum / response.length);
}

/** The mean of β given y, were there no random effects and a residual standard deviation of `sigma`. */
function ridgeFit(
  { response, fixed }: Observations,
  { mean, sd }: FixedPrior,
  sigma: number,
): Float64Array {
  const p = fixed.length;
  const gram = new Float64Array(p * p);
  const beta = new Float64Array(p);
  // In units of each column's prior, so that columns of any size go together.
  for (let a = 0; a < p; a++) {
    const unitA = (sd[a] ?? 1) / sigma;
    for (let i = 0; i < response.length; i++) {
      let value = response[i] ?? 0;
      for (let b = 0; b < p; b++) value -= (fixed[b]?.[i] ?? 0) * (mean[b] ?? 0);
      const x = (fixed[a]?.[i] ?? 0) * unitA;
      beta[a] = (beta[a] ?? 0) + (x * value) / sigma;
      for (let b = 0; b <= a; b++) {
        gram[a * p + b] =
          (gram[a * p + b] ?? 0) + (x * (fixed[b]?.[i] ?? 0) * (sd[b] ?? 1)) / sigma;
      }
    }
    gram[a * p + a] = (gram[a * p + a] ?? 0) + 1;
  }
  if (Number.isNaN(factorize(gram, p))) {
    throw new InvalidArgumentError(
      "a value of the data is not finite: leave out rows with missing values",
    );
  }
  forward(gram, beta, p, 1);
  backward(gram, beta, p, 1);
  return beta.map((value, k) => (mean[k] ?? 0) + value * (sd[k] ?? 1));
}
