/**
 * Trained summary statistics.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { InvalidArgumentError, Scope } from "@amortis/graph";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { json, oneOf, text, whole } from "../schema/values.js";
import type { DataInput } from "../data/match-data.js";
import {
  columnsFromJSON,
  linearSummary,
  transformedSpecs,
  type DataTransform,
  type SummaryNetwork,
} from "../networks/index.js";
import { summaryNetworkFromJSON } from "../networks/from-json.js";
import { lessOffsets, standardizeAll } from "../data/standardization-graph.js";
import { DATA_SETS_PER_CALL } from "./calls.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import { finiteOf } from "./results.js";
import { count, digestOf, weightsByName, type Contents } from "./contents.js";
import type { AnswerSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { descriptionOf } from "./description.js";

/** What makes a trained summary part of other graphs, where its file does not say. */
export interface SummaryTransformOptions {
  /** Name of the array it makes; "summary" where left out. Summaries that are joined need different names. */
  readonly name?: string;
  /** The transform it was trained with. Needed where it was trained with any. */
  readonly transform?: DataTransform;
  /** The network it was trained with; needed where it is one of your own. */
  readonly network?: SummaryNetwork;
}

const KNOWN: KnownOptions<SummaryTransformOptions> = {
  name: true,
  transform: true,
  network: true,
};

const descriptionSchema = object({
  transform: optional(json),
  summary: object({ kind: oneOf("linearSummary"), outputs: whole(), network: json }),
  bound: optional(text()),
});

/** A trained summary statistic S(Z). */
export class SummaryEstimator extends EstimatorBase {
  readonly kind = "summary";

  /** Length of the summary. */
  get size(): number {
    const { answers } = this.details;
    return answers.kind === "summary" ? answers.size : 0;
  }

  /**
   * An estimate of the information, in nats, that the summary holds of the parameters: the bound it was trained by, on the validation data.
   * InfoNCE is a lower bound, and at most the logarithm of the number of negatives; Donsker and Varadhan's, whose mean over a minibatch is within
   * the logarithm, errs upwards a little. Undefined where it was trained by neither.
   */
  get information(): number | undefined {
    const { bound } = descriptionOf(descriptionSchema, this.details);
    if (bound !== "infonce" && bound !== "donsker-varadhan") return undefined;
    return -this.details.training.bestValidationLoss;
  }

  /**
   * The summaries of one data set or n of them: [n, size].
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   */
  async summarize(data: DataInput): Promise<Float32Array> {
    const matched = this.match(data);
    const { size: n } = matched;
    const result = new Float32Array(n * this.size);
    for (let start = 0; start < n; start += DATA_SETS_PER_CALL) {
      const end = Math.min(start + DATA_SETS_PER_CALL, n);
      const results = await this.programs.run("summary", matched.feeds(start, end));
      const asked = { what: "a summary", first: start, sets: end - start };
      result.set(finiteOf(results, "summary", asked), start * this.size);
    }
    return result;
  }

  /**
   * The summary as fixed operations on the data, which learn no more: for every other method.
   *
   * @throws InvalidArgumentError where a transform or network is needed, or is another than it was trained with.
   * @example
   * npe(field, { transform: joinTransforms(learned.transform(), roughness) })
   */
  transform(options: SummaryTransformOptions = {}): DataTransform {
    requireKnown("transform", options, KNOWN);
    const { name = "summary" } = options;
    const { description, model } = this.details;
    const known = descriptionOf(descriptionSchema, this.details);
    const transform = options.transform ?? columnsFromJSON(known.transform, this);
    if (!same(known.transform, transform?.describe())) {
      throw new InvalidArgumentError(
        `this summary is of ${known.transform === undefined ? "the data themselves" : `the transformed data ${JSON.stringify(known.transform)}`}, but transform() was given ${transform === undefined ? "no transform" : JSON.stringify(transform.describe())}: give it the transform it was trained with`,
      );
    }
    const network = options.network ?? summaryNetworkFromJSON(known.summary.network);
    if (!same(known.summary.network, network.describe())) {
      throw new InvalidArgumentError(
        `this summary was trained with the network ${JSON.stringify(known.summary.network)}, but transform() was given ${JSON.stringify(network.describe())}`,
      );
    }
    const summary = linearSummary(network, known.summary.outputs);
    const weights = weightsByName(this.contents);
    const { standardization } = this.details;
    const specs = transformedSpecs(this.dataSpecs, transform);
    return {
      kind: "learnedSummary",
      ...(standardization.columns && { columns: standardization.columns }),
      apply: (raw) => {
        const own = Object.keys(model.data).map((key) => {
          const array = raw[key];
          if (array !== undefined) return [key, array] as const;
          throw new InvalidArgumentError(
            `this summary is of data ${Object.keys(model.data).join(", ")}, but is given ${Object.keys(raw).join(", ")}`,
          );
        });
        const inputs = Object.fromEntries(own);
        const data = standardizeAll(
          transform?.apply(inputs) ?? lessOffsets(inputs, standardization),
          standardization,
          specs,
        );
        return { [name]: summary.apply(Scope.frozen(weights).child("summary"), data) };
      },
      // The weights are part of what it is: a checkpoint of another summary must not be gone on from.
      describe: () => ({
        kind: "learnedSummary",
        name,
        of: description,
        weights: digestOf(this.contents.weights),
      }),
    };
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const schema = object({ kind: oneOf("summary"), size: count(1) });

/** The estimator of each type of parameters. */
export interface Summaries extends EstimatorType {
  readonly estimator: SummaryEstimator;
}

/** Summary statistics. */
export const summaryKind: KindOfAnswer<ValueOf<typeof schema>, Summaries, "summaries"> = {
  schema,
  gives: "summaries",
  advice: "load it with load, and make it a transform of other methods",
  options: [],
  programs: ({ size }) => ({ summary: { data: true, outputs: { summary: ["batch", size] } } }),
  open: (contents: Contents, options: OpenOptions) => new SummaryEstimator(contents, options),
  inWords: ({ size }) => `summaries of length ${size}`,
  document: summarySheet,
};

/** Summaries [data sets, size]. */
async function summarySheet(fitted: SummaryEstimator, data: DataInput): Promise<AnswerSheet> {
  const { size } = fitted;
  const array = await fitted.summarize(data);
  const datasets = Array.from({ length: array.length / size }, (_, i) => ({
    summary: [...array.subarray(i * size, (i + 1) * size)],
  }));
  return {
    document: { parameters: fitted.parameterNames, datasets },
    shape: [datasets.length, size],
    array,
  };
}
