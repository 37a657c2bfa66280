/**
 * Random-walk Metropolis.
 *
 * A proposal is u + s L ε, ε ~ N(0, I). While chains burn in, the scale s follows the acceptance by Robbins & Monro's recursion on its logarithm,
 *
 *     log s ← log s + 2.5 (rate - target) / √round,
 *
 * one for each chain, and L Lᵀ is the covariance within the chains of a data set so far: for a normal target the best proposals have its shape, with
 * s = 2.4/√k. It is learned anew from the last half whenever the rounds have doubled, so that the way from the start to the posterior is forgotten.
 *
 * References: Haario, Saksman & Tamminen 2001, "An adaptive Metropolis algorithm"; Gelman, Roberts & Gilks 1996; Roberts & Rosenthal 2001 (acceptance 0.44 for one
 * parameter, towards 0.234 for many).
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { ChainShapes } from "./chain-shapes.js";
import { metropolisRule, type Adaptation, type Sampler, type StepInfo } from "./sampler.js";
import type { ChainSpace, Points } from "./target.js";

/** Subtracted from the logarithm of the scale of chains that accept nothing at all: it is far too large. */
const STUCK = 1.5;

/** Steps of random walks. */
export interface WalkSettings {
  /** s of each chain. */
  readonly scale: Float64Array;
  /** L of each data set, [size, k, k]. */
  readonly factor: Float64Array;
}

/** What a random walk is told. */
export interface WalkOptions {
  /** Steps between adaptations in burn-in, 100 by default. */
  readonly adaptEvery?: number;
}

/** The random walk, which needs densities only. */
export function randomWalk(options: WalkOptions = {}): Sampler<Points, StepInfo, WalkSettings> {
  requireKnown("randomWalk", options, { adaptEvery: true } satisfies KnownOptions<WalkOptions>);
  const { adaptEvery = 100 } = options;
  return {
    name: "metropolis",
    usual: () => ({ chains: 4, burnIn: 600, thin: 5 }),
    init: (_space, points) => Promise.resolve(points),
    step: async (space, state, settings, random) => {
      const position = new Float64Array(space.count * space.k);
      const normals = new Float64Array(space.k);
      for (const [i, noise] of random.entries()) {
        noise.fillNormal(normals);
        propose(space, i, state.position, settings, normals, position);
      }
      const proposed = await space.at(position);
      const logRatio = (i: number): number =>
        (proposed.logDensity[i] ?? NaN) - (state.logDensity[i] ?? NaN);
      return metropolisRule(space, state, proposed, logRatio, random);
    },
    adaptation: (space, _burnIn, start) => new WalkAdaptation(space, adaptEvery, start),
  };
}

/** Writes the proposal of one chain to its place. */
function propose(
  { k, chains }: ChainSpace,
  i: number,
  from: Float64Array,
  { scale, factor }: WalkSettings,
  normals: Float64Array,
  to: Float64Array,
): void {
  const shape = Math.floor(i / chains) * k * k;
  for (let j = 0; j < k; j++) {
    let step = 0;
    for (let l = 0; l <= j; l++) step += (factor[shape + j * k + l] ?? NaN) * (normals[l] ?? NaN);
    to[i * k + j] = (from[i * k + j] ?? NaN) + (scale[i] ?? NaN) * step;
  }
}

/** Sizes and shapes of the steps of many chains. */
class WalkAdaptation implements Adaptation<Points, StepInfo, WalkSettings> {
  readonly settings: WalkSettings;
  readonly #space: ChainSpace;
  readonly #every: number;
  readonly #target: number;
  readonly #accepted: Float64Array;
  readonly #shapes: ChainShapes;
  /** Data sets whose shape is known. */
  readonly #shaped = new Set<number>();
  #steps = 0;

  constructor(space: ChainSpace, every: number, { position }: Points) {
    const { k, count } = space;
    this.#space = space;
    this.#every = every;
    this.#target = k === 1 ? 0.44 : Math.max(0.234, 0.44 - 0.07 * (k - 1));
    this.#accepted = new Float64Array(count);
    this.#shapes = new ChainShapes(space, position);
    this.settings = {
      scale: new Float64Array(count).fill(bestScale(k)),
      factor: this.#shapes.factor,
    };
  }

  note({ position }: Points, { accepted }: StepInfo): void {
    for (const [i, taken] of accepted.entries()) {
      this.#accepted[i] = (this.#accepted[i] ?? 0) + taken;
    }
    // One dimension needs its scale only.
    if (this.#space.k > 1) this.#shapes.note(position);
    this.#steps++;
    if (this.#steps % this.#every === 0) this.#adapt(this.#steps / this.#every);
  }

  /** Learns from what was noted since the last round. Rounds count from 1. */
  #adapt(round: number): void {
    const { scale } = this.settings;
    for (const [i, accepted] of this.#accepted.entries()) {
      const rate = accepted / this.#every;
      const change = (2.5 * (rate - this.#target)) / Math.sqrt(round) - (rate === 0 ? STUCK : 0);
      scale[i] = (scale[i] ?? 1) * Math.exp(change);
    }
    this.#accepted.fill(0);
    if (this.#space.k === 1 || !Number.isInteger(Math.log2(round))) return;
    const { k, chains } = this.#space;
    for (const set of this.#shapes.learn()) {
      // Until now the scales were those of another shape.
      if (!this.#shaped.has(set)) scale.fill(bestScale(k), set * chains, (set + 1) * chains);
      this.#shaped.add(set);
    }
  }
}

/** What is best for a normal target of known covariance. */
function bestScale(k: number): number {
  return 2.4 / Math.sqrt(k);
}
