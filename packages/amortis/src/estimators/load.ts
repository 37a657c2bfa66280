/**
 * Trained estimators of either kind, and how they are loaded.
 */
import { addressText, type Address } from "../address.js";
import { readBytes } from "../files/bytes.js";
import type { AnyModel, ParameterSpec } from "../model/index.js";
import type { OpenOptions } from "./base.js";
import { decodeContents, type Contents } from "./contents.js";
import { findKind, type AnswerKind, type EstimatorOf } from "./kinds.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** A trained estimator of any kind. */
export type Estimator<P = ParameterSpec> = EstimatorOf<AnswerKind, P>;

/** Opens an estimator from its contents. */
export async function openEstimator<K extends AnswerKind, P>(
  contents: Contents,
  options: OpenOptions = {},
): Promise<EstimatorOf<K, P>> {
  const kind = await findKind(contents.details.answers.kind);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a method answers is what its contents say
  return kind?.open<P>(contents, options) as EstimatorOf<K, P>;
}

/** How an estimator is loaded. */
export interface LoadOptions<M extends AnyModel = AnyModel> extends OpenOptions {
  /**
   * The model it was trained for: gives results their names' types, and has what no file holds, priors that are code. It is checked
   * against the file.
   */
  readonly model?: M;
}

/**
 * Loads an estimator from a file, a URL, or bytes. Everything is checked, nothing is run.
 *
 * @throws FileError where there is no such file, or it is damaged, or was trained for another model.
 * @example
 * const estimator = await load("field.amortis", { model: field });
 */
export async function load<M extends AnyModel = AnyModel>(
  source: Address | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<Estimator<M["parameters"]>> {
  requireKnown("load", options, KNOWN);
  const what = source instanceof Uint8Array ? "the estimator" : addressText(source);
  const bytes = source instanceof Uint8Array ? source : await readBytes(source);
  const contents = await decodeContents(bytes, what);
  if (options.model !== undefined) {
    const { requireModel } = await import("./require-model.js");
    requireModel(contents, options.model, what);
  }
  return openEstimator<AnswerKind, M["parameters"]>(contents, options);
}

const KNOWN: KnownOptions<LoadOptions> = {
  model: true,
  runtime: true,
  largeRuntime: true,
  threads: true,
  onWarning: true,
};
