/**
 * Priors of a mixed model: those that are given, and what the others are.
 */
import { halfNormal, InvalidArgumentError, type ScalarDistribution } from "amortis";
import { isScalar } from "amortis/extend";
import type { Design } from "./design.js";
import { shortNames } from "./names.js";
import type { VariancePriors } from "./priors.js";
import type { FixedPrior } from "./problem.js";

/**
 * Priors, by the names that the posterior has. What is left out has weak ones. Of `lmm` they are in units of the data, with s the standard deviation of the response; of `glmm` on the scale of the link, with s = 1:
 *
 * - a fixed effect: normal(0, 5 s / sd(x)); the intercept: normal(m, 5 s √(1 + Σ (mean(x) / sd(x))²)), m the mean of the response, or what the link makes of it
 * - a standard deviation of random effects: halfNormal(s / rms(z)), of `glmm` halfNormal(2 / rms(z)); of residuals, which `glmm` has not: halfNormal(s)
 * - correlations: flat, lkj 1
 */
export interface MixedPriors {
  /** Normal: `{ Days: normal(0, 10) }`. */
  readonly fixed?: Readonly<Record<string, ScalarDistribution>>;
  /** Any prior of a positive number: `{ "(Intercept)": halfCauchy(20), Days: exponential(0.1) }`; of several grouping terms `{ "(Intercept) | plate": ... }`. */
  readonly sd?: Readonly<Record<string, ScalarDistribution>>;
  /** Likewise. */
  readonly sigma?: ScalarDistribution;
  /** Shape η of the LKJ prior of correlations, p(R) ∝ |R|^(η - 1). */
  readonly lkj?: number;
}

/** What default priors are measured in. */
export interface PriorScale {
  /** Of the intercept. */
  readonly centre: number;
  /** s, of fixed effects and of random ones. */
  readonly fixed: number;
  readonly random: number;
}

/** Priors of all that is unknown. */
export interface ChosenPriors {
  readonly fixed: FixedPrior;
  /** Of each grouping term. */
  readonly terms: readonly VariancePriors[];
}

/** In units of the response. @throws InvalidArgumentError where it is the same throughout. */
export function responseScale(response: ArrayLike<number>): PriorScale {
  const { mean, sd } = moments(response);
  if (!(sd > 0)) throw new InvalidArgumentError("lmm: the response is the same throughout");
  return { centre: mean, fixed: sd, random: sd };
}

/**
 * @param who is asked: "lmm".
 * @throws InvalidArgumentError where a prior is of no effect of the formula, or of another kind than can be answered.
 */
export function choosePriors(
  who: string,
  design: Design,
  scale: PriorScale,
  { fixed = {}, sd = {}, sigma, lkj = 1 }: MixedPriors = {},
): ChosenPriors {
  const names = shortNames(design);
  requireNames(who, "fixed", fixed, design.fixedNames);
  requireNames(who, "sd", sd, names.flat());
  if (!(lkj > 0 && lkj < Infinity)) {
    throw new InvalidArgumentError(
      `${who}: the prior lkj must be a positive number, but is ${lkj}`,
    );
  }
  return {
    fixed: fixedPriors(who, design, scale, fixed),
    terms: design.terms.map((term, t) => ({
      sigma: positive(who, "sigma", sigma ?? halfNormal(scale.random)),
      sd: term.random.map((column, k) => {
        const name = names[t]?.[k] ?? "";
        return positive(who, name, sd[name] ?? halfNormal(scale.random / moments(column).rms));
      }),
      lkj,
      correlated: term.correlated,
    })),
  };
}

function fixedPriors(
  who: string,
  { fixed, fixedNames }: Design,
  { centre, fixed: s }: PriorScale,
  given: Readonly<Record<string, ScalarDistribution>>,
): FixedPrior {
  const columns = fixed.map((column) => moments(column));
  const beyond = columns.reduce((sum, { mean, sd }) => sum + (sd > 0 ? (mean / sd) ** 2 : 0), 0);
  const chosen = fixedNames.map((name, k) => {
    const own = given[name];
    if (own !== undefined) return normalOf(who, name, own);
    const column = columns[k];
    if (column === undefined || column.sd === 0)
      return { mean: centre / (column?.mean || 1), sd: 5 * s * Math.sqrt(1 + beyond) };
    return { mean: 0, sd: (5 * s) / column.sd };
  });
  return { mean: chosen.map(({ mean }) => mean), sd: chosen.map(({ sd }) => sd) };
}

function requireNames(
  who: string,
  which: string,
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(
    `${who}: there is a prior of ${which} "${unknown}", but the formula has ${names.join(", ")}`,
  );
}

function normalOf(
  who: string,
  name: string,
  prior: ScalarDistribution,
): { readonly mean: number; readonly sd: number } {
  if (prior.name === "normal") return { mean: prior.mean, sd: Math.sqrt(prior.variance) };
  throw new InvalidArgumentError(
    `${who}: the prior of the fixed effect "${name}" must be normal(mean, sd), but is ${prior.name}`,
  );
}

function positive(who: string, name: string, prior: ScalarDistribution): ScalarDistribution {
  if (isScalar(prior) && (prior.support.lower[0] ?? -1) >= 0 && prior.support.kind !== "discrete")
    return prior;
  throw new InvalidArgumentError(
    `${who}: the prior of the standard deviation of "${name}" must be one of a positive number, such as halfNormal(1), but is ${prior.name}`,
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
