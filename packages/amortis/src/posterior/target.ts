/**
 * What posteriors are made of: the terms of many data sets, and what can be wrong with them.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Bijection, Distribution } from "../distributions/index.js";
import type { Floats, ParameterSlot } from "../data/layout.js";
import type { ValueAndGradient } from "../samplers/target.js";
import { Refusal } from "./refusal.js";

/** log p(Z | θ) of data sets [start, end), up to a constant each: theta [end - start, m, p] to [end - start, m]. */
export type LogTerms = (theta: Floats, start: number, end: number) => Promise<Float64Array>;

/** The same terms with their gradients in θ: [end - start, m] and [end - start, m, p]. */
export type LogSlopes = (theta: Floats, start: number, end: number) => Promise<ValueAndGradient>;

/** Data sets with a likelihood or a ratio. */
export interface TermsTarget {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  /** Number of data sets. */
  readonly size: number;
  readonly logTerms: LogTerms;
  /** Where they can be differentiated. */
  readonly slopes?: LogSlopes | undefined;
  /** Hears of how many terms are about to be asked for, so that progress has a total. */
  readonly expect?: (terms: number) => void;
}

/**
 * Asks for the terms of the same values of the parameters for each of the data sets [start, end).
 *
 * @param values [m, p].
 * @param together data sets of a call.
 * @param hear is told the terms of each data set, [m].
 */
export async function termsOfEach(
  { flatNames, logTerms, expect }: TermsTarget,
  values: Floats,
  [start, end]: readonly [start: number, end: number],
  together: number,
  hear: (terms: Float64Array, dataSet: number) => void,
): Promise<void> {
  const m = values.length / flatNames.length;
  expect?.((end - start) * m);
  for (let from = start; from < end; from += together) {
    const to = Math.min(from + together, end);
    const kind = values instanceof Float64Array ? Float64Array : Float32Array;
    const theta = new kind((to - from) * values.length);
    for (let i = from; i < to; i++) theta.set(values, (i - from) * values.length);
    const terms = await logTerms(theta, from, to);
    for (let i = from; i < to; i++) hear(terms.subarray((i - from) * m, (i - from + 1) * m), i);
  }
}

/**
 * The map to the parameters from unconstrained space.
 *
 * @throws UnsupportedError that names the method which needs none, where there is no such space.
 */
export function unconstrainedSpace(
  method: "grid" | "mcmc",
  bijection: () => Bijection,
  names: readonly string[],
): Bijection {
  try {
    return bijection();
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    throw new UnsupportedError(
      `method "${method}" takes continuous parameters only, but one of ${names.join(", ")} is discrete: ask for method "importance", which takes any`,
      { cause: error },
    );
  }
}

/**
 * log p(θ | Z) = log p(Z | θ) + log p(θ) - log p(Z) at parameters [end - start, m, p] of data sets [start, end): [end - start, m].
 */
export async function logPosterior(
  {
    prior,
    logTerms,
    expect,
    flatNames,
  }: TermsTarget & { readonly prior: Pick<Distribution, "logDensity"> },
  parameters: Floats,
  start: number,
  end: number,
  logEvidence: (dataSet: number) => number,
): Promise<Float64Array> {
  const p = flatNames.length;
  expect?.(parameters.length / p);
  const terms = await logTerms(parameters, start, end);
  const each = terms.length / (end - start);
  return terms.map((term, at) => {
    const theta = Float64Array.from(parameters.subarray(at * p, (at + 1) * p));
    const logPrior = prior.logDensity(theta);
    const evidence = logEvidence(start + Math.floor(at / each));
    if (Number.isNaN(evidence)) return evidence;
    return term === -Infinity || logPrior === -Infinity ? -Infinity : term + logPrior - evidence;
  });
}

/** Parameters as text: `mu = 0.5, sigma = 2`. */
export function describePoint(names: readonly string[], theta: ArrayLike<number>): string {
  return names
    .map((name, i) => `${name} = ${Number((theta[i] ?? Number.NaN).toPrecision(6))}`)
    .join(", ");
}

/** That a term is NaN or Infinity where a prior has mass, or that the prior's density is. */
export function notANumber(
  dataSet: number,
  { term, logPrior = 0 }: { readonly term: number; readonly logPrior?: number },
  point: string,
): Refusal {
  const [what, value] =
    logPrior < Infinity
      ? [`log-likelihood (or log ratio) of data set ${dataSet}`, term]
      : ["log prior", logPrior];
  return new Refusal(
    `the ${what} is ${value} at ${point}: it must be a number, or -Infinity where there is no mass; mend it there, or look for extreme values in the data`,
    { final: true, because: "the likelihood is no number" },
  );
}

/** That all terms are -Infinity. */
export function nowhere(dataSet: number, where: string): Refusal {
  return new Refusal(
    `the posterior of data set ${dataSet} has no mass ${where}: the log-likelihood plus the log prior is -Infinity at all of them; check that the model can make such data, and that a prior given as an option overlaps with the one an estimator was trained with`,
    { because: "no mass under the prior" },
  );
}
