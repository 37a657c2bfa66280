/**
 * Slice sampling: along a line, a point drawn uniformly from where the density is above a drawn height.
 *
 *     log y = log p(u) - e,  e ~ Exp(1);      u′ uniform on { u + s L_j : log p > log y }
 *
 * An interval about u is stepped out until both ends are outside the slice, or it is as wide as it may get; draws from it are taken where they are inside, and cut it where they are not.
 * One step goes once along each column of L, where L Lᵀ is the covariance of the chains of a data set, learned while they burn in: along correlations, not across. There is
 * no step size to choose and no proposal to reject, and gradients are not needed.
 *
 * Reference: Neal 2003, "Slice sampling".
 */
import type { Stream } from "../random/index.js";
import { ChainShapes } from "./chain-shapes.js";
import {
  inLockstep,
  placeOf,
  pointsOf,
  type Place,
  type Row,
  type Transition,
} from "./lockstep.js";
import type { Adaptation, Sampler, StepInfo } from "./sampler.js";
import type { ChainSpace, Points } from "./target.js";

/** First interval, in units of L: what a standard normal has of its slices, in the mean. */
const WIDTH = 2.5;
/** Widths that an interval steps out to at most. */
const WIDEST = 16;
/** Draws after which a chain stays: the interval is no wider than rounding by then. */
const MOST_CUTS = 60;
/** Steps until shapes are learned first; it doubles. */
const FIRST_ROUND = 10;

/** What slices go along. */
export interface SliceSettings {
  /** L of each data set, [size, k, k]. */
  readonly factor: Float64Array;
}

/** What a step did to each chain. */
export interface SliceInfo extends StepInfo {
  /** Evaluations of the density, [chains]. */
  readonly evaluations: Uint32Array;
}

/**
 * The slice sampler, which needs densities only.
 *
 * @example const { draws, rHat } = await runChains(target, sliceSampler(), { bijection, start, iterations: 2000 });
 */
export function sliceSampler(): Sampler<Points, SliceInfo, SliceSettings> {
  return {
    name: "slice",
    usual: () => ({ chains: 4, burnIn: 100, thin: 1 }),
    init: (_space, points) => Promise.resolve(points),
    step: async (space, state, { factor }, random) => {
      const { k, chains } = space;
      const ends = await inLockstep(
        random.map((noise, i) => {
          const from = Math.floor(i / chains) * k * k;
          return sweep(
            space,
            { points: state, row: i },
            factor.subarray(from, from + k * k),
            noise,
          );
        }),
        k,
        (position, asked) => space.at(position, asked),
      );
      return {
        state: pointsOf(
          space,
          ends.map(({ at }) => at),
        ),
        info: {
          acceptance: new Float64Array(space.count).fill(1),
          accepted: new Uint8Array(space.count).fill(1),
          evaluations: Uint32Array.from(ends, ({ evaluations }) => evaluations),
        },
      };
    },
    adaptation: (space, _burnIn, start) => new SliceAdaptation(space, start),
  };
}

/** Once along each column of L. */
function* sweep(
  space: ChainSpace,
  from: Row<Points>,
  factor: Float64Array,
  noise: Stream,
): Transition<Points, { readonly at: Place; readonly evaluations: number }> {
  const { k } = space;
  let [at, evaluations] = [placeOf(space, from), 0];
  for (let j = 0; j < k; j++) {
    const direction = Float64Array.from({ length: k }, (_, i) => factor[i * k + j] ?? 0);
    const next = yield* along(space, at, direction, noise);
    at = next.at;
    evaluations += next.evaluations;
  }
  return { at, evaluations };
}

/** A draw along a line. */
function* along(space: ChainSpace, from: Place, direction: Float64Array, noise: Stream) {
  let evaluations = 0;
  const height = from.logDensity - noise.exponential();
  function* placeAt(s: number): Transition<Points, Place> {
    evaluations++;
    return placeOf(space, yield from.position.map((u, j) => u + s * (direction[j] ?? 0)));
  }
  let lower = -WIDTH * noise.uniform();
  let upper = lower + WIDTH;
  // How often each end may step out is drawn, so that the interval is as likely from any of its points.
  let [below, above] = divided(WIDEST - 1, noise);
  while (below > 0 && (yield* placeAt(lower)).logDensity > height) {
    lower -= WIDTH;
    below--;
  }
  while (above > 0 && (yield* placeAt(upper)).logDensity > height) {
    upper += WIDTH;
    above--;
  }
  for (let cut = 0; cut < MOST_CUTS; cut++) {
    const s = lower + (upper - lower) * noise.uniform();
    const at = yield* placeAt(s);
    if (at.logDensity > height) return { at, evaluations };
    if (s < 0) lower = s;
    else upper = s;
  }
  return { at: from, evaluations };
}

/** A whole number in two parts. */
function divided(total: number, noise: Stream): readonly [number, number] {
  const first = noise.integer(total + 1);
  return [first, total - first];
}

/** Shapes, learned anew whenever the steps have doubled. */
class SliceAdaptation implements Adaptation<Points, SliceInfo, SliceSettings> {
  readonly settings: SliceSettings;
  readonly #shapes: ChainShapes;
  #steps = 0;
  #next = FIRST_ROUND;

  constructor(space: ChainSpace, { position }: Points) {
    this.#shapes = new ChainShapes(space, position);
    this.settings = { factor: this.#shapes.factor };
  }

  note({ position }: Points): void {
    this.#shapes.note(position);
    if (++this.#steps < this.#next) return;
    this.#shapes.learn();
    this.#next *= 2;
  }
}
