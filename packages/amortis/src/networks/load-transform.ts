/**
 * Transforms from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import type { Address } from "../address.js";
import { importExport } from "../model/import.js";
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
export function loadTransform(source: Address, name: string): Promise<DataTransform> {
  return importExport(source, name, {
    what: "transform",
    is: isTransform,
    otherwise: "is no transform of data",
    example: "expertSummary(...)",
  });
}

function isTransform(value: unknown): value is DataTransform {
  if (typeof value !== "object" || value === null) return false;
  const { kind, apply, describe } = value as Partial<Record<keyof DataTransform, unknown>>;
  return typeof kind === "string" && typeof apply === "function" && typeof describe === "function";
}
