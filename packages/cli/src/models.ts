/**
 * Models, transforms and corruptions by path, or by the name of a ready one.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import {
  joinTransforms,
  loadCorruption,
  loadDerived,
  loadModel,
  loadTransform,
  type AnyModel,
  type Corruption,
  type Derive,
} from "amortis";
import { learnedTransform, type DataTransform } from "amortis/extend";
import { UsageError } from "./failures.js";
import { locatePackage } from "./optional.js";

/** Ready models, and the packages that hold them, which are installed by those who want them. */
const READY: Readonly<Record<string, string>> = {
  "gaussian-field": "@amortis/gaussian-field",
  "max-stable": "@amortis/max-stable",
  sbibm: "@amortis/sbibm",
};

/** What MODEL may be, for help texts. */
export const MODEL_HELP =
  "path of a TypeScript or JavaScript module that exports a model (path#name where it exports several), or the name of a ready model: " +
  Object.keys(READY).join(", ");

/** What a transform may be, for help texts. */
export const TRANSFORM_HELP =
  "what is done to the data before the networks see them: path#name of an export of a module or of a ready model (max-stable#logData), or the .amortis file of a trained summary";

/**
 * Finds a model. A module's code runs: give only what you trust.
 *
 * @param source a path, "path#name", or the name of a ready model.
 * @throws UsageError where there is none; ModelError where the module cannot be loaded, or exports no such model.
 */
export async function findModel(source: string): Promise<AnyModel> {
  const whole = locate(source);
  if (whole !== undefined) return loadModel(whole);
  const { place, name } = parts(source);
  if (place !== undefined) return loadModel(place, name);
  throw new UsageError(
    `there is no model "${source}": give the path of a module that exports one, or the name of a ready model (${Object.keys(READY).join(", ")})`,
  );
}

/**
 * Finds a transform. A module's code runs: give only what you trust.
 *
 * @param source "path#name", "ready-model#name", or the file of a trained summary.
 * @throws UsageError where there is none; ModelError where the module cannot be loaded, or exports no such transform; FileError where
 * there is no such summary.
 */
function findTransform(source: string): Promise<DataTransform> {
  const isFile = source.endsWith(".amortis") && parts(source).name === undefined;
  if (isFile) return learnedTransform(source);
  return findExport(
    source,
    "transform",
    loadTransform,
    ", or the .amortis file of a trained summary",
  );
}

/**
 * Finds a corruption. A module's code runs: give only what you trust.
 *
 * @param source "path#name", or "ready-model#name".
 * @throws UsageError where there is none; ModelError where the module cannot be loaded, or exports no such function.
 */
export function findCorruption(source: string): Promise<Corruption> {
  return findExport(source, "corruption", loadCorruption);
}

/** What derived quantities may be, for help texts. */
export const DERIVED_HELP =
  "quantities that follow from the parameters, which are told of beside them: path#name of an export of a module, a function such as ({ slope, noise }) => ({ ratio: slope / noise })";

/**
 * Finds the function that gives derived quantities. A module's code runs: give only what you trust.
 *
 * @param source "path#name", or "ready-model#name".
 * @throws UsageError where there is none; ModelError where the module cannot be loaded, or exports no such function.
 */
export function findDerived(source: string): Promise<Derive> {
  return findExport(source, "derived quantity", loadDerived);
}

/** Loads an export of a module or of a ready model. */
async function findExport<T>(
  source: string,
  what: string,
  load: (place: string, name: string) => Promise<T>,
  otherwise = "",
): Promise<T> {
  const { place, name } = parts(source);
  if (place !== undefined && name !== undefined) return load(place, name);
  throw new UsageError(
    `there is no ${what} "${source}": give path#name of an export of a module or of a ready model${otherwise}`,
  );
}

/**
 * Finds transforms, whose arrays are joined.
 *
 * @throws as `findTransform`; undefined where none are asked for.
 */
export async function findTransforms(
  sources: readonly string[],
): Promise<DataTransform | undefined> {
  const transforms = await Promise.all(sources.map(findTransform));
  return transforms.length > 1 ? joinTransforms(...transforms) : transforms[0];
}

/** The same model by a name that holds in any folder: a path is made absolute. */
export function portable(source: string): string {
  if (Object.hasOwn(READY, source)) return source;
  const whole = statSync(source, { throwIfNoEntry: false })?.isFile() === true;
  const hash = source.lastIndexOf("#");
  if (whole || hash <= 0) return resolve(source);
  const place = source.slice(0, hash);
  return Object.hasOwn(READY, place) ? source : `${resolve(place)}${source.slice(hash)}`;
}

/** Where a module is: that of a ready model, or a file. */
function locate(source: string): string | undefined {
  const ready = Object.hasOwn(READY, source) ? READY[source] : undefined;
  if (ready !== undefined) return locatePackage(ready, `the ready model ${source}`);
  return statSync(source, { throwIfNoEntry: false })?.isFile() === true ? source : undefined;
}

/** "place#name". */
function parts(source: string): { readonly place: string | undefined; readonly name?: string } {
  const hash = source.lastIndexOf("#");
  if (hash <= 0) return { place: undefined };
  return { place: locate(source.slice(0, hash)), name: source.slice(hash + 1) };
}
