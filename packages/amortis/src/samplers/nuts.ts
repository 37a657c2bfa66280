/**
 * The no-U-turn sampler: Hamiltonian trajectories that double until they turn back, of which a state is drawn by its weight.
 *
 * A trajectory is doubled, to the left or to the right by chance, as long as neither it nor any of the balanced subtrees of its new half has made a U-turn,
 *
 *     p₋ᵀ(ρ - (p₋ + p₊)/2) > 0 and p₊ᵀ(ρ - (p₋ + p₊)/2) > 0,      ρ = Σ p;
 *
 * and, since balanced halves may each be straight where their joint is not, neither has the trajectory from either end of a half to the state just beyond it;
 * its states have weights exp(-H), and the draw of the new half takes the place of the old with probability min(1, w_new / w_old). Subtrees are checked leaf by leaf, by
 * the ends of those that are still open, of which there are as many as the tree is deep.
 *
 * References: Hoffman & Gelman 2014, arXiv 1111.4246; Betancourt 2017, arXiv 1701.02434, for weights and ρ; Phan, Pradhan & Jankowiak 2019, arXiv 1912.11554, for subtrees leaf by leaf.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { hamiltonianSampler } from "./hamiltonian-sampler.js";
import {
  DIVERGED,
  HAMILTONIAN_OPTIONS,
  leapfrog,
  phaseOf,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianSetting,
  type HamiltonianSettings,
  type Phase,
  type TrajectoryEnd,
} from "./hamiltonian.js";
import type { SlopedPlace, Transition } from "./lockstep.js";
import { requireWhole } from "./requirements.js";
import type { Sampler } from "./sampler.js";
import type { SlopedPoints } from "./target.js";

/** What the sampler is told. */
export interface NutsOptions extends HamiltonianOptions {
  /** A trajectory has up to 2^depth - 1 leapfrogs; 10 by default. */
  readonly depth?: number;
}

const KNOWN: KnownOptions<NutsOptions> = { ...HAMILTONIAN_OPTIONS, depth: true };

/**
 * The no-U-turn sampler, of targets with gradients.
 *
 * @throws InvalidArgumentError where an option is out of range.
 * @example const { draws, rHat, divergences } = await runChains(target, nuts(), { bijection, start, iterations: 2000 });
 */
export function nuts(
  options: NutsOptions = {},
): Sampler<SlopedPoints, HamiltonianInfo, HamiltonianSettings> {
  requireKnown("nuts", options, KNOWN);
  const { depth = 10 } = options;
  requireWhole("nuts", "depth", depth, 1);
  return hamiltonianSampler("nuts", options, (from, setting, noise) =>
    trajectory(from, setting, depth, noise),
  );
}

/** Part of a trajectory. */
interface Tree {
  /** Momentum of the leaf next to what it grew from, [k]. */
  readonly first: Float64Array;
  /** The leaf that is furthest out. */
  readonly end: Phase;
  /** Drawn by weight. */
  readonly drawn: Phase;
  /** log Σ e^(H₀ - H). */
  readonly logWeight: number;
  /** ρ, [k]. */
  readonly sum: Float64Array;
  readonly turned: boolean;
  readonly divergent: boolean;
  /** Σ min(1, e^(H₀ - H)) over so many leaves. */
  readonly acceptance: number;
  readonly leaves: number;
}

/** A transition of one chain. */
function* trajectory(
  from: SlopedPlace,
  setting: HamiltonianSetting,
  depth: number,
  noise: Stream,
): Transition<SlopedPlace, TrajectoryEnd> {
  const start = phaseOf(setting.metric, from, normals(noise, from.position.length));
  let [left, right, drawn] = [start, start, start];
  let [logWeight, sum] = [0, start.momentum];
  let [acceptance, leaves, divergent] = [0, 0, false];
  for (let doubling = 0; doubling < depth; doubling++) {
    const forwards = noise.uniform() < 0.5;
    const outer = forwards ? right : left;
    const grown = yield* grow(
      outer,
      setting,
      forwards ? 1 : -1,
      2 ** doubling,
      start.energy,
      noise,
    );
    acceptance += grown.acceptance;
    leaves += grown.leaves;
    divergent = grown.divergent;
    if (grown.turned || grown.divergent) break;
    if (forwards) right = grown.end;
    else left = grown.end;
    if (noise.uniform() < Math.exp(grown.logWeight - logWeight)) drawn = grown.drawn;
    logWeight = logSum(logWeight, grown.logWeight);
    const far = forwards ? left : right;
    const across =
      doubling > 0 &&
      (turns(far.momentum, grown.first, added(sum, grown.first)) ||
        turns(outer.momentum, grown.end.momentum, added(grown.sum, outer.momentum)));
    sum = added(sum, grown.sum);
    if (across || turns(left.momentum, right.momentum, sum)) break;
  }
  return {
    drawn,
    moved: drawn !== start,
    acceptance: acceptance / leaves,
    divergent,
    evaluations: leaves,
  };
}

/** So many leaves beyond an end, a power of two; fewer where a subtree turns or a leaf diverges. */
function* grow(
  from: Phase,
  { metric, step }: HamiltonianSetting,
  direction: 1 | -1,
  size: number,
  energy: number,
  noise: Stream,
): Generator<Float64Array, Tree, SlopedPlace> {
  /** First leaves of subtrees that are open. */
  const open: Opening[] = [];
  let [end, drawn, logWeight] = [from, from, -Infinity];
  let sum = new Float64Array(from.momentum.length);
  let [acceptance, turned, divergent, leaf] = [0, false, false, 0];
  let first = from.momentum;
  for (; leaf < size && !turned && !divergent; leaf++) {
    const before = end.momentum;
    end = yield* leapfrog(metric, end, direction * step);
    if (leaf === 0) first = end.momentum;
    const gain = energy - end.energy;
    // Written so that a NaN diverges.
    divergent = !(gain > -DIVERGED);
    const weight = Number.isNaN(gain) ? -Infinity : gain;
    acceptance += Math.exp(Math.min(0, weight));
    logWeight = logSum(logWeight, weight);
    if (noise.uniform() < Math.exp(weight - logWeight)) drawn = end;
    sum = added(sum, end.momentum);
    // Leaf 2m opens the subtrees that begin there; leaf 2m + 1 closes those that end there, one for each trailing one of its binary digits.
    const depth = ones(leaf >> 1);
    if (leaf % 2 === 0) open[depth] = { momentum: end.momentum, before, sum };
    else {
      const { momentum } = end;
      for (let i = depth; i > depth - trailingOnes(leaf) && !turned; i--) {
        const [whole, half] = [open[i], i < depth ? open[i + 1] : undefined];
        turned = whole !== undefined && subtreeTurns(whole, half, momentum, sum);
      }
    }
  }
  return { first, end, drawn, logWeight, sum, turned, divergent, acceptance, leaves: leaf };
}

/** The first leaf of a subtree. */
interface Opening {
  readonly momentum: Float64Array;
  /** Momentum of the leaf before it. */
  readonly before: Float64Array;
  /** ρ from the first leaf of all up to this one. */
  readonly sum: Float64Array;
}

/**
 * Whether a subtree that ends at a momentum has turned, from end to end or across its middle.
 *
 * @param half where its second half begins; undefined where the halves are single leaves.
 * @param sum ρ up to the end.
 */
function subtreeTurns(
  whole: Opening,
  half: Opening | undefined,
  momentum: Float64Array,
  sum: Float64Array,
): boolean {
  if (turns(whole.momentum, momentum, between(whole, sum))) return true;
  if (half === undefined) return false;
  return (
    turns(whole.momentum, half.momentum, between(whole, half.sum)) ||
    turns(half.before, momentum, added(between(half, sum), half.before))
  );
}

/** Whether the ends of a trajectory with Σ p have turned to each other. */
function turns(first: Float64Array, last: Float64Array, sum: Float64Array): boolean {
  let [atFirst, atLast] = [0, 0];
  for (let j = 0; j < sum.length; j++) {
    const [a, b] = [first[j] ?? NaN, last[j] ?? NaN];
    const along = (sum[j] ?? NaN) - (a + b) / 2;
    atFirst += a * along;
    atLast += b * along;
  }
  return !(atFirst > 0 && atLast > 0);
}

/** Σ p from a first leaf on, that leaf included. */
function between(first: Pick<Opening, "momentum" | "sum">, sum: Float64Array): Float64Array {
  return sum.map((total, j) => total - (first.sum[j] ?? NaN) + (first.momentum[j] ?? NaN));
}

function added(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(a.length);
  for (let j = 0; j < a.length; j++) result[j] = (a[j] ?? NaN) + (b[j] ?? NaN);
  return result;
}

function normals(noise: Stream, k: number): Float64Array {
  const values = new Float64Array(k);
  noise.fillNormal(values);
  return values;
}

/** log(eᵃ + eᵇ). */
function logSum(a: number, b: number): number {
  const largest = Math.max(a, b);
  if (largest === -Infinity) return largest;
  return largest + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** Binary digits that are one. */
function ones(n: number): number {
  let count = 0;
  for (let rest = n; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

/** Binary digits at the end that are one. */
function trailingOnes(n: number): number {
  let count = 0;
  for (let rest = n; (rest & 1) === 1; rest >>= 1) count++;
  return count;
}
