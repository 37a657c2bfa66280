/**
 * Priors of a mixed model: those that are given, and what the others are.
 */
import { halfNormal, InvalidArgumentError, type ScalarDistribution } from "amortis";
import { isScalar } from "amortis/extend";
import type { Design } from "./design.js";
import type { Formula } from "./formula.js";
import type { VariancePriors } from "./priors.js";
import type { FixedPrior } from "./problem.js";

/**
 * Priors, by the names that the posterior has. What is left out has weak ones in units of the data, with s the standard deviation of the response:
 *
 * - a fixed effect: normal(0, 5 s / sd(x)); the intercept: normal(mean(y), 5 s √(1 + Σ (mean(x) / sd(x))²))
 * - a standard deviation of random effects: halfNormal(s / rms(z)), and of residuals: halfNormal(s)
 * - correlations: flat, lkj 1
 */
export interface MixedPriors {
  /** Normal: `{ Days: normal(0, 10) }`. */
  readonly fixed?: Readonly<Record<string, ScalarDistribution>>;
  /** Any prior of a positive number: `{ "(Intercept)": halfCauchy(20), Days: exponential(0.1) }`. */
  readonly sd?: Readonly<Record<string, ScalarDistribution>>;
  /** Likewise. */
  readonly sigma?: ScalarDistribution;
  /** Shape η of the LKJ prior of correlations, p(R) ∝ |R|^(η - 1). */
  readonly lkj?: number;
}

/** @throws InvalidArgumentError where a prior is of no effect of the formula, or of another kind than can be answered. */
export function defaultPriors(
  { correlated }: Formula,
  { observations, fixedNames, randomNames }: Design,
  { fixed = {}, sd = {}, sigma, lkj = 1 }: MixedPriors = {},
): { readonly fixed: FixedPrior; readonly variances: VariancePriors } {
  requireNames("fixed", fixed, fixedNames);
  requireNames("sd", sd, randomNames);
  if (!(lkj > 0 && lkj < Infinity)) {
    throw new InvalidArgumentError(`lmm: the prior lkj must be a positive number, but is ${lkj}`);
  }
  const y = moments(observations.response);
  const s = y.sd;
  if (!(s > 0)) throw new InvalidArgumentError("lmm: the response is the same throughout");
  const columns = observations.fixed.map((column) => moments(column));
  const beyond = columns.reduce(
    (sum, { mean, sd: own }) => sum + (own > 0 ? (mean / own) ** 2 : 0),
    0,
  );
  const chosen = fixedNames.map((name, k) => {
    const given = fixed[name];
    if (given !== undefined) return normalOf(name, given);
    const own = columns[k];
    if (own === undefined || own.sd === 0)
      return { mean: y.mean / (own?.mean || 1), sd: 5 * s * Math.sqrt(1 + beyond) };
    return { mean: 0, sd: (5 * s) / own.sd };
  });
  return {
    fixed: { mean: chosen.map(({ mean }) => mean), sd: chosen.map(({ sd: own }) => own) },
    variances: {
      sigma: positive("sigma", sigma ?? halfNormal(s)),
      sd: randomNames.map((name, k) =>
        positive(name, sd[name] ?? halfNormal(s / moments(observations.random[k] ?? []).rms)),
      ),
      lkj,
      correlated: correlated && randomNames.length > 1,
    },
  };
}

function requireNames(
  which: string,
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(
    `lmm: there is a prior of ${which} "${unknown}", but the formula has ${names.join(", ")}`,
  );
}

function normalOf(
  name: string,
  prior: ScalarDistribution,
): { readonly mean: number; readonly sd: number } {
  if (prior.name === "normal") return { mean: prior.mean, sd: Math.sqrt(prior.variance) };
  throw new InvalidArgumentError(
    `lmm: the prior of the fixed effect "${name}" must be normal(mean, sd), but is ${prior.name}`,
  );
}

function positive(name: string, prior: ScalarDistribution): ScalarDistribution {
  if (isScalar(prior) && (prior.support.lower[0] ?? -1) >= 0 && prior.support.kind !== "discrete")
    return prior;
  throw new InvalidArgumentError(
    `lmm: the prior of the standard deviation of "${name}" must be one of a positive number, such as halfNormal(1), but is ${prior.name}`,
  );
}

function moments(column: ArrayLike<number>): {
  readonly mean: number;
  readonly sd: number;
  readonly rms: number;
} {
  const values = Array.from(column);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const constant = squares <= 1e-20 * n * mean * mean;
  return {
    mean,
    sd: constant || n < 2 ? 0 : Math.sqrt(squares / (n - 1)),
    rms: Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / n),
  };
}
