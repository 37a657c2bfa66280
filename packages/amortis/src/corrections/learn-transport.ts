/**
 * Flow matching corrected posterior estimation: what a simulator gets wrong, learned from real data sets with known parameters.
 *
 * Posteriors q(θ | Z) of a simulator that is not quite right are carried to where true parameters lie, by a flow that is learned from pairs (Z_i, θ_i) alone, whatever is wrong with the simulator:
 *
 *     φ* = argmin E_{i, t, r ~ q(· | Z_i)} ‖ v_φ((1 - t) r + t r_i, t; m(Z_i), log s(Z_i)) - (r_i - r) ‖²
 *
 * (Ruhlmann, Rodrigues, Arbel & Forbes 2025, arXiv 2509.23385; flow matching between two laws: Liu, Gong & Liu 2023, arXiv 2209.03003). r are residuals in unconstrained space, u = m(Z) + s(Z) r
 * with the posterior's own mean and width, r_i that of the true parameters. The flow begins at posteriors that two numbers a parameter have moved and widened already (`posterior/recalibration.ts`),
 * and learns what is left: bias and width that differ from place to place, skewness, wrong correlations. The paper's flow sees the data; here it sees what the posterior says of them, 2 d numbers,
 * since pairs are few. How long it may learn is decided by five-fold cross-validation of log q'(θ_i | Z_i): where no length beats not moving anything, there is no flow.
 */
import {
  add,
  adamW,
  averaged,
  compile,
  hostTensor,
  initialState,
  input,
  mul,
  square,
  sub,
  sum,
  TrainingLoop,
  variableValues,
  Variables,
  type HostTensor,
  type Program,
  type Named,
  type Optimizer,
  type Runtime,
} from "@amortis/graph";
import { columnMoments, type Moments } from "../data/moments.js";
import { standardizeRows } from "../data/standardization.js";
import type { Bijection } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { middlesOf, type Middles } from "../posterior/recalibration.js";
import { featuresOf, parametersAt, residualsOf } from "../posterior/transported-source.js";
import { stream, type Stream } from "../random/index.js";
import { transportPrograms, velocity } from "./transport.js";
import { BACK } from "./transport-names.js";

/** Pairs, at least: of fewer a flow learns each by heart. */
export const FEWEST_FOR_TRANSPORT = 30;

/** Draws of each posterior that are learned from, and their seed. */
const [DRAWS, SEED] = [64, 20_250_929];

/** Steps after which a flow is looked at, rows of a step, and the rate. */
const [LOOKS, BATCH, RATE] = [[50, 100, 200, 400], 128, 2e-3] as const;

const FOLDS = 5;

/** Weights of pairs that are few: held back, and averaged over about fifty steps. The average is the optimizer's last slot. */
function optimizer(): Optimizer {
  return averaged(adamW({ weightDecay: 2 }), { decay: 0.98 });
}

/** By how much middles differ at least, in widths of posteriors, or logarithms of widths, where a flow is told of it in full. */
const LEAST_APART = 0.3;

/** Gain of the mean log density, in standard errors of it, from which on a flow is worth having: the best of four lengths is one too large by chance in one case of six. */
const WORTH = 2;

/** A flow, learned. */
export interface LearnedTransport {
  readonly weights: Float32Array;
  /** Of what it is told of posteriors. */
  readonly features: Pick<Moments, "mean" | "sd">;
  /** By how much log q'(θ | Z) is larger in the mean, cross-validated, in nats, with its standard error. */
  readonly gain: number;
  readonly standardError: number;
}

/** Pairs as flows see them. */
interface Pairs {
  readonly size: number;
  readonly d: number;
  /** [size, 2 d]. */
  readonly features: Float32Array;
  /** Of the true parameters, [size, d]. */
  readonly truth: Float32Array;
  /** Of draws, [size × DRAWS, d]. */
  readonly draws: Float32Array;
}

/**
 * Learns a flow.
 *
 * @param source posteriors of the data sets, with two numbers a parameter put right.
 * @param truth their parameters, [size, p].
 * @returns undefined where nothing is gained by one.
 */
export async function learnTransport(
  source: PosteriorSource,
  truth: Float64Array,
  bijection: Bijection,
  runtime: Runtime,
): Promise<LearnedTransport | undefined> {
  const { size } = source;
  const { unconstrainedSize: d, size: p } = bijection;
  const middles = await middlesOf(source, bijection, 0, size);
  const told = featuresOf(middles, d);
  const moments = momentsOf(told, middles, d);
  const { draws } = await source.draw(DRAWS, SEED, 0, size);
  const pairs: Pairs = {
    size,
    d,
    features: standardizeRows(told, moments),
    truth: residualsOf(truth, middles, bijection, 1),
    draws: residualsOf(draws, middles, bijection, DRAWS),
  };
  const fit = await TransportFit.create(pairs, runtime);
  const before = await source.logDensity(truth, 0, size);
  const ends = parametersAt(pairs.truth, middles, bijection, 1).logJacobian;
  /** log q'(θ_i | Z_i) - log q(θ_i | Z_i). */
  const gains = async (weights: Float32Array): Promise<Float64Array> => {
    const { from, logScale } = await fit.back(weights);
    const start = parametersAt(from, middles, bijection, 1);
    const values = await source.logDensity(start.parameters.subarray(0, size * p), 0, size);
    return Float64Array.from(
      values,
      (value, i) =>
        value +
        (logScale[i] ?? 0) +
        (start.logJacobian[i] ?? 0) -
        (ends[i] ?? 0) -
        (before[i] ?? 0),
    );
  };
  try {
    const random = stream("transport");
    const found = LOOKS.map(() => new Float64Array(size));
    for (let fold = 0; fold < FOLDS; fold++) {
      const rows = Array.from({ length: size }, (_, i) => i);
      const learned = rows.filter((i) => i % FOLDS !== fold);
      await fit.learn(learned, random.split(fold), LOOKS, async (look, weights) => {
        const all = await gains(weights);
        for (const i of rows) if (i % FOLDS === fold) found[look]?.fill(all[i] ?? 0, i, i + 1);
      });
    }
    const scores = found.map(scoreOf);
    const best = scores.reduce((a, b, k) => (b.gain > (scores[a]?.gain ?? 0) ? k : a), 0);
    const { gain, standardError } = scores[best] ?? { gain: 0, standardError: 0 };
    if (!(gain > WORTH * standardError)) return undefined;
    let weights = new Float32Array();
    const all = Array.from({ length: size }, (_, i) => i);
    await fit.learn(all, random.split("all"), [LOOKS[best] ?? 0], (_, last) => {
      weights = last.slice();
      return Promise.resolve();
    });
    return { weights, features: moments, gain, standardError };
  } finally {
    await fit.release();
  }
}

/**
 * Location and scale of what flows are told. What varies by less than tells posteriors apart is left small: the middles of 512 draws differ by chance, by which a flow would know each pair by heart.
 */
function momentsOf(told: Float64Array, { sd: widths }: Middles, d: number) {
  const { mean, sd } = columnMoments(told, 2 * d);
  const rows = widths.length / d;
  const floors = Array.from({ length: 2 * d }, (_, k) => {
    let width = 0;
    for (let i = 0; i < rows; i++) width += (widths[i * d + k] ?? 0) / rows;
    return k < d ? LEAST_APART * width : LEAST_APART;
  });
  return { mean, sd: sd.map((value, k) => Math.max(value, floors[k] ?? 0)) };
}

function scoreOf(gains: Float64Array) {
  const gain = gains.reduce((a, b) => a + b, 0) / gains.length;
  const squares = gains.reduce((total, one) => total + (one - gain) ** 2, 0);
  return { gain, standardError: Math.sqrt(squares / (gains.length - 1) / gains.length) };
}

/** Flows of the same pairs; compiled once for all folds. */
class TransportFit {
  readonly #pairs: Pairs;
  readonly #variables: Variables;
  readonly #training: TrainingLoop;
  readonly #back: Program<Named, Named>;

  private constructor(
    pairs: Pairs,
    variables: Variables,
    training: TrainingLoop,
    back: Program<Named, Named>,
  ) {
    this.#pairs = pairs;
    this.#variables = variables;
    this.#training = training;
    this.#back = back;
  }

  static async create(pairs: Pairs, runtime: Runtime): Promise<TransportFit> {
    const { d } = pairs;
    const variables = new Variables();
    const examples = {
      features: input("features", [BATCH, 2 * d]),
      from: input("from", [BATCH, d]),
      to: input("to", [BATCH, d]),
      time: input("time", [BATCH, 1]),
    };
    const { features, from, to, time } = examples;
    const change = sub(to, from);
    const r = add(from, mul(time, change));
    const error = sub(velocity(variables, r, time, features), change);
    const losses = sum(square(error), { axes: [-1] });
    const spec = {
      variables,
      losses,
      examples,
      optimizer: optimizer(),
      clipNorm: 5,
    };
    const training = await TrainingLoop.create(spec, runtime, { threads: 1 });
    const { inputs, outputs } = transportPrograms(variables, d)[BACK];
    const weights = variables.entries.map(({ name, tensor }) => [name, tensor] as const);
    const back = await compile(
      { name: BACK, inputs: { ...inputs, ...Object.fromEntries(weights) }, outputs },
      runtime,
      { threads: 1 },
    );
    return new TransportFit(pairs, variables, training, back);
  }

  /** Learns from some of the pairs, and shows the weights after so many steps each. */
  async learn(
    rows: readonly number[],
    random: Stream,
    looks: readonly number[],
    show: (look: number, weights: Float32Array) => Promise<void>,
  ): Promise<void> {
    const data = this.#examples(random.split("times"));
    let state = initialState(
      this.#variables,
      optimizer(),
      this.#variables.initialize(random.split("weights")),
    );
    for (const [look, end] of looks.entries()) {
      const count = end - state.step;
      const order = random.split("order").split(look);
      const { state: next } = await this.#training.run(state, {
        data,
        indices: Uint32Array.from(
          { length: count * BATCH },
          () => (rows[order.integer(rows.length)] ?? 0) * DRAWS + order.integer(DRAWS),
        ),
        learningRates: Array.from({ length: count }, () => RATE),
      });
      state = next;
      await show(look, state.slots.at(-1) ?? state.weights);
    }
  }

  /** Where true parameters come from. */
  async back(
    weights: Float32Array,
  ): Promise<{ readonly from: Float32Array; readonly logScale: Float32Array }> {
    const { size, d, features, truth } = this.#pairs;
    const results = await this.#back.run({
      ...variableValues(this.#variables, weights),
      features: hostTensor(features, [size, 2 * d]),
      residuals: hostTensor(truth, [size, 1, d]),
    });
    return { from: floats(results["from"]), logScale: floats(results["logScale"]) };
  }

  async release(): Promise<void> {
    await this.#training.release();
    await this.#back.release();
  }

  #examples(random: Stream): Readonly<Record<string, HostTensor>> {
    const { size, d, features, truth, draws } = this.#pairs;
    const n = size * DRAWS;
    const repeated = (values: Float32Array, width: number) =>
      Float32Array.from({ length: n * width }, (_, at) => {
        const row = Math.floor(at / width / DRAWS);
        return values[row * width + (at % width)] ?? 0;
      });
    const time = new Float32Array(n);
    random.fillUniform(time);
    return {
      features: hostTensor(repeated(features, 2 * d), [n, 2 * d]),
      from: hostTensor(draws, [n, d]),
      to: hostTensor(repeated(truth, d), [n, d]),
      time: hostTensor(time, [n, 1]),
    };
  }
}

function floats(tensor: HostTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError("a flow gives numbers in single precision");
}
