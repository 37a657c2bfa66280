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
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianSetting,
  type HamiltonianSettings,
  type Trajectories,
  type TrajectoryEnd,
} from "./hamiltonian.js";
import type { Row, Transition } from "./lockstep.js";
import { copyTo, Phase } from "./phase.js";
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
  return hamiltonianSampler("nuts", options, (k, p) => new Doubling(k, p, depth));
}

/** What is said of the new half of a trajectory. */
interface Grown {
  /** log Σ e^(H₀ - H). */
  readonly logWeight: number;
  readonly turned: boolean;
  readonly divergent: boolean;
  /** Σ min(1, e^(H₀ - H)) over so many leaves. */
  readonly acceptance: number;
  readonly leaves: number;
}

/** Trajectories of one chain, which double until they turn. */
class Doubling implements Trajectories {
  readonly #depth: number;
  /** Both ends, and what is drawn by weight: of all, and of the new half. */
  readonly #left: Phase;
  readonly #right: Phase;
  readonly #drawn: Phase;
  readonly #drawnOfHalf: Phase;
  /** ρ of all, and of the new half, [k]. */
  readonly #sum: Float64Array;
  readonly #sumOfHalf: Float64Array;
  /** Momenta on both sides of where the new half begins: of the leaf before it, and of its first, [k]. */
  readonly #before: Float64Array;
  readonly #first: Float64Array;
  /** First leaves of the subtrees that are open, by their depth. */
  readonly #open: Opening[] = [];
  /** ρ of what is checked, [k]. */
  readonly #span: Float64Array;

  constructor(k: number, p: number, depth: number) {
    const phase = () => new Phase(k, p);
    const vector = () => new Float64Array(k);
    this.#depth = depth;
    [this.#left, this.#right, this.#drawn, this.#drawnOfHalf] = [
      phase(),
      phase(),
      phase(),
      phase(),
    ];
    [this.#sum, this.#sumOfHalf, this.#span] = [vector(), vector(), vector()];
    [this.#before, this.#first] = [vector(), vector()];
  }

  *from(
    at: Row<SlopedPoints>,
    setting: HamiltonianSetting,
    noise: Stream,
  ): Transition<SlopedPoints, TrajectoryEnd> {
    const [left, right, drawn] = [this.#left, this.#right, this.#drawn];
    noise.fillNormal(left.momentum);
    left.begin(setting.metric, at);
    right.copy(left);
    drawn.copy(left);
    copyTo(this.#sum, left.momentum, 0);
    const { energy } = left;
    let [logWeight, moved] = [0, false];
    let [acceptance, leaves, divergent] = [0, 0, false];
    for (let doubling = 0; doubling < this.#depth; doubling++) {
      const forwards = noise.uniform() < 0.5;
      const outer = forwards ? right : left;
      copyTo(this.#before, outer.momentum, 0);
      const direction = forwards ? setting.step : -setting.step;
      const grown = yield* this.#grow(outer, setting, direction, 2 ** doubling, energy, noise);
      acceptance += grown.acceptance;
      leaves += grown.leaves;
      divergent = grown.divergent;
      if (grown.turned || grown.divergent) break;
      if (noise.uniform() < Math.exp(grown.logWeight - logWeight)) {
        drawn.copy(this.#drawnOfHalf);
        moved = true;
      }
      logWeight = logSum(logWeight, grown.logWeight);
      const far = forwards ? left : right;
      const across = doubling > 0 && this.#turnsAcross(far.momentum, outer.momentum);
      add(this.#sum, this.#sum, this.#sumOfHalf);
      if (across || turns(left.momentum, right.momentum, this.#sum)) break;
    }
    return { drawn, moved, acceptance: acceptance / leaves, divergent, evaluations: leaves };
  }

  /** Whether the old half with the first leaf of the new, or the new with the last of the old, has turned. */
  #turnsAcross(far: Float64Array, end: Float64Array): boolean {
    const span = this.#span;
    add(span, this.#sum, this.#first);
    if (turns(far, this.#first, span)) return true;
    add(span, this.#sumOfHalf, this.#before);
    return turns(this.#before, end, span);
  }

  /** So many leaves beyond an end, which goes along, a power of two; fewer where a subtree turns or a leaf diverges. */
  *#grow(
    end: Phase,
    { metric }: HamiltonianSetting,
    step: number,
    size: number,
    energy: number,
    noise: Stream,
  ): Transition<SlopedPoints, Grown> {
    const sum = this.#sumOfHalf.fill(0);
    let [logWeight, acceptance, turned, divergent, leaf] = [-Infinity, 0, false, false, 0];
    for (; leaf < size && !turned && !divergent; leaf++) {
      // Leaf 2m opens the subtrees that begin there; leaf 2m + 1 closes those that end there, one for each trailing one of its binary digits.
      const depth = ones(leaf >> 1);
      const opening = leaf % 2 === 0 ? this.#opening(depth) : undefined;
      if (opening !== undefined) copyTo(opening.before, end.momentum, 0);
      end.arrive(metric, step, yield end.leave(metric, step));
      if (leaf === 0) copyTo(this.#first, end.momentum, 0);
      const gain = energy - end.energy;
      // Written so that a NaN diverges.
      divergent = !(gain > -DIVERGED);
      const weight = Number.isNaN(gain) ? -Infinity : gain;
      acceptance += Math.exp(Math.min(0, weight));
      logWeight = logSum(logWeight, weight);
      if (noise.uniform() < Math.exp(weight - logWeight)) this.#drawnOfHalf.copy(end);
      add(sum, sum, end.momentum);
      if (opening !== undefined) {
        copyTo(opening.momentum, end.momentum, 0);
        copyTo(opening.sum, sum, 0);
        continue;
      }
      for (let i = depth; i > depth - trailingOnes(leaf) && !turned; i--) {
        turned = this.#subtreeTurns(i, i < depth, end.momentum);
      }
    }
    return { logWeight, turned, divergent, acceptance, leaves: leaf };
  }

  #opening(depth: number): Opening {
    const { length } = this.#sum;
    return (this.#open[depth] ??= {
      momentum: new Float64Array(length),
      before: new Float64Array(length),
      sum: new Float64Array(length),
    });
  }

  /**
   * Whether a subtree that ends at a momentum has turned, from end to end or across its middle.
   *
   * @param halves whether it has any; else it is two leaves.
   */
  #subtreeTurns(depth: number, halves: boolean, momentum: Float64Array): boolean {
    const [span, sum, whole] = [this.#span, this.#sumOfHalf, this.#opening(depth)];
    spanFrom(whole, sum, span);
    if (turns(whole.momentum, momentum, span)) return true;
    if (!halves) return false;
    const half = this.#opening(depth + 1);
    spanFrom(whole, half.sum, span);
    if (turns(whole.momentum, half.momentum, span)) return true;
    spanFrom(half, sum, span);
    add(span, span, half.before);
    return turns(half.before, momentum, span);
  }
}

/** The first leaf of a subtree. */
interface Opening {
  readonly momentum: Float64Array;
  /** Momentum of the leaf before it. */
  readonly before: Float64Array;
  /** ρ from the first leaf of all up to this one. */
  readonly sum: Float64Array;
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

/** Writes Σ p from a first leaf on, that leaf included, to where it is `sum` from the first of all. */
function spanFrom(first: Opening, sum: Float64Array, to: Float64Array): void {
  for (let j = 0; j < to.length; j++) {
    to[j] = (sum[j] ?? NaN) - (first.sum[j] ?? NaN) + (first.momentum[j] ?? NaN);
  }
}

/** Writes a + b. */
function add(to: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let j = 0; j < to.length; j++) to[j] = (a[j] ?? NaN) + (b[j] ?? NaN);
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
