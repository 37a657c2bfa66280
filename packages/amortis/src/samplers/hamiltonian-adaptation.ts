/**
 * What Hamiltonian samplers learn while chains burn in: the metric of each data set from all of its chains, in windows that double, and a step size by dual averaging beside it.
 * The end of burn-in is left to the step size alone.
 *
 * Before there is a window, axes have the scales that chains start apart at.
 *
 * Chains that learn together come to the acceptance that was asked for, neither more nor less; where trajectories then diverge, the posterior has places that such steps do not get into, and the acceptance that
 * is asked for rises window by window. An acceptance that the user names stays.
 *
 * Reference: Carpenter et al. 2017, "Stan: a probabilistic programming language", for windows.
 */
import { ChainMoments } from "./chain-moments.js";
import { startingScales } from "./chain-shapes.js";
import { DualAveraging } from "./dual-averaging.js";
import type {
  HamiltonianInfo,
  HamiltonianOptions,
  HamiltonianSetting,
  HamiltonianSettings,
} from "./hamiltonian.js";
import { learnMetric } from "./learn-metric.js";
import { diagonalMetric } from "./metric.js";
import type { Adaptation } from "./sampler.js";
import type { ChainSpace, Points, SlopedPoints } from "./target.js";

/** Acceptance where nobody says it; where it may rise to, and by how much less is rejected each time; and the share of trajectories that may diverge without it. */
const USUAL_ACCEPTANCE = 0.8;
const MOST_ACCEPTANCE = 0.95;
const STRICTER = 0.5;
const MAY_DIVERGE = 0.002;
/** Iterations after each window in which steps are sought, ten times too large ones among them: divergences say nothing of the posterior then. */
const SEEKING = 10;
/** Iterations of the first window. */
const WINDOW = 10;
/** What is left to the step size at the end of burn-in: a share, but not fewer iterations than so many. */
const ENDING = 0.1;
const SHORTEST_ENDING = 20;
/** Rank of metrics, at most, where nothing is said. */
const USUAL_RANK = 30;

/** Steps and metrics of many data sets. */
export class HamiltonianAdaptation implements Adaptation<
  SlopedPoints,
  HamiltonianInfo,
  HamiltonianSettings
> {
  readonly #space: ChainSpace;
  readonly #rank: number;
  readonly #burnIn: number;
  readonly #steps: readonly DualAveraging[];
  readonly #positions: ChainMoments;
  readonly #gradients: ChainMoments;
  #settings: readonly HamiltonianSetting[];
  readonly #rises: boolean;
  /** Trajectories that diverged since the last window, of each data set. */
  readonly #diverged: Uint32Array;
  #seen = 0;
  #window = WINDOW;

  /** @param burnIn iterations that will be heard of. */
  constructor(
    space: ChainSpace,
    burnIn: number,
    { position }: Points,
    { acceptance, rank = USUAL_RANK }: HamiltonianOptions,
  ) {
    const { k, size, count } = space;
    this.#space = space;
    this.#burnIn = burnIn;
    this.#rank = rank;
    const step = k ** -0.25;
    this.#rises = acceptance === undefined;
    const target = acceptance ?? USUAL_ACCEPTANCE;
    this.#steps = Array.from({ length: size }, () => new DualAveraging(target, step));
    this.#diverged = new Uint32Array(size);
    this.#positions = new ChainMoments(k, count);
    this.#gradients = new ChainMoments(k, count);
    const scales = startingScales(space, position);
    this.#settings = this.#steps.map((_, set) => ({
      step,
      metric: diagonalMetric(scales.slice(set * k, (set + 1) * k)),
    }));
  }

  get settings(): HamiltonianSettings {
    return this.#settings;
  }

  note({ position, gradient }: SlopedPoints, { acceptance, divergent }: HamiltonianInfo): void {
    const { chains } = this.#space;
    this.#seen++;
    for (const [set, averaging] of this.#steps.entries()) {
      const own = acceptance.subarray(set * chains, (set + 1) * chains);
      averaging.note(own.reduce((sum, rate) => sum + rate, 0) / chains);
      if (this.#positions.seen < SEEKING) continue;
      const lost = divergent.subarray(set * chains, (set + 1) * chains).reduce((a, b) => a + b, 0);
      this.#diverged[set] = (this.#diverged[set] ?? 0) + lost;
    }
    this.#positions.note(position);
    this.#gradients.note(gradient);
    const ending = Math.max(SHORTEST_ENDING, ENDING * this.#burnIn);
    if (this.#positions.seen >= this.#window && this.#seen + ending <= this.#burnIn) {
      this.#settings = this.#settings.map((setting, set) => this.#learned(setting, set));
      this.#diverged.fill(0);
      this.#positions.clear();
      this.#gradients.clear();
      this.#window *= 2;
    }
    const isLast = this.#seen >= this.#burnIn;
    this.#settings = this.#settings.map(({ metric }, set) => {
      const averaging = this.#steps[set];
      return { metric, step: (isLast ? averaging?.average : averaging?.step) ?? NaN };
    });
  }

  #learned(setting: HamiltonianSetting, set: number): HamiltonianSetting {
    const { k, chains } = this.#space;
    const [from, to] = [set * chains, (set + 1) * chains];
    const moments = {
      positions: this.#positions.covariance(from, to),
      gradients: this.#gradients.covariance(from, to),
      draws: chains * this.#positions.seen,
    };
    const metric = learnMetric(moments, k, this.#rank);
    if (metric === undefined) return setting;
    const averaging = this.#steps[set];
    const counted = chains * (this.#positions.seen - SEEKING);
    if (this.#rises && (this.#diverged[set] ?? 0) > MAY_DIVERGE * counted) {
      averaging?.ask((target) => Math.min(MOST_ACCEPTANCE, 1 - STRICTER * (1 - target)));
    }
    averaging?.restart();
    return { ...setting, metric };
  }
}
