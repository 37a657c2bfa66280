/**
 * Posteriors of discrete parameters, by all of their values.
 *
 *     p(θ_k | Z) = p(Z | θ_k) p(θ_k) / Σ_j p(Z | θ_j) p(θ_j):
 *
 * exact but for the likelihood (or ratio).
 */
import type { Distribution } from "../distributions/index.js";
import { stream } from "../random/index.js";
import type { PosteriorSource } from "./posterior.js";
import { resample } from "../samplers/resample.js";
import { DrawnBatch } from "./drawn-batch.js";
import { orRefusal, Refusal } from "./refusal.js";
import { logPosterior, nowhere, termsOfEach, type TermsTarget } from "./target.js";
import { requireNumbers } from "./weights.js";

/** Combinations of values that are looked at. */
const MOST = 100_000;

/** Terms of data sets that are evaluated together: what fits into memory. */
const TOGETHER = 1_000_000;

/** Of what a posterior is enumerated. */
export interface EnumerationTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "logDensity">;
  /** The values of each coordinate. */
  readonly values: readonly (readonly number[])[];
}

/** The values of each coordinate, where all are discrete and all combinations can be looked at. */
export function enumerableValues({
  support,
}: Distribution): readonly (readonly number[])[] | undefined {
  const lists = (support.values ?? []).flatMap((list) => (list === undefined ? [] : [list]));
  const isDiscrete = lists.length === support.lower.length;
  return isDiscrete && combinations(lists) <= MOST ? lists : undefined;
}

function combinations(values: readonly (readonly number[])[]): number {
  return values.reduce((n, list) => n * list.length, 1);
}

/** All combinations of values, [combinations, p], the first coordinate changing fastest. */
function allCombinations(values: readonly (readonly number[])[]): Float64Array {
  const p = values.length;
  const count = combinations(values);
  const all = new Float64Array(count * p);
  for (let row = 0; row < count; row++) {
    let rest = row;
    for (const [i, list] of values.entries()) {
      all[row * p + i] = list[rest % list.length] ?? Number.NaN;
      rest = Math.floor(rest / list.length);
    }
  }
  return all;
}

/** A data set whose likelihood is no number, or has no mass at any combination of values, is refused. */
export function enumeratedPosterior(target: EnumerationTarget): PosteriorSource {
  const { slots, flatNames, size, prior } = target;
  const p = flatNames.length;
  const all = allCombinations(target.values);
  const count = all.length / p;
  const at = (row: number): Float64Array => all.subarray(row * p, (row + 1) * p);
  const logPriors = Float64Array.from({ length: count }, (_, row) => prior.logDensity(at(row)));
  const logEvidence = new Map<number, number>();
  const step = Math.max(1, Math.floor(TOGETHER / count));

  /** Probabilities of all values under the data sets [start, end). */
  async function probabilities(start: number, end: number): Promise<(Float64Array | Refusal)[]> {
    const found: (Float64Array | Refusal)[] = [];
    await termsOfEach(target, all, [start, end], step, (terms, i) => {
      found.push(orRefusal(() => normalise(terms, i)));
    });
    return found;
  }

  /** @throws Refusal where a term is no number, or has no mass at any combination of values. */
  function normalise(terms: Float64Array, dataSet: number): Float64Array {
    logEvidence.set(dataSet, Number.NaN);
    // Where the prior has no mass, nobody asks what the likelihood is.
    const known = terms.map((term, row) => (logPriors[row] === -Infinity ? -Infinity : term));
    requireNumbers(known, dataSet, flatNames, all);
    const joint = known.map((term, row) => term + (logPriors[row] ?? -Infinity));
    const largest = joint.reduce((a, b) => Math.max(a, b), -Infinity);
    if (largest === -Infinity) throw nowhere(dataSet, `at ${count} combinations of values`);
    const weights = joint.map((value) => Math.exp(value - largest));
    const sum = weights.reduce((a, b) => a + b, 0);
    logEvidence.set(dataSet, largest + Math.log(sum));
    return weights.map((weight) => weight / sum);
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const batch = new DrawnBatch(end - start, draws, p);
      for (const [k, masses] of (await probabilities(start, end)).entries()) {
        if (masses instanceof Refusal) {
          batch.refuse(masses);
          continue;
        }
        // A stream a data set, so that a draw does not depend on what else is in the batch.
        const random = stream(seed)
          .split("posterior")
          .split(start + k);
        batch.choose({ status: "grid" }, all, resample(masses, draws, random));
      }
      return batch.drawn;
    },
    logDensity: async (parameters, start, end) => {
      const isKnown = Array.from({ length: end - start }, (_, i) => logEvidence.has(start + i));
      if (!isKnown.every(Boolean)) await probabilities(start, end);
      const evidence = (dataSet: number): number => logEvidence.get(dataSet) ?? Number.NaN;
      return logPosterior(target, parameters, start, end, evidence);
    },
  };
}
