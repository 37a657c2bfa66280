/**
 * Trained estimators of either kind, and how they are loaded.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { readBytes } from "../files/bytes.js";
import type { AnyModel } from "../model/index.js";
import type { OpenOptions } from "./base.js";
import { decodeContents, type Contents } from "./contents.js";
import { PointEstimator } from "./point-estimator.js";
import { PosteriorEstimator } from "./posterior-estimator.js";

/** A trained estimator of either kind. */
export type Fitted<P = Record<string, never>> = PosteriorEstimator<P> | PointEstimator<P>;

/** Opens an estimator from its contents. */
export function openFitted<P>(contents: Contents, options: OpenOptions = {}): Fitted<P> {
  return contents.details.answers.kind === "posterior"
    ? new PosteriorEstimator<P>(contents, options)
    : new PointEstimator<P>(contents, options);
}

/** How an estimator is loaded. */
export interface LoadOptions<M extends AnyModel = AnyModel> extends OpenOptions {
  /** The model it was trained for: gives results their names' types, and is checked against the file. */
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
  source: string | URL | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<Fitted<M["parameters"]>> {
  const what = source instanceof Uint8Array ? "the estimator" : String(source);
  const bytes = source instanceof Uint8Array ? source : await readBytes(source);
  const contents = await decodeContents(bytes, what);
  if (options.model !== undefined) checkModel(contents, options.model, what);
  return openFitted<M["parameters"]>(contents, options);
}

function checkModel({ details }: Contents, model: AnyModel, what: string): void {
  const file = details.model.parameters.map((parameter) => parameter.name).join(", ");
  const given = Object.keys(model.parameters).join(", ");
  const sameData = JSON.stringify(details.model.data) === JSON.stringify(model.dataShapes);
  if (file !== given || !sameData) {
    throw new InvalidArgumentError(
      `${what} was trained for the model "${details.model.name}" (parameters ${file}; data ${JSON.stringify(details.model.data)}), not for "${model.name}" (parameters ${given}; data ${JSON.stringify(model.dataShapes)})`,
    );
  }
}
