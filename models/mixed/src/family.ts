/**
 * Families of responses with their canonical links: all that a generalised linear model needs of one is its cumulant function.
 *
 *     log p(y | η) = y η - m κ(η) + c(y, m),      E[y] = m κ'(η),      Var[y] = m κ''(η)
 *
 * Binomial, with m trials: κ = log(1 + e^η), the logit link. Poisson, with m = 1: κ = e^η, the log link.
 *
 * Reference: McCullagh & Nelder 1989, "Generalized Linear Models", section 2.2.
 */
import { InvalidArgumentError } from "amortis";
import { binomialLogMass, logGamma } from "amortis/extend";

/** Names of the families. */
export type FamilyName = "binomial" | "poisson";

/** One family. */
export interface Family {
  /** κ, and κ' of η. */
  readonly cumulant: (eta: number) => number;
  readonly mean: (eta: number) => number;
  /** κ'' by κ'. */
  readonly variance: (mean: number) => number;
  /** η of a mean. */
  readonly link: (mean: number) => number;
  /** A mean response of one trial that no count puts at an end: what a fit begins with. */
  readonly smoothed: (y: number, trials: number) => number;
  /** c(y, m) */
  readonly logBase: (y: number, trials: number) => number;
}

const binomial: Family = {
  cumulant: (eta) => (eta > 0 ? eta + Math.log1p(Math.exp(-eta)) : Math.log1p(Math.exp(eta))),
  mean: (eta) => 1 / (1 + Math.exp(-eta)),
  variance: (mean) => mean * (1 - mean),
  link: (mean) => Math.log(mean / (1 - mean)),
  smoothed: (y, trials) => (y + 0.5) / (trials + 1),
  // binomialLogMass at p = 1/2 less its powers of p.
  logBase: (y, trials) => binomialLogMass(y, trials, 0.5) + trials * Math.LN2,
};

const poisson: Family = {
  cumulant: Math.exp,
  mean: Math.exp,
  variance: (mean) => mean,
  link: Math.log,
  smoothed: (y, trials) => (y + 0.5) / trials,
  logBase: (y) => -logGamma(y + 1),
};

const FAMILIES: Readonly<Record<FamilyName, Family>> = { binomial, poisson };

/** @throws InvalidArgumentError where there is no such family. */
export function familyOf(name: string): Family {
  if (name === "binomial" || name === "poisson") return FAMILIES[name];
  throw new InvalidArgumentError(
    `glmm: the family must be "binomial" or "poisson", but is ${JSON.stringify(name) ?? "missing"}: of a response that is normal ask lmm`,
  );
}
