/**
 * Trained estimators of likelihoods of a summary.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { UnsupportedError, InvalidArgumentError, Scope, hostTensor } from "@amortis/graph";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { json, oneOf, whole } from "../schema/values.js";
import type { GraphLikelihood } from "../methods/likelihood-source.js";
import { frozenSyntheticLikelihood } from "../methods/synthetic-likelihood.js";
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import {
  networkFromJSON,
  columnsFromJSON,
  transformedShapes,
  type DataTransform,
  type Network,
} from "../networks/index.js";
import { shapesOf, specsOf } from "../data/array-spec.js";
import { spread } from "../data/standardization.js";
import { shifted } from "../posterior/offset-source.js";
import { finiteOf } from "./results.js";
import type { OpenOptions } from "./base.js";
import { digestOf, weightsByName, type Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { TARGET_OPTIONS, TargetEstimator } from "./target-estimator.js";
import { descriptionOf } from "./description.js";
import { contextProgram, slopeProgram, valueProgram } from "./programs.js";

/** Mean and covariance of a summary of size k at n parameters. */
export interface BindingValues {
  /** k. */
  readonly size: number;
  /** [n, k]. */
  readonly mean: Float64Array;
  /** [n, k, k]. */
  readonly covariance: Float64Array;
}

/** What makes a trained likelihood part of another graph, where its file does not say. */
export interface GraphOptions {
  /** The summary: what it was trained with. Needed where it was trained with any. */
  readonly transform?: DataTransform;
  /** The network of the binding functions; needed where it is one of your own. */
  readonly network?: Network;
}

const KNOWN: KnownOptions<GraphOptions> = {
  transform: true,
  network: true,
};

const descriptionSchema = object({
  transform: optional(json),
  network: json,
  members: optional(whole({ least: 1 })),
});

/** A trained likelihood log p(S(Z) | θ). */
export class LikelihoodEstimator<P = ParameterSpec> extends TargetEstimator<P> {
  readonly kind = "likelihood";
  protected readonly logTerm = "logLikelihood";

  /**
   * log p(S(Z) | θ), in units of the summary.
   *
   * Where simulations were invalid: p(S(Z), valid | θ), as learned beside.
   *
   * @param data one data set or n of them.
   * @param theta flat parameters [n, m, p] in the order of `parameterNames`; m values for each data set.
   * @returns [n, m]; NaN outside the prior's bounds, where nothing was learned.
   */
  logLikelihood(data: DataInput, theta: ArrayLike<number>): Promise<Float64Array> {
    return this.logTermsOf(data, theta);
  }

  /**
   * Mean and covariance of the summary, as functions of the parameters.
   *
   * @param theta flat parameters [n, p].
   * @throws UnsupportedError of a likelihood that is no Gaussian's.
   */
  async bindingFunctions(theta: ArrayLike<number>): Promise<BindingValues> {
    this.#requireGaussian("bindingFunctions");
    const p = this.parameterNames.length;
    if (theta.length === 0 || theta.length % p !== 0) {
      throw new InvalidArgumentError(
        `parameters must be [n, ${p}], a multiple of ${p} numbers, but ${theta.length} were given`,
      );
    }
    const n = theta.length / p;
    const parameters = hostTensor(
      Float32Array.from(shifted(Float64Array.from(theta), this.offset, -1)),
      [n, p],
    );
    const results = await this.programs.run("binding", { theta: parameters });
    const asked = { what: "a binding function" };
    const mean = Float64Array.from(finiteOf(results, "mean", asked));
    const size = mean.length / n;
    const offset = this.#summaryOffset();
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (offset[i % size] ?? 0);
    return { size, mean, covariance: products(finiteOf(results, "factor", asked), n, size) };
  }

  #requireGaussian(what: string): void {
    if (this.contents.programs["binding"] !== undefined) return;
    throw new UnsupportedError(
      `${what}() is of likelihoods that are Gaussian given the parameters, as syntheticLikelihood learns, but this one was learned by ${this.details.method}: ask for logLikelihood(), or train a syntheticLikelihood`,
    );
  }

  /** What was taken off each number of the summary: without a transform these are the data, in alphabetical order of their names. */
  #summaryOffset(): readonly number[] {
    const { data } = this.details.standardization;
    return Object.entries(this.dataSpecs)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, { shape }]) => {
        const { offset = [0], shape: shared } = data[name] ?? {};
        return [...spread(offset, shape, shared)];
      });
  }

  /**
   * The likelihood as part of another graph, which learns no more: for `variational`.
   *
   * @throws InvalidArgumentError where a transform or network is needed, or is another than it was trained with; UnsupportedError of a likelihood that is no Gaussian's.
   * @example variational(field, { transform: roughness, likelihood: fitted.graph({ transform: roughness }) })
   */
  graph(options: GraphOptions = {}): GraphLikelihood {
    requireKnown("graph", options, KNOWN);
    this.#requireGaussian("graph");
    const { transform: given, network } = options;
    const { description, model, standardization, training } = this.details;
    const known = descriptionOf(descriptionSchema, this.details);
    const transform = given ?? columnsFromJSON(known.transform, this);
    const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
    if (!same(known.transform, transform?.describe())) {
      throw new InvalidArgumentError(
        `this likelihood is of ${known.transform === undefined ? "the data themselves" : `the summary ${JSON.stringify(known.transform)}`}, but graph() was given ${transform === undefined ? "no transform" : JSON.stringify(transform.describe())}: give it the transform it was trained with`,
      );
    }
    const rebuilt = network ?? networkFromJSON(known.network);
    if (!same(known.network, rebuilt.describe())) {
      throw new InvalidArgumentError(
        `this likelihood was trained with the network ${JSON.stringify(known.network)}, but graph() was given ${JSON.stringify(rebuilt.describe())}`,
      );
    }
    return frozenSyntheticLikelihood(
      Scope.frozen(weightsByName(this.contents)),
      rebuilt,
      transformedShapes(shapesOf(specsOf(model.data)), transform),
      standardization,
      // The weights are part of what it is: a checkpoint with another likelihood must not be gone on from.
      { of: description, weights: digestOf(this.contents.weights) },
      transform,
      // An ensemble that was stopped early may have one member.
      known.members === undefined
        ? undefined
        : (training.members?.map(({ weight }) => weight) ?? [1]),
    );
  }
}

/** L Lᵀ of n factors [k, k]. */
function products(factors: Float32Array, n: number, k: number): Float64Array {
  const covariance = new Float64Array(n * k * k);
  for (let at = 0; at < n * k * k; at += k * k) {
    for (let i = 0; i < k; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let m = 0; m <= j; m++) {
          sum += (factors[at + i * k + m] ?? 0) * (factors[at + j * k + m] ?? 0);
        }
        covariance[at + i * k + j] = sum;
        covariance[at + j * k + i] = sum;
      }
    }
  }
  return covariance;
}

const schema = object({ kind: oneOf("likelihood") });

/** The estimator of each type of parameters. */
export interface Likelihoods extends EstimatorType {
  readonly estimator: LikelihoodEstimator<this["parameters"]>;
}

/** Likelihoods of a summary, and posteriors by them. */
export const likelihoodKind: KindOfAnswer<ValueOf<typeof schema>, Likelihoods, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: [...TARGET_OPTIONS, "derived"],
  programs: () => ({
    context: contextProgram,
    logLikelihood: valueProgram("logLikelihood"),
    slope: slopeProgram("logLikelihood"),
    binding: {
      inputs: { theta: ["draws", "parameters"] },
      outputs: { mean: ["draws", "any"], factor: ["draws", "any", "any"] },
      optional: true,
    },
  }),
  open: <P>(contents: Contents, options: OpenOptions) =>
    new LikelihoodEstimator<P>(contents, options),
  inWords: () => "likelihoods, and posteriors from them",
  document: posteriorSheet,
};
