/**
 * Where chains start: apart from each other, but not where the posterior has no mass at all.
 *
 * Draws of the prior are weighted by p(Z | θ)^β, where β ≤ 1 is the largest power for which the weights are worth several draws a chain: spread
 * wider than the posterior, as R̂ needs starts to be. They are chosen without replacement, since chains from one start agree about nothing but it.
 *
 * Reference: Efraimidis & Spirakis 2006, for the choice: the largest of log w + Gumbel noise.
 */
import type { Distribution } from "../distributions/index.js";
import { stream, type Stream } from "../random/index.js";
import { orRefusal, type Refusal } from "./refusal.js";
import { nowhere, type TermsTarget } from "./target.js";
import { drawPrior, requireNumbers, weigh } from "./weights.js";

/** Draws of the prior to choose among; the second where the first has too few with any likelihood. */
const STARTS = [256, 16_384] as const;

/** What weights are worth, in draws for each chain. */
const SPREAD = 4;

/** Halvings of the interval where the power is. */
const HALVINGS = 30;

/** Of what starts are chosen. */
export interface StartsTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "sample">;
}

/** Starts [chains, p] of each of the data sets [start, end), or why there are none; those of one do not depend on the others. */
export async function chainStarts(
  target: StartsTarget,
  chains: number,
  seed: number,
  start: number,
  end: number,
): Promise<ReadonlyMap<number, Float64Array | Refusal>> {
  const { prior, logTerms, flatNames, expect } = target;
  const p = flatNames.length;
  const random = stream(seed).split("starts");
  const result = new Map<number, Float64Array | Refusal>();
  let pending = Array.from({ length: end - start }, (_, i) => start + i);
  for (const [attempt, count] of STARTS.entries()) {
    if (pending.length === 0) break;
    const proposals = drawPrior(prior, count, p, attempt === 0 ? random : random.split("more"));
    expect?.(pending.length * count);
    const left: number[] = [];
    for (const i of pending) {
      const terms = await logTerms(Float32Array.from(proposals), i, i + 1);
      const possible = terms.reduce((n, term) => (term === -Infinity ? n : n + 1), 0);
      if (possible < chains && attempt + 1 < STARTS.length) left.push(i);
      else
        result.set(
          i,
          orRefusal(() => startsAmong(proposals, terms, i)),
        );
    }
    pending = left;
  }
  return result;

  /** @throws Refusal where a term is no number, or none has mass. */
  function startsAmong(
    proposals: Float64Array,
    terms: Float64Array,
    dataSet: number,
  ): Float64Array {
    requireNumbers(terms, dataSet, flatNames, proposals);
    const possible = terms.reduce((n, term) => (term === -Infinity ? n : n + 1), 0);
    if (possible === 0) throw nowhere(dataSet, `at ${terms.length} draws of the prior`);
    const chosen = choose(temper(terms, dataSet, SPREAD * chains), chains, random.split(dataSet));
    const starts = new Float64Array(chains * p);
    for (let j = 0; j < chains; j++) {
      // Fewer possible draws than chains have to do.
      const row = chosen[j % Math.min(chains, possible)] ?? 0;
      starts.set(proposals.subarray(row * p, (row + 1) * p), j * p);
    }
    return starts;
  }
}

/** Log weights of the largest power that makes them worth so many draws. */
function temper(terms: Float64Array, dataSet: number, worth: number): Float64Array {
  const effective = (logPower: number): number =>
    weigh(terms, dataSet, Math.exp(logPower)).effective;
  let [low, high] = [-HALVINGS, 0];
  if (effective(high) >= worth) return terms;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (effective(middle) >= worth) low = middle;
    else high = middle;
  }
  const power = Math.exp(low);
  return terms.map((term) => power * term);
}

/** Rows by their log weights, without replacement. */
function choose(logWeights: Float64Array, count: number, random: Stream): number[] {
  const keys = logWeights.map((weight) => weight - Math.log(random.exponential()));
  return Array.from(keys.keys())
    .toSorted((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0))
    .slice(0, count);
}
