/**
 * Models by path, or by the name of a ready one.
 */
import { existsSync } from "node:fs";
import { loadModel, type AnyModel } from "amortis";
import { UsageError } from "./failures.js";

/** Ready models, and the packages that hold them. */
const READY: Readonly<Record<string, string>> = {
  "gaussian-field": "@amortis/gaussian-field",
  "max-stable": "@amortis/max-stable",
};

/** What MODEL may be, for help texts. */
export const MODEL_HELP =
  "path of a TypeScript or JavaScript module that exports a model (path#name where it exports several), or the name of a ready model: " +
  Object.keys(READY).join(", ");

/**
 * Finds a model. A module's code runs: give only what you trust.
 *
 * @param source a path, "path#name", or the name of a ready model.
 * @throws UsageError where there is none; ModelError where the module cannot be loaded, or exports no such model.
 */
export async function findModel(source: string): Promise<AnyModel> {
  const ready = Object.hasOwn(READY, source) ? READY[source] : undefined;
  if (ready !== undefined) return loadModel(import.meta.resolve(ready));
  if (existsSync(source)) return loadModel(source);
  const hash = source.lastIndexOf("#");
  const path = hash > 0 ? source.slice(0, hash) : source;
  if (hash > 0 && existsSync(path)) return loadModel(path, source.slice(hash + 1));
  throw new UsageError(
    `there is no model "${source}": give the path of a module that exports one, or the name of a ready model (${Object.keys(READY).join(", ")})`,
  );
}
