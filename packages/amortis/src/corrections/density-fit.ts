/**
 * The density of an estimator fitted to one data set alone, by maximum likelihood of draws of its posterior,
 *
 *     (φ*, c*) = argmax E_{p(θ | Z)} log q_φ(θ | c),
 *
 * from the networks' own weights φ and context c = S(Z): all weights of the density are free, and so is the context, so that q is the best member of its family which that descent
 * finds, whatever other data sets need. The draws are halved: one half is learned from, the other says when to stop. The start is the amortized answer, which is kept where nothing is better.
 */
import {
  adam,
  constantInit,
  EvaluationLoop,
  hostTensor,
  initialState,
  input,
  InvalidArgumentError,
  neg,
  Scope,
  TrainingLoop,
  Variables,
  warmUpCosine,
  type HostTensor,
  type Runtime,
} from "@amortis/graph";
import type { Floats } from "../data/layout.js";
import type { Bijection } from "../distributions/index.js";
import { weightsByName, type Contents } from "../estimators/contents.js";
import { stream } from "../random/index.js";
import { densityFamily, familyLogDensity } from "./density-family.js";

/** Name of the variable that has the context. */
const CONTEXT = "refined context";

/** Name of the examples. */
const DRAWS = "v";

/** Draws of a step, and steps between two looks at the other half. */
const [BATCH, LOOK] = [128, 50] as const;

/** The highest learning rate: a tenth of what networks are trained with, since they begin near the end. */
const RATE = 2e-3;

/** Global norm to which gradients are cut. */
const CLIP = 5;

/** Weights in the layout of an estimator's file, and a context [k]. */
export interface FittedDensity {
  readonly weights: Float32Array;
  readonly context: Float32Array;
}

/** How it went. */
export interface DensityFitted extends FittedDensity {
  /** Mean log density of the half that was not learned from, before and after, in the standardised unconstrained space. */
  readonly before: number;
  readonly after: number;
  readonly steps: number;
}

/** Fits the densities of one estimator; compiled once for all data sets. */
export class DensityFit {
  readonly #contents: Contents;
  readonly #bijection: Bijection;
  readonly #variables: Variables;
  readonly #training: TrainingLoop;
  readonly #evaluation: EvaluationLoop;

  private constructor(
    contents: Contents,
    bijection: Bijection,
    variables: Variables,
    training: TrainingLoop,
    evaluation: EvaluationLoop,
  ) {
    this.#contents = contents;
    this.#bijection = bijection;
    this.#variables = variables;
    this.#training = training;
    this.#evaluation = evaluation;
  }

  /**
   * @param bijection from unconstrained space to the parameters less their offset.
   * @param width numbers of the context.
   * @throws UnsupportedError where the estimator has no density that is learned by its logarithm.
   */
  static async create(
    contents: Contents,
    { bijection, width }: { readonly bijection: Bijection; readonly width: number },
    runtime: Runtime,
  ): Promise<DensityFit> {
    const family = densityFamily(contents);
    const variables = new Variables();
    const v = input(DRAWS, [BATCH, bijection.unconstrainedSize]);
    const examples = { [DRAWS]: v };
    const scope = Scope.root(variables, "inference");
    const context = scope.variable(CONTEXT, [1, width], constantInit(0));
    const losses = neg(familyLogDensity(scope, family, v, context, contents));
    const spec = { variables, losses, examples, optimizer: adam(), clipNorm: CLIP };
    const training = await TrainingLoop.create(spec, runtime, { threads: 1 });
    const evaluation = await EvaluationLoop.create(spec, runtime, { threads: 1 });
    return new DensityFit(contents, bijection, variables, training, evaluation);
  }

  /**
   * Fits from a start.
   *
   * @param draws of the posterior, of parameters less their offset, [n, p].
   * @throws InvalidArgumentError where there are fewer than two minibatches of them.
   */
  async fit(
    start: FittedDensity,
    draws: Floats,
    { steps, seed }: { readonly steps: number; readonly seed: number },
  ): Promise<DensityFitted> {
    const { size: p } = this.#bijection;
    const rows = draws.length / p;
    if (!(rows >= 2 * BATCH)) {
      throw new InvalidArgumentError(
        `a density is fitted to ${2 * BATCH} draws or more, but ${rows} were given`,
      );
    }
    const half = Math.floor(rows / 2);
    const learned = this.#standardized(draws.subarray(0, half * p));
    const held = { [DRAWS]: this.#standardized(draws.subarray(half * p)) };
    const random = stream(seed).split("refine");
    const rate = warmUpCosine({ peak: RATE, steps, warmUp: Math.min(LOOK, steps / 4) });
    let state = initialState(this.#variables, adam(), this.#startAt(start));
    const score = async (weights: Float32Array): Promise<number> =>
      -meanOf(await this.#evaluation.run(weights, held));
    const before = await score(state.weights);
    let [best, after] = [state.weights, before];
    while (state.step < steps) {
      const count = Math.min(LOOK, steps - state.step);
      const from = state.step;
      const noise = random.split(from);
      const { state: next } = await this.#training.run(state, {
        data: { [DRAWS]: learned },
        indices: Uint32Array.from({ length: count * BATCH }, () => noise.integer(half)),
        learningRates: Array.from({ length: count }, (_, i) => rate(from + i + 1)),
      });
      state = next;
      const now = await score(state.weights);
      if (now > after) [best, after] = [state.weights, now];
    }
    return { ...this.#endAt(start, best), before, after, steps };
  }

  /** Number of parameters. */
  get parameters(): number {
    return this.#bijection.size;
  }

  /** Log |dθ/dv| at draws [n, p]: what the log densities of v are larger by than those of θ. */
  logScale(draws: Floats): Float64Array {
    const { size: p } = this.#bijection;
    const { sd } = this.#moments;
    const scale = sd.reduce((total, value) => total + Math.log(value), 0);
    return Float64Array.from({ length: draws.length / p }, (_, i) => {
      const u = this.#bijection.inverse(draws.subarray(i * p, (i + 1) * p));
      return this.#bijection.logJacobian(u) + scale;
    });
  }

  /** Log densities of draws [n, p] of parameters less their offset under a fitted density, [n]. */
  async logDensity(fitted: FittedDensity, draws: Floats): Promise<Float64Array> {
    const data = { [DRAWS]: this.#standardized(draws) };
    const losses = await this.#evaluation.run(this.#startAt(fitted), data);
    return this.logScale(draws).map((scale, i) => -(losses[i] ?? Number.NaN) - scale);
  }

  async release(): Promise<void> {
    await this.#training.release();
    await this.#evaluation.release();
  }

  get #moments() {
    return this.#contents.details.standardization.unconstrained ?? { mean: [0], sd: [1] };
  }

  /** v of draws, [n, k]. */
  #standardized(draws: Floats): HostTensor {
    const { size: p, unconstrainedSize: k } = this.#bijection;
    const { mean, sd } = this.#moments;
    const rows = draws.length / p;
    const values = new Float32Array(rows * k);
    for (let i = 0; i < rows; i++) {
      const u = this.#bijection.inverse(draws.subarray(i * p, (i + 1) * p));
      for (const [j, value] of u.entries()) {
        values[i * k + j] = (value - (mean[j] ?? 0)) / (sd[j] ?? 1);
      }
    }
    return hostTensor(values, [rows, k]);
  }

  /** Weights of the file as those of the loop. */
  #startAt({ weights, context }: FittedDensity): Float32Array {
    const known = weightsByName({ ...this.#contents, weights });
    const values = new Float32Array(this.#variables.size);
    let offset = 0;
    for (const { name, size } of this.#variables.entries) {
      const value = name === CONTEXT ? context : known[name]?.data;
      if (value instanceof Float32Array) values.set(value, offset);
      offset += size;
    }
    return values;
  }

  /** Weights of the loop as those of the file. */
  #endAt({ weights }: FittedDensity, learned: Float32Array): FittedDensity {
    const places = new Map<string, number>();
    let place = 0;
    for (const { name, shape } of this.#contents.details.variables) {
      places.set(name, place);
      place += shape.reduce((a, b) => a * b, 1);
    }
    const all = weights.slice();
    let context = new Float32Array(0);
    let offset = 0;
    for (const { name, size } of this.#variables.entries) {
      const part = learned.slice(offset, offset + size);
      if (name === CONTEXT) context = part;
      else all.set(part, places.get(name) ?? 0);
      offset += size;
    }
    return { weights: all, context };
  }
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
