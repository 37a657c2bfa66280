/**
 * Priors of variances, in units of a problem, and of correlations.
 */
import type { ScalarDistribution } from "amortis";
import { logGamma } from "amortis/extend";

/** Priors of a linear mixed model's variances, in units of the data. */
export interface VariancePriors {
  /** Of the residual standard deviation. */
  readonly sigma: ScalarDistribution;
  /** Of the standard deviation of each random effect. */
  readonly sd: readonly ScalarDistribution[];
  /** Shape η of the LKJ prior of their correlations, p(R) ∝ |R|^(η - 1); 1 is flat. */
  readonly lkj: number;
  /** Whether random effects correlate. */
  readonly correlated: boolean;
}

/** 90 % quantiles of the priors of σ and of each standard deviation, in units: what standard deviations of the problem are to be multiplied by. */
export function limitsOf({ sigma, sd }: VariancePriors, units: ArrayLike<number>): Float64Array {
  return Float64Array.from([sigma, ...sd], (prior, k) => prior.quantile(0.9) / (units[k] ?? 1));
}

/**
 * log-density of a partial correlation under LKJ(η): (1 + r) / 2 ~ beta(b, b), b = η + (d - 1 - level) / 2 at level 1 ... d - 1 of the vine, and all are independent
 * (Lewandowski, Kurowicka & Joe 2009).
 */
export function logPartialDensity(r: number, eta: number, d: number, level: number): number {
  const b = eta + (d - 1 - level) / 2;
  return (
    (b - 1) * Math.log1p(-r * r) - (2 * b - 1) * Math.LN2 - (2 * logGamma(b) - logGamma(2 * b))
  );
}

/** Partial correlations of d effects: [later, earlier, level]. */
export function partials(d: number): readonly (readonly [number, number, number])[] {
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: i }, (_unused, j) => [i, j, j + 1] as const),
  ).flat();
}

/** The lower Cholesky factor of the correlation matrix of partial correlations in the order of `partials`, in place of [d, d]. */
export function correlationFactor(r: Float64Array, d: number, factor: Float64Array): void {
  factor.fill(0);
  let at = 0;
  for (let i = 0; i < d; i++) {
    let left = 1;
    for (let j = 0; j < i; j++) {
      const value = r[at++] ?? 0;
      factor[i * d + j] = value * left;
      left *= Math.sqrt(Math.max(0, 1 - value * value));
    }
    factor[i * d + i] = left;
  }
}
