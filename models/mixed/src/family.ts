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
  /** Σ m κ(η) over rows from one to another. */
  readonly cumulants: (eta: Float64Array, trials: Float64Array, from: number, to: number) => number;
  /** κ' of η. */
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
  cumulants: (eta, trials, from, to) => {
    let [total, product] = [0, 1];
    for (let i = from; i < to; i++) {
      const [own, m] = [eta[i] ?? 0, trials[i] ?? 1];
      // log(1 + e^η) = max(η, 0) + log(1 + e^-|η|), and of single trials one logarithm of a product that is far from overflow.
      const factor = Math.exp(-Math.abs(own));
      if (own > 0) total += m * own;
      if (m === 1) product *= 1 + factor;
      else total += m * Math.log1p(factor);
      if (product > 1e200) {
        total += Math.log(product);
        product = 1;
      }
    }
    return total + Math.log(product);
  },
  mean: (eta) => 1 / (1 + Math.exp(-eta)),
  variance: (mean) => mean * (1 - mean),
  link: (mean) => Math.log(mean / (1 - mean)),
  smoothed: (y, trials) => (y + 0.5) / (trials + 1),
  // binomialLogMass at p = 1/2 less its powers of p.
  logBase: (y, trials) => binomialLogMass(y, trials, 0.5) + trials * Math.LN2,
};

const poisson: Family = {
  cumulants: (eta, _trials, from, to) => {
    let total = 0;
    for (let i = from; i < to; i++) total += Math.exp(eta[i] ?? 0);
    return total;
  },
  mean: Math.exp,
  variance: (mean) => mean,
  link: Math.log,
  smoothed: (y, trials) => (y + 0.5) / trials,
  logBase: (y) => -logGamma(y + 1),
};

const FAMILIES: Readonly<Record<FamilyName, Family>> = { binomial, poisson };

/** @throws InvalidArgumentError where there is no such family. */
export function familyOf(name: string | undefined): Family {
  if (name === "binomial" || name === "poisson") return FAMILIES[name];
  throw new InvalidArgumentError(
    `glmm: the family must be "binomial" or "poisson", but is ${name === undefined ? "missing" : `"${name}"`}: of a response that is normal ask lmm`,
  );
}
