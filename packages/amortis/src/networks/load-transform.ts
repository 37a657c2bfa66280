/**
 * Transforms from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import { addressText, type Address } from "../address.js";
import { ModelError } from "../model/index.js";
import { exportNames, importExports } from "../model/import.js";
import type { DataTransform } from "./transform.js";

/**
 * Imports a module and takes the transform that it exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's.
 * @throws ModelError where there is no such file, it cannot be imported, or it does not export such a transform.
 * @example
 * const roughness = await loadTransform("./summaries.ts", "roughness");
 */
export async function loadTransform(source: Address, name: string): Promise<DataTransform> {
  const exported = await importExports(source, "the transform");
  const value = exported[name];
  if (isTransform(value)) return value;
  const problem = Object.hasOwn(exported, name)
    ? `whose export "${name}" is no transform of data: write export const ${name} = expertSummary(...)`
    : `which exports no "${name}"; it exports ${exportNames(exported)}`;
  throw new ModelError(`cannot take a transform from ${addressText(source)}, ${problem}`);
}

function isTransform(value: unknown): value is DataTransform {
  if (typeof value !== "object" || value === null) return false;
  const { kind, apply, describe } = value as Partial<Record<keyof DataTransform, unknown>>;
  return typeof kind === "string" && typeof apply === "function" && typeof describe === "function";
}
