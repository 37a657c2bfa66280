/**
 * What was trained before, as a part of what is trained now: summaries and likelihoods from their files.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { GraphLikelihood } from "../methods/likelihood-source.js";
import type { AnyModel } from "../model/index.js";
import { columnsFromJSON, type DataTransform } from "../networks/index.js";
import type { Details } from "./contents.js";
import { load } from "./load.js";

/**
 * A trained summary as a transform.
 *
 * @throws FileError where there is no such file, or it is damaged; InvalidArgumentError where it is no summary, or not of the data themselves.
 */
export async function learnedTransform(path: string): Promise<DataTransform> {
  const fitted = await load(path);
  if (fitted.kind !== "summary") {
    throw new InvalidArgumentError(
      `${path} is no summary, but ${fitted.details.method}: train one with the method summary, posterior-moments, fisher-information or distance-correlation`,
    );
  }
  const before = transformOf(fitted.details);
  if (before !== undefined && columnsFromJSON(before, fitted) === undefined) {
    throw new InvalidArgumentError(
      `${path} is a summary of data that were transformed first (${inWords(before)}), which its file cannot do again: train it without a transform, or give its \`transform()\` the one it was trained with`,
    );
  }
  return fitted.transform({ name: nameOf(path) });
}

/**
 * A trained synthetic likelihood as part of another method.
 *
 * @param transform what the data become first: that of the likelihood's training, if it had any.
 * @throws FileError where there is no such file, or it is damaged; InvalidArgumentError where it is of another model; InvalidArgumentError where
 * it is no likelihood, or of another summary.
 */
export async function learnedLikelihood(
  path: string,
  model: AnyModel,
  transform: DataTransform | undefined,
): Promise<GraphLikelihood> {
  const fitted = await load(path, { model });
  if (fitted.kind !== "likelihood") {
    throw new InvalidArgumentError(
      `${path} is no likelihood, but ${fitted.details.method}: train one with the method synthetic-likelihood`,
    );
  }
  const summary = transformOf(fitted.details);
  if (summary === undefined) return fitted.graph();
  const given = transform?.describe();
  if (transform === undefined || JSON.stringify(given) !== JSON.stringify(summary)) {
    throw new InvalidArgumentError(
      `${path} is a likelihood of the summary ${inWords(summary)}, but was given ${given === undefined ? "none" : inWords(given)}: give the transform it was trained with`,
    );
  }
  return fitted.graph({ transform });
}

/** The last part of a path or URL, without its extension. */
function nameOf(path: string): string {
  return path.replace(/^.*[\\/]/, "").replace(/\.amortis$/, "");
}

/** The transform of an estimator's training, as its file describes it. */
function transformOf({ description }: Details): unknown {
  return isRecord(description) ? description["transform"] : undefined;
}

/** A transform by its name: `average`, `learned (weights 1a2b3c4d)`, `average and learned (weights 1a2b3c4d)`. */
function inWords(transform: unknown): string {
  if (!isRecord(transform)) return JSON.stringify(transform);
  const { kind, name, weights, transforms } = transform;
  if (Array.isArray(transforms)) return transforms.map(inWords).join(" and ");
  const known = typeof name === "string" ? name : JSON.stringify(kind ?? transform);
  return typeof weights === "string" ? `${known} (weights ${weights})` : known;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
