/**
 * Trained estimators of either kind, and how they are loaded.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { addressText, type Address } from "../address.js";
import {
  describeSpec,
  mayLack,
  sameSpecs,
  specOf,
  specsOf,
  type ArraySpecs,
} from "../data/array-spec.js";
import { readBytes } from "../files/bytes.js";
import type { AnyModel, ParameterSpec } from "../model/index.js";
import type { OpenOptions } from "./base.js";
import { decodeContents, type Contents } from "./contents.js";
import { findKind, type AnswerKind, type EstimatorOf } from "./kinds.js";
import { withoutLink } from "../simulation/origin.js";
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
  if (options.model !== undefined) checkModel(contents, options.model, what);
  return openEstimator<AnswerKind, M["parameters"]>(contents, options);
}

const KNOWN: KnownOptions<LoadOptions> = {
  model: true,
  runtime: true,
  largeRuntime: true,
  threads: true,
  onWarning: true,
};

/** @throws InvalidArgumentError where a file was trained for another model. */
function checkModel({ details }: Contents, model: AnyModel, what: string): void {
  const file = details.model.parameters.map((parameter) => parameter.name).join(", ");
  const given = Object.keys(model.parameters).join(", ");
  const specs = specsOf(details.model.data);
  if (file !== given || !fits(specs, model.dataSpecs)) {
    throw new InvalidArgumentError(
      `${what} was trained for the model "${details.model.name}" (parameters ${file}; data ${inWords(specs)}), not for "${model.name}" (parameters ${given}; data ${inWords(model.dataSpecs)})`,
    );
  }
  // A summary is of data alone, wherever the parameters of its simulations lay.
  if (details.answers.kind === "summary") return;
  for (const { name, prior } of details.model.parameters) {
    const own = model.parameters[name]?.toJSON();
    if (comparable(prior) === comparable(own)) continue;
    throw new InvalidArgumentError(
      `${what} was trained with the prior ${JSON.stringify(prior)} of "${name}", but the model "${model.name}" has ${JSON.stringify(own)}: load it with the model it was trained for, or train it anew`,
    );
  }
}

/** Whether data of a model are those of a file; of arrays that the file has by their sizes alone, these are the same. */
function fits(file: ArraySpecs, own: ArraySpecs): boolean {
  const known = Object.entries(own).map(([name, spec]) => [
    name,
    file[name]?.kind === "array" && !mayLack(file[name]) ? specOf(spec.shape) : spec,
  ]);
  return sameSpecs(file, Object.fromEntries(known));
}

function inWords(specs: ArraySpecs): string {
  return Object.entries(specs)
    .map(([name, spec]) => `${name} ${describeSpec(spec)}`)
    .join(", ");
}

/**
 * A prior in JSON as text, whatever the order of its settings and without its link, which changes no probability; of one that is code, only
 * that it is.
 */
function comparable(prior: unknown): string {
  return JSON.stringify(prior, (key, given: unknown) => {
    const value = withoutLink(key, given);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    if ("name" in value && value.name === "custom") return "custom";
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
