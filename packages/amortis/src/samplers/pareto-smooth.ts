/**
 * Pareto-smoothed importance sampling: the largest weights replaced by quantiles of a generalised Pareto distribution that is fitted to them, and its shape k, which says whether
 * weights can be trusted.
 *
 * With k < 0.5 the weights have a finite variance; up to min(1 - 1 / log10 S, 0.7), means by S weighted draws still have an error that draws diagnose and that more draws make smaller;
 * beyond it they do not, whatever their effective number says.
 *
 * References: Vehtari, Simpson, Gelman, Yao & Gabry (2024), "Pareto smoothed importance sampling", arXiv 1507.02646; Zhang & Stephens (2009) for the fit.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Smoothed weights. */
export interface ParetoSmoothed {
  /** Normalised: the sum of their exponentials is one. */
  readonly logWeights: Float64Array;
  /** Shape of the tail; Infinity where it has too few weights to say. */
  readonly k: number;
  /** Of how many equal weights they are worth, 1 / Σ w². */
  readonly effective: number;
}

/** Weights of a tail that are too few to fit. */
const TOO_FEW = 4;

/**
 * The largest shape k with which means by so many weighted draws can be trusted: min(1 - 1 / log10 S, 0.7).
 *
 * @example trustedShape(1000)   // 0.667
 */
export function trustedShape(draws: number): number {
  return Math.min(1 - 1 / Math.log10(draws), 0.7);
}

/**
 * Smooths importance weights.
 *
 * @param logWeights log of target over proposal at draws of the proposal, up to a constant; -Infinity is a weight of zero.
 * @throws InvalidArgumentError where there are none, one is NaN or Infinity, or all are -Infinity.
 * @example
 * const { logWeights, k } = paretoSmooth(logTarget.map((log, j) => log - logProposal[j]));
 * k < trustedShape(logWeights.length);
 */
export function paretoSmooth(logWeights: ArrayLike<number>): ParetoSmoothed {
  const x = Float64Array.from(logWeights);
  const most = x.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(most) || x.some((value) => Number.isNaN(value))) {
    throw new InvalidArgumentError(
      `paretoSmooth needs log weights that are numbers, or -Infinity but not all of them, but was given ${x.length === 0 ? "none" : x.some(Number.isNaN) ? "NaN" : String(most)}`,
    );
  }
  for (const [i, value] of x.entries()) x[i] = value - most;
  const k = smoothTail(x);
  const total = Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0));
  let squares = 0;
  for (const [i, value] of x.entries()) {
    x[i] = value - total;
    squares += Math.exp(2 * (value - total));
  }
  return { logWeights: x, k, effective: 1 / squares };
}

/** Smooths the tail of log weights with a maximum of zero, in place; returns its shape. */
function smoothTail(x: Float64Array): number {
  const n = x.length;
  const order = Uint32Array.from(x, (_, i) => i).toSorted((a, b) => (x[a] ?? 0) - (x[b] ?? 0));
  const size = Math.ceil(Math.min(n / 5, 3 * Math.sqrt(n)));
  const cutoff = Math.max(x[order[n - size - 1] ?? 0] ?? 0, Math.log(Number.MIN_VALUE));
  const tail = order.filter((i) => (x[i] ?? 0) > cutoff);
  if (tail.length <= TOO_FEW) return Infinity;
  const base = Math.exp(cutoff);
  const { k, sigma } = fitPareto(Float64Array.from(tail, (i) => Math.exp(x[i] ?? 0) - base));
  // Weights that are all the same have no tail to fit.
  if (!Number.isFinite(k)) return k;
  for (const [place, i] of tail.entries()) {
    const q = Math.log1p(-(place + 0.5) / tail.length);
    const above = k === 0 ? -sigma * q : (sigma * Math.expm1(-k * q)) / k;
    // No weight is larger than the largest was.
    x[i] = Math.min(0, Math.log(above + base));
  }
  return k;
}

/**
 * The generalised Pareto distribution of increasing values above zero: the mean of its profile's posterior, with the weakly informative prior of ten values with k = 1/2.
 *
 * @throws never; k is NaN where values are all the same.
 */
export function fitPareto(sorted: Float64Array): { readonly k: number; readonly sigma: number } {
  const n = sorted.length;
  const candidates = 30 + Math.floor(Math.sqrt(n));
  const quartile = sorted[Math.floor(n / 4 + 0.5) - 1] ?? NaN;
  const largest = sorted[n - 1] ?? NaN;
  const b = Float64Array.from(
    { length: candidates },
    (_, i) => (1 - Math.sqrt(candidates / (i + 0.5))) / (3 * quartile) + 1 / largest,
  );
  const shapeOf = (rate: number): number =>
    sorted.reduce((sum, x) => sum + Math.log1p(-rate * x), 0) / n;
  const profile = b.map((rate) => {
    const shape = shapeOf(rate);
    return n * (Math.log(-rate / shape) - shape - 1);
  });
  const most = profile.reduce((a, c) => Math.max(a, c), -Infinity);
  const weights = profile.map((value) => Math.exp(value - most));
  const total = weights.reduce((a, c) => a + c, 0);
  const rate = b.reduce((sum, value, i) => sum + (value * (weights[i] ?? 0)) / total, 0);
  const shape = shapeOf(rate);
  return { k: (n * shape + 5) / (n + 10), sigma: -shape / rate };
}
