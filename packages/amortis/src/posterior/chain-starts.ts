/**
 * Where to look for a posterior: at draws of the prior, apart from each other, but not where the posterior has no mass at all.
 *
 * Half of the starts are peaks among the draws, so that what is narrow is not lost beside what is broad. The others are weighted by p(Z | θ)^β, where β ≤ 1 is the largest power for
 * which the weights are worth several draws a start: spread wider than the posterior, as R̂ needs starts to be. They are chosen without replacement,
 * since chains from one start agree about nothing but it.
 *
 * Reference: Efraimidis & Spirakis 2006, for the choice: the largest of log w + Gumbel noise.
 */
import type { Bijection, Distribution } from "../distributions/index.js";
import { stream, type Stream } from "../random/index.js";
import { peaks, whitened } from "./peaks.js";
import { orRefusal, type Refusal } from "./refusal.js";
import { nowhere, type TermsTarget } from "./target.js";
import { drawPrior, requireNumbers, weigh } from "./weights.js";

/** Draws of the prior to choose among; the second where the first has too few with any likelihood. */
const STARTS = [1024, 16_384] as const;

/** What weights are worth, in draws for each start. */
const SPREAD = 4;

/** Halvings of the interval where the power is. */
const HALVINGS = 30;

/** Of what starts are chosen. */
export interface StartsTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
  /** From unconstrained space to the parameters. */
  readonly bijection: () => Bijection;
}

/** Draws of the prior as chains see them. */
interface Proposals {
  /** [n, p]. */
  readonly parameters: Float64Array;
  /** In unconstrained space with a standard deviation of one, [n, k]. */
  readonly points: Float64Array;
  /** log p(θ) |dθ/du| of each. */
  readonly logPrior: Float64Array;
}

/** Draws of the prior, weighted for one data set. */
export interface Weighted {
  /** Those to start at, [starts, p]. */
  readonly starts: Float64Array;
  /** All of them, [n, p], and their log p(Z | θ), up to the constant of the target. */
  readonly parameters: Float64Array;
  readonly terms: Float64Array;
}

/** Starts for each of the data sets [start, end), or why there are none; those of one do not depend on the others. */
export async function chainStarts(
  target: StartsTarget,
  count: number,
  seed: number,
  start: number,
  end: number,
): Promise<ReadonlyMap<number, Weighted | Refusal>> {
  const { logTerms, expect } = target;
  const random = stream(seed).split("starts");
  const result = new Map<number, Weighted | Refusal>();
  let pending = Array.from({ length: end - start }, (_, i) => start + i);
  for (const [attempt, draws] of STARTS.entries()) {
    if (pending.length === 0) break;
    const proposals = propose(target, draws, attempt === 0 ? random : random.split("more"));
    expect?.(pending.length * draws);
    const left: number[] = [];
    for (const i of pending) {
      const terms = await logTerms(proposals.parameters, i, i + 1);
      const isEnough = countPossible(terms) >= count || attempt + 1 === STARTS.length;
      const find = (): Weighted => startsAmong(target, proposals, terms, i, count, random.split(i));
      if (isEnough) result.set(i, orRefusal(find));
      else left.push(i);
    }
    pending = left;
  }
  return result;
}

function propose(
  { prior, bijection, flatNames }: StartsTarget,
  draws: number,
  random: Stream,
): Proposals {
  const p = flatNames.length;
  const parameters = drawPrior(prior, draws, p, random);
  const space = bijection();
  const k = space.unconstrainedSize;
  const positions = new Float64Array(draws * k);
  const logPrior = new Float64Array(draws);
  for (let i = 0; i < draws; i++) {
    const theta = parameters.subarray(i * p, (i + 1) * p);
    const u = space.inverse(theta);
    positions.set(u, i * k);
    logPrior[i] = prior.logDensity(theta) + space.logJacobian(u);
  }
  return { parameters, points: whitened(positions, k), logPrior };
}

function countPossible(terms: Float64Array): number {
  return terms.reduce((n, term) => (term === -Infinity ? n : n + 1), 0);
}

/** @throws Refusal where a term is no number, or none has mass. */
function startsAmong(
  { flatNames }: StartsTarget,
  { parameters, points, logPrior }: Proposals,
  terms: Float64Array,
  dataSet: number,
  count: number,
  random: Stream,
): Weighted {
  requireNumbers(terms, dataSet, flatNames, parameters);
  const possible = countPossible(terms);
  if (possible === 0) throw nowhere(dataSet, `at ${terms.length} draws of the prior`);
  const heights = terms.map((term, i) => term + (logPrior[i] ?? 0));
  const high = peaks(points, heights, points.length / terms.length).slice(0, count / 2);
  const spread = choose(temper(terms, dataSet, SPREAD * count), count + high.length, random);
  const rows = [...new Set([...high, ...spread])];
  const p = flatNames.length;
  const starts = new Float64Array(count * p);
  for (let j = 0; j < count; j++) {
    // Fewer possible draws than starts have to do.
    const row = rows[j % Math.min(count, possible)] ?? 0;
    starts.set(parameters.subarray(row * p, (row + 1) * p), j * p);
  }
  return { starts, parameters, terms };
}

/** Log weights of the largest power that makes them worth so many draws. */
export function temper(terms: Float64Array, dataSet: number, worth: number): Float64Array {
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
export function choose(logWeights: Float64Array, count: number, random: Stream): number[] {
  const keys = logWeights.map((weight) => weight - Math.log(random.exponential()));
  return Array.from(keys.keys())
    .toSorted((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0))
    .slice(0, count);
}
