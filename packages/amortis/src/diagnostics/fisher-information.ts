/**
 * The Fisher information of summary statistics, from simulations around a place.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { choleskyFactor, invertLower, solveLower } from "../math/cholesky.js";

/**
 * What summaries say of the parameters near one place, were they normal there with a covariance that does not change: F = B C⁻¹ Bᵀ, with B the least-squares slope
 * of the summaries in the parameters and C the covariance of what it leaves. Its inverse is the covariance of the best unbiased estimate from one data set; no summary has more
 * than the data have.
 *
 * The slope's noise adds about k / (n var θ) to it: of n simulations that lie too near to each other it is too large.
 *
 * @param summaries [n, k], learned or an expert's, of simulations around that place.
 * @param parameters [n, p], in their own units.
 * @param simulations n.
 * @returns [p, p], row-major, in 1 / (units of the parameters)².
 * @throws InvalidArgumentError where their numbers do not fit, there are too few, or they are collinear.
 * @example
 * const { data, parameters } = await simulate(withPriors(field, { range: uniform(0.25, 0.35) }), { simulations: 5_000, seed: 2 });
 * fisherInformation(await learned.summarize(data), parameters, 5_000);   // [1, 1] of one parameter
 */
export function fisherInformation(
  summaries: ArrayLike<number>,
  parameters: ArrayLike<number>,
  simulations: number,
): Float64Array {
  const n = simulations;
  const [k, p] = [summaries.length / n, parameters.length / n];
  if (!Number.isInteger(k) || !Number.isInteger(p) || k < 1 || p < 1) {
    throw new InvalidArgumentError(
      `fisherInformation: summaries and parameters must have whole rows for ${n} simulations, but have ${summaries.length} and ${parameters.length} numbers`,
    );
  }
  const left = n - p - 1;
  if (left <= k) {
    throw new InvalidArgumentError(
      `fisherInformation: ${k} summaries of ${p} parameters need more than ${k + p + 1} simulations, but there are ${n}`,
    );
  }
  const [t, s] = [centred(parameters, p), centred(summaries, k)];
  const ofParameters = factorOf(products(t, t, p, p), p, "parameters");
  // B [p, k] with (tᵀ t) B = tᵀ s: by L, then by Lᵀ as a product with its inverse.
  const cross = products(t, s, p, k);
  const inverse = invertLower(ofParameters, p);
  const slope = new Float64Array(p * k);
  for (let j = 0; j < k; j++) {
    const half = solveLower(ofParameters, column(cross, j, k, p));
    for (let i = 0; i < p; i++) {
      let value = 0;
      for (let l = i; l < p; l++) value += (inverse[l * p + i] ?? 0) * (half[l] ?? 0);
      slope[i * k + j] = value;
    }
  }
  const covariance = products(s, s, k, k).map((whole, at) => {
    const [a, b] = [Math.floor(at / k), at % k];
    let explained = 0;
    for (let i = 0; i < p; i++) explained += (slope[i * k + a] ?? 0) * (cross[i * k + b] ?? 0);
    return (whole - explained) / left;
  });
  const ofSummaries = factorOf(covariance, k, "summaries, given the parameters,");
  const scaled = Array.from({ length: p }, (_, i) =>
    solveLower(ofSummaries, slope.subarray(i * k, (i + 1) * k)),
  );
  return Float64Array.from({ length: p * p }, (_, at) => {
    const [a, b] = [scaled[Math.floor(at / p)], scaled[at % p]];
    return a?.reduce((total, value, j) => total + value * (b?.[j] ?? 0), 0) ?? Number.NaN;
  });
}

/** Rows [n, d] less their means. */
function centred(rows: ArrayLike<number>, d: number): Float64Array {
  const n = rows.length / d;
  const means = new Float64Array(d);
  for (let at = 0; at < rows.length; at++) {
    means[at % d] = (means[at % d] ?? 0) + (rows[at] ?? Number.NaN) / n;
  }
  return Float64Array.from(
    { length: rows.length },
    (_, at) => (rows[at] ?? 0) - (means[at % d] ?? 0),
  );
}

/** aᵀ b, [p, k], of rows [n, p] and [n, k]. */
function products(a: Float64Array, b: Float64Array, p: number, k: number): Float64Array {
  const result = new Float64Array(p * k);
  for (let row = 0; row < a.length / p; row++) {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < k; j++) {
        const at = i * k + j;
        result[at] = (result[at] ?? 0) + (a[row * p + i] ?? 0) * (b[row * k + j] ?? 0);
      }
    }
  }
  return result;
}

function column(matrix: Float64Array, j: number, k: number, p: number): Float64Array {
  return Float64Array.from({ length: p }, (_, i) => matrix[i * k + j] ?? 0);
}

function factorOf(matrix: Float64Array, d: number, what: string): Float64Array {
  const factor = choleskyFactor(matrix, d);
  if (factor !== undefined) return factor;
  throw new InvalidArgumentError(
    `fisherInformation: the ${what} do not vary in ${d} directions: leave out what others determine`,
  );
}
