/**
 * Training with a function on the host: a likelihood in plain TypeScript, with its gradient.
 *
 * The graph has no such function, so a step is three: parameters θ from the weights; the function's value f and gradient g at each
 * of them; and the optimizer's step, in which f + g·(θ - θ₀), with θ₀ the value of θ held constant, has the value and the gradient
 * of f(θ). A step thus costs two calls of the runtime and batch × draws calls of the function, one after another: prefer a graph.
 */
import {
  add,
  compile,
  EvaluationLoop,
  hostTensor,
  input,
  InvalidArgumentError,
  leavesOf,
  mul,
  stopGradient,
  sub,
  sum,
  TrainingLoop,
  variableValues,
  type EvaluationSpec,
  type HostTensor,
  type Named,
  type NoiseInput,
  type Program,
  type Runtime,
  type SessionOptions,
  type Tensor,
  type TrainingChunk,
  type TrainingProgress,
  type TrainingSpec,
  type TrainingState,
  type Variables,
} from "@amortis/graph";
import { takeRows, type DataSets } from "../data/data-sets.js";
import { presentRow } from "../data/elements.js";
import { sizeOf } from "../data/shape.js";
import type { HostCall } from "../methods/method.js";

/** What learns: a compiled loop, or one that stops at each step. */
export interface Learner {
  run(state: TrainingState, chunk: TrainingChunk): Promise<TrainingProgress>;
  release(): Promise<void>;
}

/** What evaluates losses. */
export interface Evaluator {
  run(weights: Float32Array, data: Readonly<Record<string, HostTensor>>): Promise<Float32Array>;
  release(): Promise<void>;
}

/** A call to the host, with the leaves by which its results enter the graph. */
interface PlacedCall extends HostCall {
  readonly value: Tensor;
  readonly gradient: Tensor;
}

/** Calls to the host that some losses make. */
export class HostCalls {
  readonly #calls: PlacedCall[] = [];

  get all(): readonly PlacedCall[] {
    return this.#calls;
  }

  /** Takes a call, and gives what it will return. */
  place(call: HostCall): Tensor {
    const { theta } = call;
    if (theta.rank !== 3) {
      throw new InvalidArgumentError(
        `host: theta must be [batch, draws, p], but is [${theta.shape.join(", ")}]`,
      );
    }
    const name = `host${this.#calls.length}`;
    const value = input(`${name}/value`, theta.shape.slice(0, 2));
    const slope = input(`${name}/gradient`, theta.shape);
    this.#calls.push({ ...call, value, gradient: slope });
    const linear = sum(mul(slope, sub(theta, stopGradient(theta))), { axes: [-1] });
    return add(value, linear);
  }

  /** Leaves of what the host returns. */
  get examples(): Named {
    return Object.fromEntries(
      this.#calls.flatMap(({ value, gradient }) => [
        [value.name ?? "", value],
        [gradient.name ?? "", gradient],
      ]),
    );
  }
}

/** Opens a second thing; where that fails, releases the first, which nobody else holds yet. */
export async function orRelease<T>(
  first: { release(): Promise<void> },
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    // What went wrong first is what counts.
    await first.release().catch(() => {});
    throw error;
  }
}

type Arrays = Readonly<Record<string, HostTensor>>;

/** The data sets of a minibatch of examples, as they were simulated. */
export type DataOf = (rows: Readonly<Record<string, HostTensor>>) => DataSets;

/** Computes what the host is asked, asks it, and gives the answers as examples. */
class HostPass {
  readonly #calls: readonly PlacedCall[];
  readonly #program: Program<Named, Named>;
  readonly #inputs: Named;
  readonly #dataOf: DataOf;
  readonly #variables: Variables;

  private constructor(
    calls: readonly PlacedCall[],
    program: Program<Named, Named>,
    inputs: Named,
    dataOf: DataOf,
    variables: Variables,
  ) {
    this.#calls = calls;
    this.#program = program;
    this.#inputs = inputs;
    this.#dataOf = dataOf;
    this.#variables = variables;
  }

  /** @param leaves examples and noise that θ may depend on. */
  static async create(
    calls: readonly PlacedCall[],
    leaves: Named,
    dataOf: DataOf,
    variables: Variables,
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<HostPass> {
    const thetas = calls.map(({ theta }) => theta);
    const used = leavesOf(thetas);
    const inputs = Object.fromEntries(
      [
        ...Object.entries(leaves),
        ...variables.entries.map(({ name, tensor }) => [name, tensor] as const),
      ].filter(([, leaf]) => used.has(leaf)),
    );
    const outputs = Object.fromEntries(thetas.map((theta, i) => [`theta${i}`, theta]));
    const program = await compile({ name: "host", inputs, outputs }, runtime, options);
    return new HostPass(calls, program, inputs, dataOf, variables);
  }

  /** @param rows one minibatch of all examples, and its noise. */
  async run(weights: Float32Array, rows: Arrays): Promise<Arrays> {
    const all: Arrays = { ...variableValues(this.#variables, weights), ...rows };
    const feeds: Record<string, HostTensor> = {};
    for (const name of Object.keys(this.#inputs)) {
      const value = all[name];
      if (value !== undefined) feeds[name] = value;
    }
    const results = await this.#program.run(feeds);
    const answers: Record<string, HostTensor> = {};
    for (const [i, call] of this.#calls.entries()) {
      const theta = results[`theta${i}`];
      if (theta === undefined) throw new TypeError("the program gave no parameters");
      const { values, gradients } = this.#ask(call, theta, rows);
      answers[call.value.name ?? ""] = hostTensor(values, theta.shape.slice(0, 2));
      answers[call.gradient.name ?? ""] = hostTensor(gradients, theta.shape);
    }
    return answers;
  }

  #ask(
    { evaluate }: HostCall,
    { shape: [batch = 0, draws = 0, p = 0], data: flat }: HostTensor,
    rows: Arrays,
  ): { readonly values: Float32Array; readonly gradients: Float32Array } {
    const values = new Float32Array(batch * draws);
    const gradients = new Float32Array(batch * draws * p);
    const sets = this.#dataOf(rows);
    for (let i = 0; i < batch; i++) {
      const data = presentRow(sets, i);
      for (let j = i * draws; j < (i + 1) * draws; j++) {
        const theta = Float64Array.from({ length: p }, (_, k) => Number(flat[j * p + k]));
        const { value, gradient } = evaluate(theta, data);
        if (!Number.isFinite(value) || Array.from(gradient).some((x) => !Number.isFinite(x))) {
          throw new InvalidArgumentError(
            `the log-likelihood on the host must be finite, with a finite gradient, wherever the prior has mass, but at parameters [${theta.join(", ")}] it is ${value}, with gradient [${Array.from(gradient).join(", ")}]`,
          );
        }
        values[j] = value;
        gradients.set(gradient, j * p);
      }
    }
    return { values, gradients };
  }

  async release(): Promise<void> {
    await this.#program.release();
  }
}

/** Rows of all arrays, in an order. */
function gatherRows(arrays: Arrays, order: Uint32Array): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      const { data, shape } = array;
      if (!(data instanceof Float32Array))
        throw new TypeError(`the example "${name}" is no float32`);
      const [, ...each] = shape;
      return [name, hostTensor(takeRows(data, sizeOf(each), order), [order.length, ...each])];
    }),
  );
}

function pick(arrays: Arrays, names: Named): Arrays {
  return Object.fromEntries(Object.entries(arrays).filter(([name]) => Object.hasOwn(names, name)));
}

/** What a loop with a function on the host is made of, beside what any loop is. */
export interface HostSpec {
  readonly calls: HostCalls;
  readonly dataOf: DataOf;
}

/** A training loop that asks the host at each step. */
export class HostTrainingLoop implements Learner {
  readonly #spec: TrainingSpec;
  readonly #noise: readonly NoiseInput[];
  readonly #batch: number;
  readonly #pass: HostPass;
  readonly #loop: TrainingLoop;

  private constructor(spec: TrainingSpec, pass: HostPass, loop: TrainingLoop) {
    this.#spec = spec;
    this.#noise = spec.noise ?? [];
    this.#batch = loop.batch;
    this.#pass = pass;
    this.#loop = loop;
  }

  static async create(
    spec: TrainingSpec,
    { calls, dataOf }: HostSpec,
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<HostTrainingLoop> {
    const noise = (spec.noise ?? []).map(({ tensor }, i) => [`noise${i}`, tensor] as const);
    const leaves = { ...spec.examples, ...Object.fromEntries(noise) };
    const { variables } = spec;
    const pass = await HostPass.create(calls.all, leaves, dataOf, variables, runtime, options);
    const loop = await orRelease(pass, () => TrainingLoop.create(spec, runtime, options));
    return new HostTrainingLoop(spec, pass, loop);
  }

  async run(first: TrainingState, chunk: TrainingChunk): Promise<TrainingProgress> {
    const { data, indices, learningRates, fillNoise } = chunk;
    const losses = new Float32Array(learningRates.length);
    const gradientNorms = new Float32Array(learningRates.length);
    const all = Uint32Array.from({ length: this.#batch }, (_, i) => i);
    let state = first;
    for (const [k, rate] of learningRates.entries()) {
      const order = indices.subarray(k * this.#batch, (k + 1) * this.#batch);
      const rows = gatherRows(data, order);
      const noise = this.#drawNoise(state.step + 1, fillNoise);
      const answers = await this.#pass.run(state.weights, { ...rows, ...noise });
      const progress = await this.#loop.run(state, {
        data: pick({ ...rows, ...answers }, this.#spec.examples),
        indices: all,
        learningRates: [rate],
        ...(fillNoise && { fillNoise }),
      });
      state = progress.state;
      losses[k] = progress.losses[0] ?? Number.NaN;
      gradientNorms[k] = progress.gradientNorms[0] ?? Number.NaN;
    }
    return { state, losses, gradientNorms };
  }

  /** The noise that the training step will draw for itself. */
  #drawNoise(step: number, fillNoise: TrainingChunk["fillNoise"]): Arrays {
    return Object.fromEntries(
      this.#noise.map(({ tensor, kind }, i) => {
        const shape = tensor.shape.map(Number);
        const values = new Float32Array(sizeOf(shape));
        fillNoise?.(values, kind, step, i);
        return [`noise${i}`, hostTensor(values, shape)];
      }),
    );
  }

  async release(): Promise<void> {
    await this.#pass.release();
    await this.#loop.release();
  }
}

/** An evaluation that asks the host for each batch. */
export class HostEvaluationLoop implements Evaluator {
  readonly #examples: Named;
  readonly #pass: HostPass;
  readonly #loop: EvaluationLoop;

  private constructor(examples: Named, pass: HostPass, loop: EvaluationLoop) {
    this.#examples = examples;
    this.#pass = pass;
    this.#loop = loop;
  }

  static async create(
    spec: EvaluationSpec,
    { calls, dataOf }: HostSpec,
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<HostEvaluationLoop> {
    const { variables, examples } = spec;
    const pass = await HostPass.create(calls.all, examples, dataOf, variables, runtime, options);
    const loop = await orRelease(pass, () => EvaluationLoop.create(spec, runtime, options));
    return new HostEvaluationLoop(examples, pass, loop);
  }

  async run(weights: Float32Array, data: Arrays): Promise<Float32Array> {
    const total = Object.values(data)[0]?.shape[0] ?? 0;
    const losses = new Float32Array(total);
    const { batch } = this.#loop;
    for (let start = 0; start < total; start += batch) {
      const order = Uint32Array.from({ length: batch }, (_, i) => (start + i) % total);
      const rows = gatherRows(data, order);
      const answers = await this.#pass.run(weights, rows);
      const part = await this.#loop.run(weights, pick({ ...rows, ...answers }, this.#examples));
      losses.set(part.subarray(0, Math.min(batch, total - start)), start);
    }
    return losses;
  }

  async release(): Promise<void> {
    await this.#pass.release();
    await this.#loop.release();
  }
}
