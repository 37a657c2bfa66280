/**
 * Training loops: many optimizer steps in one call of the runtime.
 *
 * The loop is an ONNX `Loop`. Its carried state is the flat vector of all weights and the optimizer's vectors; data sets are
 * outer values, from which each step gathers its minibatch; noise and the optimizer's scalars are gathered by step.
 */
import { loopOptions } from "./cost.js";
import { InvalidArgumentError } from "./errors.js";
import { gradient } from "./gradient.js";
import { hostTensor, type HostTensor } from "./host-tensor.js";
import { constant } from "./leaves.js";
import { GraphBuilder, onnxValue } from "./lower.js";
import { encodeModel } from "./onnx/encode.js";
import type { OnnxGraph, OnnxValue } from "./onnx/ir.js";
import { add, div, minimum, mul, sqrt, square } from "./operations/elementwise.js";
import { concat, reshape, split } from "./operations/movement.js";
import { mean, sum } from "./operations/reduction.js";
import type { Optimizer } from "./optimizers/optimizer.js";
import type { Named } from "./program.js";
import { KeptFeeds, type SessionFeed } from "./runtimes/resident.js";
import type { Runtime, Session, SessionOptions } from "./runtimes/runtime.js";
import { staticDim } from "./shape.js";
import { Tensor } from "./tensor.js";
import type { Assignment, NoiseInput, Variables } from "./variables.js";
import {
  batchSize,
  bindExamples,
  bindVariables,
  dataFeeds,
  dataValues,
  floats,
  INDICES,
  indexTensor,
  loopGraph,
  WEIGHTS,
} from "./loop-graph.js";

/** What is trained. */
export interface TrainingSpec {
  readonly variables: Variables;
  /** Loss of each example, [batch]; its mean is minimised. */
  readonly losses: Tensor;
  /** Inputs of the losses that come from the data, each [batch, ...] with a static batch size. */
  readonly examples: Named;
  /** Noise and assignments the networks asked their scope for. */
  readonly noise?: readonly NoiseInput[];
  readonly assignments?: readonly Assignment[];
  readonly optimizer: Optimizer;
  /** The gradient is scaled down to this global norm. */
  readonly clipNorm?: number;
}

/** Weights and the optimizer's vectors after some steps. */
export interface TrainingState {
  readonly step: number;
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/** Makes noise that depends on the step and not on how steps are cut into stretches. */
export type FillNoise = (
  values: Float32Array,
  kind: "normal" | "uniform",
  step: number,
  input: number,
) => void;

/** A stretch of steps. */
export interface TrainingChunk {
  /** Data sets, each [n, ...] of the examples' shapes. */
  readonly data: Readonly<Record<string, HostTensor>>;
  /** Rows of each minibatch, step after step: steps × batch. */
  readonly indices: Uint32Array;
  /** Learning rate of each step. */
  readonly learningRates: readonly number[];
  /** Fills an array with fresh noise: for a step, counted from 1 since training began, and one of the noise inputs. */
  readonly fillNoise?: FillNoise;
}

/** What a stretch of steps gave. */
export interface TrainingProgress {
  readonly state: TrainingState;
  /** Mean loss of each step's minibatch. */
  readonly losses: Float32Array;
  /** Global norm of each step's gradient, before clipping. */
  readonly gradientNorms: Float32Array;
}

/** Zero steps done, from initial weights. */
export function initialState(
  variables: Variables,
  optimizer: Optimizer,
  weights: Float32Array,
): TrainingState {
  const slots = Array.from(
    { length: optimizer.slots },
    () => new Float32Array(variables.trainableSize),
  );
  return { step: 0, weights, slots };
}

// Added to the gradient, so that an optimizer's moments of weights that no longer move settle at a normal number instead of
// decaying into denormals, which slow some processors and WebAssembly many times over. Beside Adam's ε of 1e-8 it is nothing.
const DENORMAL_GUARD = 1e-15;

function flatGradient(loss: Tensor, variables: Variables): Tensor {
  const leaves = variables.entries.filter((v) => v.trainable).map((v) => v.tensor);
  const flat = concat(
    gradient(loss, leaves).map((g) => reshape(g, [-1])),
    0,
  );
  return add(flat, DENORMAL_GUARD);
}

function decayMask(variables: Variables): Float32Array {
  const mask = new Float32Array(variables.trainableSize);
  let offset = 0;
  for (const { trainable, shape, size } of variables.entries) {
    if (!trainable) continue;
    if (shape.length > 1) mask.fill(1, offset, offset + size);
    offset += size;
  }
  return mask;
}

/** The ONNX graph of a training loop. */
export function trainingGraph(spec: TrainingSpec): OnnxGraph {
  const { variables, losses, examples, noise = [], assignments = [], optimizer, clipNorm } = spec;
  const outer = new GraphBuilder("outer/");
  const body = new GraphBuilder("body/", outer);
  const leaf = (name: string, shape: readonly number[]): Tensor => {
    const tensor = Tensor.leaf(name, { shape, dtype: "float32" });
    body.bind(tensor, `body/${name}`);
    return tensor;
  };
  const weights = leaf(WEIGHTS, [variables.size]);
  const slots = Array.from({ length: optimizer.slots }, (_, i) =>
    leaf(`slot${i}`, [variables.trainableSize]),
  );
  const iteration = "body/iteration";
  bindVariables(body, variables, weights);
  bindExamples(body, examples, iteration);
  const byStep = (name: string, tensor: Tensor): void => {
    body.bind(tensor, body.emit("Gather", [name, iteration], { axis: { type: "int", value: 0 } }));
  };
  for (const [i, { tensor }] of noise.entries()) byStep(`noise${i}`, tensor);
  const scalars = optimizer.scalars(1, 1).map((_, i) => {
    const tensor = Tensor.leaf(`scalar${i}`, { shape: [], dtype: "float32" });
    byStep(`scalar${i}`, tensor);
    return tensor;
  });

  const loss = mean(losses);
  const raw = flatGradient(loss, variables);
  const norm = sqrt(sum(square(raw)));
  const scaled =
    clipNorm === undefined ? raw : mul(raw, minimum(div(constant(clipNorm), add(norm, 1e-12)), 1));
  const stateSize = variables.size - variables.trainableSize;
  const trainable =
    stateSize === 0
      ? weights
      : (split(weights, [variables.trainableSize, stateSize], 0)[0] ?? weights);
  const update = optimizer.update({
    weights: trainable,
    gradient: scaled,
    slots,
    scalars,
    decayMask: decayMask(variables),
  });
  const states = variables.entries.flatMap(({ trainable: learned, tensor }) => {
    if (learned) return [];
    const assigned = assignments.findLast(({ target }) => target === tensor);
    return [reshape(assigned?.value ?? tensor, [-1])];
  });
  const nextWeights = concat([update.weights, ...states], 0);

  const [next = "", lossName = "", normName = "", ...nextSlots] = body.lower([
    nextWeights,
    loss,
    norm,
    ...update.slots,
  ]);
  const inputs: OnnxValue[] = [
    onnxValue(WEIGHTS, weights),
    ...slots.map((slot, i) => onnxValue(`slot${i}`, slot)),
    ...dataValues(examples, batchSize(examples)),
    ...noise.map(({ tensor }, i) => ({
      name: `noise${i}`,
      dtype: tensor.dtype,
      shape: ["steps", ...tensor.shape],
    })),
    ...scalars.map((_, i) => ({ name: `scalar${i}`, dtype: "float32" as const, shape: ["steps"] })),
  ];
  const carried = [
    { name: WEIGHTS, leaf: weights, next },
    ...slots.map((slot, i) => ({ name: `slot${i}`, leaf: slot, next: nextSlots[i] ?? "" })),
  ];
  return loopGraph(outer, body, inputs, carried, [
    { name: "losses", value: lossName, shape: [] },
    { name: "norms", value: normName, shape: [] },
  ]);
}

/** A compiled training loop. */
export class TrainingLoop {
  readonly batch: number;
  readonly #spec: TrainingSpec;
  readonly #session: Session;
  readonly #kept: KeptFeeds;

  private constructor(spec: TrainingSpec, session: Session) {
    this.#spec = spec;
    this.#session = session;
    this.#kept = new KeptFeeds(session);
    this.batch = batchSize(spec.examples);
  }

  /** Differentiates, encodes and compiles. */
  static async create(
    spec: TrainingSpec,
    runtime: Runtime,
    options?: SessionOptions,
  ): Promise<TrainingLoop> {
    const model = encodeModel(trainingGraph(spec));
    return new TrainingLoop(
      spec,
      await runtime.createSession(model, loopOptions(spec.losses, options)),
    );
  }

  /** Does one step for each learning rate. */
  async run(state: TrainingState, chunk: TrainingChunk): Promise<TrainingProgress> {
    const { data, indices, learningRates, fillNoise } = chunk;
    const steps = learningRates.length;
    if (indices.length !== steps * this.batch) {
      throw new InvalidArgumentError(
        `a chunk of ${steps} steps needs ${steps} × ${this.batch} rows, but ${indices.length} were given`,
      );
    }
    const { optimizer, noise = [] } = this.#spec;
    const feeds: Record<string, SessionFeed> = {
      [WEIGHTS]: hostTensor(state.weights, [state.weights.length]),
      [INDICES]: indexTensor(indices, this.batch),
      ...dataFeeds(this.#kept.of(data)),
    };
    for (const [i, slot] of state.slots.entries())
      feeds[`slot${i}`] = hostTensor(slot, [slot.length]);
    for (const [i, { tensor, kind }] of noise.entries()) {
      const shape = [
        steps,
        ...tensor.shape.map((_, axis) => staticDim(tensor.shape, axis, "noise")),
      ];
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (fillNoise === undefined)
        throw new InvalidArgumentError("these networks take noise: give fillNoise");
      const size = values.length / steps;
      for (let k = 0; k < steps; k++) {
        fillNoise(values.subarray(k * size, (k + 1) * size), kind, state.step + k + 1, i);
      }
      feeds[`noise${i}`] = hostTensor(values, shape);
    }
    const scalars = learningRates.map((rate, i) => optimizer.scalars(state.step + i + 1, rate));
    for (const i of (scalars[0] ?? []).keys()) {
      feeds[`scalar${i}`] = hostTensor(
        scalars.map((row) => row[i] ?? 0),
        [steps],
      );
    }
    const results = await this.#session.run(feeds);
    return {
      state: {
        step: state.step + steps,
        weights: floats(results, `${WEIGHTS}/final`),
        slots: state.slots.map((_, i) => floats(results, `slot${i}/final`)),
      },
      losses: floats(results, "losses"),
      gradientNorms: floats(results, "norms"),
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
