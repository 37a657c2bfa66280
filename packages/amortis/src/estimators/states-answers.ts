/**
 * Draws and densities of the parameters and states of series: backwards in time where all of a series is given, time by time where what was seen until then is.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { flatNames, type Floats } from "../data/layout.js";
import type { JointPrior } from "../distributions/index.js";
import { offsetSource } from "../posterior/offset-source.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { blocks, drawsPerCall, type Block } from "./calls.js";
import { baseNoise, noiseStreams } from "./drawing.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, floatsOf, rows } from "./results.js";
import type { SeriesContexts } from "./series-contexts.js";
import type { StatesAnswer } from "./states-file.js";
import { StatesLayout } from "./states-layout.js";

/** Of what answers are made. */
export interface SeriesParts {
  readonly answer: StatesAnswer;
  readonly prior: JointPrior;
  readonly programs: OpenedPrograms;
  /** What was taken off the states at one time in training, [d]. */
  readonly stateOffset: readonly number[];
  /** Parameters that are known, less their offset, [p]. */
  readonly known: Float64Array | undefined;
}

/** One of the densities. */
type Which = "Statics" | "Filter" | "Smoother";

/** Draws that are asked for: so many at each of the times [start, end), whose noise has streams of its own. */
interface Drawing {
  readonly seed: number;
  readonly member: number;
  readonly draws: number;
  readonly start: number;
  readonly end: number;
}

/** Answers of one series by what the network made of it. */
export class SeriesAnswers {
  readonly #of: SeriesParts;
  readonly #series: SeriesContexts;
  readonly #layout: StatesLayout;
  readonly #times: number;

  constructor(of: SeriesParts, series: SeriesContexts) {
    this.#of = of;
    this.#series = series;
    this.#layout = new StatesLayout(of.answer, of.prior.slots);
    this.#times = series.contexts.shape[0] ?? 0;
  }

  /** How many times there are. */
  get times(): number {
    return this.#times;
  }

  /** Parameters and all states given all that was seen. */
  smoothed(): PosteriorSource {
    const slots = this.#layout.slots(this.#times);
    return this.#onOffset(this.#times, {
      slots,
      flatNames: flatNames(slots),
      size: 1,
      draw: async (draws, seed) => ({
        draws: await this.#paths(draws, seed),
        answers: [{ status: "amortized" }],
      }),
      logDensity: (parameters) => this.#logOfPaths(parameters),
    });
  }

  /** Parameters and the state of each time, given what was seen until then: a data set for each time. */
  filtered(): PosteriorSource {
    const slots = this.#layout.slots(undefined);
    return this.#onOffset(1, {
      slots,
      flatNames: flatNames(slots),
      size: this.#times,
      draw: async (draws, seed, start, end) => ({
        draws: await this.#filtered(draws, seed, start, end),
        answers: Array.from({ length: end - start }, () => ({ status: "amortized" }) as const),
      }),
      logDensity: async (parameters, start, end) => {
        const m = parameters.length / ((end - start) * this.#layout.width(1));
        const { statics, path } = this.#layout.split(parameters, m * (end - start), 1);
        const { values } = await this.#logOf("Filter", { statics, state: path }, m, start, end);
        const total = Float64Array.from(values);
        await this.#addStatics(total, statics, m, start, end);
        return total;
      },
    });
  }

  /** Parameters alone, given all that was seen. */
  statics(): PosteriorSource {
    const { slots } = this.#of.prior;
    const last = this.#times - 1;
    const source: PosteriorSource = {
      slots,
      flatNames: flatNames(slots),
      size: 1,
      draw: async (draws, seed) => ({
        draws: await this.#parameters(draws, seed, last, this.#times),
        answers: [{ status: "amortized" }],
      }),
      logDensity: async (parameters) => {
        const m = parameters.length / this.#layout.statics;
        const total = new Float64Array(m);
        await this.#addStatics(total, Float32Array.from(parameters), m, last, this.#times);
        return total;
      },
    };
    return offsetSource(source, this.#of.prior.offset);
  }

  #onOffset(times: number, source: PosteriorSource): PosteriorSource {
    const { prior, stateOffset } = this.#of;
    return offsetSource(source, this.#layout.offsets(prior.offset, stateOffset, times));
  }

  async #paths(draws: number, seed: number): Promise<Float64Array> {
    const [times, d] = [this.#times, this.#layout.states];
    const statics = await this.#parameters(draws, seed, times - 1, times);
    const path = new Float32Array(times * draws * d);
    let later: Following | undefined;
    for (let time = times - 1; time >= 0; time--) {
      const given = { statics, ...later };
      const asked = { seed, member: 1 + time, draws, start: time, end: time + 1 };
      const { values, after } = await this.#draw(later ? "Smoother" : "Filter", given, asked);
      path.set(values, time * draws * d);
      later = this.#following(values, after, draws, time);
    }
    return this.#layout.join(statics, path, draws, times);
  }

  /** What the state before is given of those that follow. */
  #following(
    next: Float32Array,
    after: Float32Array | undefined,
    rows: number,
    time: number,
  ): Following {
    const { markov, units } = this.#of.answer;
    if (markov) return { next };
    const before = after ?? new Float32Array(rows * units);
    return { next, before, seen: this.#series.seenAt(time) };
  }

  async #filtered(draws: number, seed: number, start: number, end: number): Promise<Float64Array> {
    const statics = await this.#parameters(draws, seed, start, end);
    const asked = { seed, member: 1, draws, start, end };
    const { values } = await this.#draw("Filter", { statics }, asked);
    return this.#layout.join(statics, values, draws * (end - start), 1);
  }

  /** Draws of the parameters given what was seen until each of the times [start, end), [times, draws, p]; or those that are known. */
  async #parameters(
    draws: number,
    seed: number,
    start: number,
    end: number,
  ): Promise<Float32Array> {
    const { known } = this.#of;
    const p = this.#layout.statics;
    if (known === undefined) {
      const asked = { seed, member: 0, draws, start, end };
      return (await this.#draw("Statics", {}, asked)).values;
    }
    return Float32Array.from({ length: (end - start) * draws * p }, (_, i) => known[i % p] ?? NaN);
  }

  /** Draws at some times, [times, draws, size], and the network that goes back after them. */
  async #draw(which: Which, given: Given, asked: Drawing): Promise<Outcome> {
    const { seed, member, draws, start, end } = asked;
    const { noise } = this.#of.answer;
    const [{ normal, uniform }, output, size] =
      which === "Statics"
        ? ([noise.statics, "theta", this.#layout.statics] as const)
        : ([noise.states, "state", this.#layout.states] as const);
    const found = this.#room(given, (end - start) * draws, size);
    let streams = noiseStreams(seed, 0, 0, member);
    for (const block of blocks(start, end, draws, drawsPerCall(size))) {
      const { from, to, first, last } = block;
      if (first === 0) streams = noiseStreams(seed, from, to, member);
      const results = await this.#of.programs.run(`sample${which}`, {
        ...this.#feeds(given, draws, block, start),
        ...(normal > 0 && { normal: baseNoise(streams, "normal", last - first, normal) }),
        ...(uniform > 0 && { uniform: baseNoise(streams, "uniform", last - first, uniform) }),
      });
      finiteOf(results, output, { what: "a draw", first: from, sets: to - from });
      this.#place(results, output, found, { block, start, rows: draws });
    }
    return found;
  }

  /** Room for what is found at so many rows. */
  #room(given: Given, rows: number, size: number): Outcome {
    const { units } = this.#of.answer;
    return {
      values: new Float32Array(rows * size),
      ...(given.before && { after: new Float32Array(rows * units) }),
    };
  }

  /** Puts what a call gave where it belongs. */
  #place(results: Results, output: string, { values, after }: Outcome, at: Place): void {
    placeRows(floatsOf(results, output), values, at);
    if (after) placeRows(floatsOf(results, "after"), after, at);
  }

  /** What a density is given, for some times and rows. */
  #feeds(given: Given, each: number, block: Block, start: number): Record<string, HostTensor> {
    const { from, to, first, last } = block;
    const part = (values: Float32Array, size: number): HostTensor => {
      const own = new Float32Array((to - from) * (last - first) * size);
      for (let i = 0; i < to - from; i++) {
        const at = ((from - start + i) * each + first) * size;
        own.set(values.subarray(at, at + (last - first) * size), i * (last - first) * size);
      }
      return hostTensor(own, [to - from, last - first, size]);
    };
    const { statics, next, before, seen, state, theta } = given;
    const { statics: p, states: d } = this.#layout;
    return {
      context: rows(this.#series.contexts, from, to),
      ...(statics && { parameters: part(statics, p) }),
      ...(theta && { theta: part(theta, p) }),
      ...(next && { next: part(next, d) }),
      ...(before && { before: part(before, this.#of.answer.units), ...seen }),
      ...(state && { state: part(state, d) }),
    };
  }

  /** Log-densities at the times [start, end), [times, m], and the network that goes back after them. */
  async #logOf(
    which: Which,
    given: Given,
    m: number,
    start: number,
    end: number,
  ): Promise<Outcome> {
    const found = this.#room(given, (end - start) * m, 1);
    for (const block of blocks(start, end, m)) {
      const feeds = this.#feeds(given, m, block, start);
      const results = await this.#of.programs.run(`logDensity${which}`, feeds);
      this.#place(results, "logDensity", found, { block, start, rows: m });
    }
    return found;
  }

  /** Adds log q(θ | r_t), unless they are known; -Infinity outside the support. */
  async #addStatics(
    total: Float64Array,
    theta: Float32Array,
    m: number,
    start: number,
    end: number,
  ): Promise<void> {
    const { known, prior } = this.#of;
    if (known !== undefined) return;
    const { values } = await this.#logOf("Statics", { theta }, m, start, end);
    const p = this.#layout.statics;
    for (const [row, value] of values.entries()) {
      const inside = prior.centred.contains(theta.subarray(row * p, (row + 1) * p));
      total[row] = inside ? (total[row] ?? 0) + value : -Infinity;
    }
  }

  /** log q(θ | r_T) + log q(x_T | θ, r_T) + Σ log q(x_t | x_{t+1}, θ, r_t), of flat vectors [m, width]. */
  async #logOfPaths(parameters: Floats): Promise<Float64Array> {
    const [times, d] = [this.#times, this.#layout.states];
    const m = parameters.length / this.#layout.width(times);
    const { statics, path } = this.#layout.split(parameters, m, times);
    const total = new Float64Array(m);
    let later: Following | undefined;
    for (let time = times - 1; time >= 0; time--) {
      const state = path.subarray(time * m * d, (time + 1) * m * d);
      const given = { statics, state, ...later };
      const which = later ? "Smoother" : "Filter";
      const { values, after } = await this.#logOf(which, given, m, time, time + 1);
      for (const [row, value] of values.entries()) total[row] = (total[row] ?? 0) + value;
      later = this.#following(state, after, m, time);
    }
    await this.#addStatics(total, statics, m, times - 1, times);
    return total;
  }
}

/** What is known of the states that follow: the next one, and where states are not Markov all. */
interface Following {
  readonly next: Float32Array;
  /** b_{t+1}, [draws, units], and what is seen then. */
  readonly before?: Float32Array;
  readonly seen?: Record<string, HostTensor>;
}

/** Arrays that densities are given, or asked of, [times, draws, size]. */
interface Given extends Partial<Following> {
  readonly statics?: Float32Array;
  readonly state?: Float32Array;
  readonly theta?: Float32Array;
}

/** What is found at some times, [times, rows, ...]. */
interface Outcome {
  readonly values: Float32Array;
  readonly after?: Float32Array;
}

type Results = Readonly<Record<string, HostTensor>>;

/** Where the rows of a block belong. */
interface Place {
  readonly block: Block;
  readonly start: number;
  /** Of each time. */
  readonly rows: number;
}

/** Puts what a call gave, [times, rows, size] of a block, where it belongs. */
function placeRows(
  values: Float32Array,
  into: Float32Array,
  { block: { from, to, first, last }, start, rows: each }: Place,
): void {
  const span = values.length / (to - from);
  const size = span / (last - first);
  for (let i = 0; i < to - from; i++) {
    const at = ((from - start + i) * each + first) * size;
    into.set(values.subarray(i * span, (i + 1) * span), at);
  }
}
