/**
 * Derived quantities from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import type { Address } from "../address.js";
import { importExport } from "../model/import.js";
import type { Derive } from "./derived.js";

/**
 * Imports a module and takes the function that it exports, from parameters by name to quantities by name. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's.
 * @throws ModelError where there is no such file, it cannot be imported, or the export is no function.
 * @example await diagnose(estimator, line, { derived: await loadDerived("./line.ts", "derived") })
 */
export function loadDerived(source: Address, name: string): Promise<Derive> {
  return importExport(source, name, {
    what: "derived quantity",
    // What it returns is checked when it is called.
    is: (value): value is Derive => typeof value === "function",
    otherwise: "is no function",
    example: "({ slope, noise }) => ({ ratio: slope / noise })",
  });
}
