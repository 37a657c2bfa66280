/**
 * Priors that depend on earlier parameters, by location and scale.
 *
 *     x = shift(θ) + scale(θ) y,   y ~ base;      log p(x | θ) = log p_base((x - shift) / scale) - d log scale
 *
 * In unconstrained space x is where y is: the parametrisation that is called non-centred (Papaspiliopoulos, Roberts & Sköld 2007,
 * arXiv 0708.3797), in which x and the parameters that it depends on are independent a priori, whatever their funnel.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { requireSetting, type Distribution, type DistributionJson } from "./distribution.js";
import { flattened } from "./membership.js";
import { parameterTerm, termFromJSON, termOf, termToJSON, type Term } from "./term.js";
import { anyParts, onePart, writtenAs } from "./written.js";

/** Where x lies for given parameters: one term for all coordinates, or one each. */
export interface ShiftAndScale {
  /** By default 0. */
  readonly shift?: Term | number | readonly (Term | number)[];
  /** Positive; by default 1. */
  readonly scale?: Term | number | readonly (Term | number)[];
}

/** A prior of which the place and size depend on parameters that are named before it. */
export interface DependentDistribution<
  S extends readonly number[] = readonly number[],
> extends Distribution<S> {
  readonly dependence: {
    readonly base: Distribution<S>;
    /** One for each coordinate. */
    readonly shift: readonly Term[];
    readonly scale: readonly Term[];
  };
}

/** Whether a distribution depends on other parameters. */
export function isDependent(distribution: Distribution): distribution is DependentDistribution {
  return "dependence" in distribution;
}

/**
 * A prior that depends on parameters named before it in a model: a base prior, moved and stretched.
 *
 * | x given θ | base | |
 * |---|---|---|
 * | normal of mean m and sd s | `normal(0, 1)` | `{ shift: m, scale: s }` |
 * | uniform from 0 to b | `uniform(0, 1)` | `{ scale: b }` |
 * | exponential of mean m | `exponential(1)` | `{ scale: m }` |
 * | half-normal of sd s | `halfNormal(1)` | `{ scale: s }` |
 *
 * The function is called once, with terms in place of numbers: `mu.plus(1)`, `tau.over(2).exp()`, `beta.at(0)`. So the dependence is data, which
 * networks' programs and files hold too. A model's `prior` has draws and densities; this alone has neither, for want of the others.
 *
 * @param parameters names of those it depends on.
 * @param base continuous, and no simplex; `independent([...])` for a vector.
 * @throws InvalidArgumentError where the base is discrete or a simplex, or there are as many terms as neither one nor coordinates.
 * @example
 * parameters: {
 *   mu: normal(0, 1),
 *   tau: halfNormal(1),
 *   x: dependent(["mu", "tau"], normal(0, 1), ({ mu, tau }) => ({ shift: mu, scale: tau })),
 * }
 */
export function dependent<const K extends string, S extends readonly number[]>(
  parameters: readonly K[],
  base: Distribution<S>,
  where: (terms: Readonly<Record<K, Term>>) => ShiftAndScale,
): DependentDistribution<S> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one term for each name, which fromEntries forgets
  const terms = Object.fromEntries(parameters.map((name) => [name, parameterTerm(name)])) as Record<
    K,
    Term
  >;
  const { shift = 0, scale = 1 } = where(terms);
  return dependentOn(base, each(shift), each(scale));
}

dependent.written = writtenAs({ parts: onePart, shift: anyParts, scale: anyParts }, (data, inner) =>
  dependentOn(
    inner(data.parts[0]),
    data.shift.map((one) => termFromJSON(one)),
    data.scale.map((one) => termFromJSON(one)),
  ),
);

function each(given: Term | number | readonly (Term | number)[]): readonly Term[] {
  return isList(given) ? given.map(termOf) : [termOf(given)];
}

function isList<T>(given: T | readonly T[]): given is readonly T[] {
  return Array.isArray(given);
}

/** The same from terms, as a file has them. */
export function dependentOn<S extends readonly number[]>(
  base: Distribution<S>,
  shift: readonly Term[],
  scale: readonly Term[],
): DependentDistribution<S> {
  const what = "dependent(parameters, base, where)";
  const isContinuous = flattened([base]).every(
    ({ support, size }) => support.kind !== "discrete" && support.kind !== "simplex" && size > 0,
  );
  requireSetting(
    isContinuous && !isDependent(base),
    what,
    "needs a continuous base that is no simplex",
    base.name,
  );
  for (const list of [shift, scale]) {
    requireSetting(
      list.length === 1 || list.length === base.size,
      what,
      `needs one term or ${base.size}`,
      list.length,
    );
  }
  const spread = (list: readonly Term[]): readonly Term[] =>
    Array.from({ length: base.size }, (_, i) => list[i] ?? list[0] ?? termOf(0));
  const dependence = { base, shift: spread(shift), scale: spread(scale) };
  const alone = (): never => {
    throw new InvalidArgumentError(
      "a dependent prior has draws and densities only together with the parameters it depends on: ask the prior of the model",
    );
  };
  const json: DistributionJson = {
    name: "dependent",
    parts: [base.toJSON()],
    shift: shift.map(termToJSON),
    scale: scale.map(termToJSON),
  };
  return {
    name: "dependent",
    shape: base.shape,
    size: base.size,
    support: {
      kind: "dependent",
      lower: base.support.lower.map((bound, i) =>
        isKept(bound, dependence.shift[i]) ? 0 : -Infinity,
      ),
      upper: base.support.upper.map((bound, i) =>
        isKept(bound, dependence.shift[i]) ? 0 : Infinity,
      ),
    },
    dependence,
    get bijection(): never {
      throw new UnsupportedError(
        "a dependent prior has an unconstrained space only together with the parameters it depends on: ask the prior of the model",
      );
    },
    sample: alone,
    contains: alone,
    logDensity: alone,
    graph: { logDensity: alone },
    toJSON: () => json,
  };
}

/** Whether a bound is the same whatever the parameters: zero that is stretched alone. */
function isKept(bound: number, shift: Term | undefined): boolean {
  return bound === 0 && shift?.node.name === "number" && shift.node.value === 0;
}
