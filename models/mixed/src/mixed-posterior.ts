/**
 * The posterior of a mixed model, by the names that its formula has.
 */
import type { Posterior } from "amortis";
import type { Design } from "./design.js";
import type { Formula } from "./formula.js";
import { namesOf, type Names } from "./names.js";

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

/** Numbers of effects by name; where a formula has several grouping terms, names say of which: `sd["(Intercept) | plate"]`. */
export interface EffectValues<V> {
  /** Of fixed effects: `fixed.Days`. */
  readonly fixed: Readonly<Record<string, V>>;
  /** Standard deviations of random effects: `sd.Days`. */
  readonly sd: Readonly<Record<string, V>>;
  /** Correlations of random effects: `correlation["(Intercept), Days"]`. */
  readonly correlation: Readonly<Record<string, V>>;
  /** Random effects of each group, what they differ by from the fixed ones, in the order of `levels`: `groups.Days[2]`. */
  readonly groups: Readonly<Record<string, readonly V[]>>;
}

/** Numbers of a mixed model by name: of effects, and of a linear one the residual standard deviation `sigma`. */
export type MixedValues<V, Scalar extends string = "sigma"> = EffectValues<V> &
  Readonly<Record<Scalar, V>>;

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
export class MixedPosterior<Scalar extends string = "sigma"> {
  /** All parameters under the names that lme4 prints: "Days", "sd(Days | Subject)", "cor((Intercept), Days | Subject)", "sigma", "Days | Subject" [groups]. */
  readonly all: Posterior;
  readonly formula: Formula;
  /** Labels of the groups, in the order of their effects: of the first grouping term. */
  readonly levels: readonly string[];
  /** Likewise of each, by the name of its groups: `levelsOf.plate`. */
  readonly levelsOf: Readonly<Record<string, readonly string[]>>;
  readonly check: MixedCheck;
  /** log p(y): of the data in their own units, under the priors. The difference of two formulas' is the logarithm of their Bayes factor. */
  readonly logEvidence: number;
  readonly #names: Names;
  readonly #scalars: readonly Scalar[];

  constructor(
    all: Posterior,
    {
      formula,
      design,
      check,
      logEvidence,
      scalars,
    }: Readonly<{
      formula: Formula;
      design: Design;
      check: MixedCheck;
      logEvidence: number;
      scalars: readonly Scalar[];
    }>,
  ) {
    this.all = all;
    this.formula = formula;
    this.levels = design.terms[0]?.levels ?? [];
    this.levelsOf = Object.fromEntries(design.terms.map(({ name, levels }) => [name, levels]));
    this.check = check;
    this.logEvidence = logEvidence;
    this.#names = namesOf(design, scalars);
    this.#scalars = scalars;
  }

  /** Draws held, [draws, p] of the flat vector of `all`. */
  get draws() {
    return this.all.draws;
  }

  /** Posterior means. */
  mean(): MixedValues<number, Scalar> {
    return this.#nested(this.all.mean());
  }

  /** Posterior standard deviations. */
  sd(): MixedValues<number, Scalar> {
    return this.#nested(this.all.sd());
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): MixedValues<number, Scalar> {
    return this.#nested(this.all.quantile(level));
  }

  /** Central intervals that hold a share `level` of the posterior. */
  interval(level: number): MixedValues<readonly [number, number], Scalar> {
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
      ...this.#each((name) => [lower[name], upper[name]] as const),
      groups: Object.fromEntries(
        Object.entries(lower.groups).map(([name, values]) => [
          name,
          values.map((value, j) => [value, upper.groups[name]?.[j] ?? Number.NaN] as const),
        ]),
      ),
    };
  }

  /** What there is one of. */
  #each<V>(of: (name: Scalar) => V): Readonly<Record<Scalar, V>> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has each of the names, which fromEntries forgets
    return Object.fromEntries(this.#scalars.map((name) => [name, of(name)])) as Record<Scalar, V>;
  }

  #nested(values: Readonly<Record<string, number | Float64Array>>): MixedValues<number, Scalar> {
    const number = (name: string): number => Number(values[name] ?? Number.NaN);
    const some = (names: Readonly<Record<string, string>>): Record<string, number> =>
      Object.fromEntries(Object.entries(names).map(([short, long]) => [short, number(long)]));
    const { fixed, sd, correlation, groups } = this.#names;
    return {
      fixed: some(fixed),
      sd: some(sd),
      correlation: some(correlation),
      ...this.#each(number),
      groups: Object.fromEntries(
        Object.entries(groups).map(([short, long]) => {
          const value = values[long] ?? [];
          return [short, typeof value === "number" ? [value] : Array.from(value)];
        }),
      ),
    };
  }
}
