/**
 * Evaluation loops: losses of all rows of a data set in one call of the runtime.
 */
import { loopOptions } from "./cost.js";
import { InvalidArgumentError } from "./errors.js";
import { hostTensor, type HostTensor } from "./host-tensor.js";
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
import { GraphBuilder, onnxValue } from "./lower.js";
import { encodeModel } from "./onnx/encode.js";
import type { OnnxGraph } from "./onnx/ir.js";
import { KeptFeeds } from "./runtimes/resident.js";
import type { Runtime, Session, SessionOptions } from "./runtimes/runtime.js";
import { Tensor } from "./tensor.js";
import type { TrainingSpec } from "./training-loop.js";

/** What is evaluated: the loss of each example, without learning. */
export type EvaluationSpec = Pick<TrainingSpec, "variables" | "losses" | "examples">;

/** The ONNX graph of an evaluation loop. */
export function evaluationGraph({ variables, losses, examples }: EvaluationSpec): OnnxGraph {
  const batch = batchSize(examples);
  const outer = new GraphBuilder("outer/");
  const body = new GraphBuilder("body/", outer);
  const weights = Tensor.leaf(WEIGHTS, { shape: [variables.size], dtype: "float32" });
  body.bind(weights, WEIGHTS);
  bindVariables(body, variables, weights);
  bindExamples(body, examples, "body/iteration");
  const [value = ""] = body.lower([losses]);
  const inputs = [onnxValue(WEIGHTS, weights), ...dataValues(examples, batch)];
  return loopGraph(outer, body, inputs, [], [{ name: "losses", value, shape: [batch] }]);
}

/** A compiled loop that evaluates losses over a data set. */
export class EvaluationLoop {
  readonly batch: number;
  readonly #session: Session;
  readonly #kept: KeptFeeds;

  private constructor(batch: number, session: Session) {
    this.batch = batch;
    this.#session = session;
    this.#kept = new KeptFeeds(session);
  }

  static async create(
    spec: EvaluationSpec,
    runtime: Runtime,
    options?: SessionOptions,
  ): Promise<EvaluationLoop> {
    const model = encodeModel(evaluationGraph(spec));
    const session = await runtime.createSession(model, loopOptions(spec.losses, options));
    return new EvaluationLoop(batchSize(spec.examples), session);
  }

  /** Losses of all rows, [n]; every row counts, also when the batch does not divide their number. */
  async run(
    weights: Float32Array,
    data: Readonly<Record<string, HostTensor>>,
  ): Promise<Float32Array> {
    const rows = Object.values(data)[0]?.shape[0] ?? 0;
    if (rows === 0) throw new InvalidArgumentError("there are no examples to evaluate");
    const steps = Math.ceil(rows / this.batch);
    // What is left of the last batch begins again with the first rows: methods that pair rows must not meet a row twice.
    const indices = Uint32Array.from({ length: steps * this.batch }, (_, i) => i % rows);
    const results = await this.#session.run({
      [WEIGHTS]: hostTensor(weights, [weights.length]),
      [INDICES]: indexTensor(indices, this.batch),
      ...dataFeeds(this.#kept.of(data)),
    });
    return floats(results, "losses").slice(0, rows);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
