/**
 * The posterior of a mixed model, by the names that its formula has.
 */
import type { Posterior } from "amortis";
import type { Design } from "./design.js";
import type { Formula } from "./formula.js";

/** By what the variances' proposals were corrected, and how far that can be trusted. */
export interface MixedCheck {
  /** Shape of the tail of the importance weights; see `paretoSmooth`. */
  readonly k: number;
  /** Of how many equal weights the proposals are worth. */
  readonly effective: number;
  /** Share of the proposals that independence Metropolis accepts. */
  readonly acceptance: number;
  readonly proposals: number;
  /** Zero where the network proposed; else how often proposals were drawn again from the weighted moments. */
  readonly rounds: number;
}

/** Numbers of a mixed model by name. */
export interface MixedValues<V> {
  /** Of fixed effects: `fixed.Days`. */
  readonly fixed: Readonly<Record<string, V>>;
  /** Standard deviations of random effects: `sd.Days`. */
  readonly sd: Readonly<Record<string, V>>;
  /** Correlations of random effects: `correlation["(Intercept), Days"]`. */
  readonly correlation: Readonly<Record<string, V>>;
  /** Residual standard deviation. */
  readonly sigma: V;
  /** Random effects of each group, what they differ by from the fixed ones, in the order of `levels`: `groups.Days[2]`. */
  readonly groups: Readonly<Record<string, readonly V[]>>;
}

/**
 * The posterior of a mixed model.
 *
 * @example
 * const posterior = await lmm("Reaction ~ Days + (Days | Subject)", sleepstudy);
 * posterior.mean().fixed.Days;                   // 10.5 ms a day
 * posterior.interval(0.9).sd.Days;               // [lower, upper]
 * posterior.mean().groups.Days[2];               // of the third subject, beyond that
 * posterior.all.map((values) => ({ ... }));      // whatever follows from all of them, as of any posterior
 */
export class MixedPosterior {
  /** All parameters under the names that lme4 prints: "Days", "sd(Days | Subject)", "cor((Intercept), Days | Subject)", "sigma", "Days | Subject" [groups]. */
  readonly all: Posterior;
  readonly formula: Formula;
  /** Labels of the groups, in the order of their effects. */
  readonly levels: readonly string[];
  readonly check: MixedCheck;
  /** log p(y): of the data in their own units, under the priors. The difference of two formulas' is the logarithm of their Bayes factor. */
  readonly logEvidence: number;
  readonly #names: Names;

  constructor(
    all: Posterior,
    {
      formula,
      design,
      check,
      logEvidence,
    }: Readonly<{ formula: Formula; design: Design; check: MixedCheck; logEvidence: number }>,
  ) {
    this.all = all;
    this.formula = formula;
    this.levels = design.levels;
    this.check = check;
    this.logEvidence = logEvidence;
    this.#names = namesOf(formula, design);
  }

  /** Draws held, [draws, p] of the flat vector of `all`. */
  get draws() {
    return this.all.draws;
  }

  /** Posterior means. */
  mean(): MixedValues<number> {
    return this.#nested(this.all.mean());
  }

  /** Posterior standard deviations. */
  sd(): MixedValues<number> {
    return this.#nested(this.all.sd());
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): MixedValues<number> {
    return this.#nested(this.all.quantile(level));
  }

  /** Central intervals that hold a share `level` of the posterior. */
  interval(level: number): MixedValues<readonly [number, number]> {
    const [lower, upper] = [this.quantile((1 - level) / 2), this.quantile((1 + level) / 2)];
    const pairs = (
      a: Readonly<Record<string, number>>,
      b: Readonly<Record<string, number>>,
    ): Record<string, readonly [number, number]> =>
      Object.fromEntries(
        Object.entries(a).map(([name, value]) => [name, [value, b[name] ?? Number.NaN] as const]),
      );
    return {
      fixed: pairs(lower.fixed, upper.fixed),
      sd: pairs(lower.sd, upper.sd),
      correlation: pairs(lower.correlation, upper.correlation),
      sigma: [lower.sigma, upper.sigma],
      groups: Object.fromEntries(
        Object.entries(lower.groups).map(([name, values]) => [
          name,
          values.map((value, j) => [value, upper.groups[name]?.[j] ?? Number.NaN] as const),
        ]),
      ),
    };
  }

  #nested(values: Readonly<Record<string, number | Float64Array>>): MixedValues<number> {
    const number = (name: string): number => Number(values[name] ?? Number.NaN);
    const some = (names: Readonly<Record<string, string>>): Record<string, number> =>
      Object.fromEntries(Object.entries(names).map(([short, long]) => [short, number(long)]));
    const { fixed, sd, correlation, groups } = this.#names;
    return {
      fixed: some(fixed),
      sd: some(sd),
      correlation: some(correlation),
      sigma: number("sigma"),
      groups: Object.fromEntries(
        Object.entries(groups).map(([short, long]) => {
          const value = values[long] ?? [];
          return [short, typeof value === "number" ? [value] : Array.from(value)];
        }),
      ),
    };
  }
}

/** Names in `all` by the short ones. */
interface Names {
  readonly fixed: Readonly<Record<string, string>>;
  readonly sd: Readonly<Record<string, string>>;
  readonly correlation: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
}

/** Names of all parameters, in the order of the flat vector: fixed effects, standard deviations, correlations, then sigma, then effects of groups. */
export function namesOf(
  { group, correlated }: Formula,
  { fixedNames, randomNames }: Design,
): Names {
  const of = (names: readonly string[], long: (name: string) => string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, long(name)]));
  const pairs = correlated
    ? randomNames.flatMap((later, i) =>
        randomNames.slice(0, i).map((earlier) => `${earlier}, ${later}`),
      )
    : [];
  return {
    fixed: of(fixedNames, (name) => name),
    sd: of(randomNames, (name) => `sd(${name} | ${group})`),
    correlation: of(pairs, (pair) => `cor(${pair} | ${group})`),
    groups: of(randomNames, (name) => `${name} | ${group}`),
  };
}
