/**
 * Corruptions from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import type { Address } from "../address.js";
import { importExport } from "../model/import.js";
import type { Corruption } from "./corruption.js";

/**
 * Imports a module and takes the corruption that it exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's.
 * @throws ModelError where there is no such file, it cannot be imported, or the export is no function.
 * @example await train(npe(field), { corrupt: await loadCorruption("./camera.ts", "deadPixels") })
 */
export function loadCorruption(source: Address, name: string): Promise<Corruption> {
  return importExport(source, name, {
    what: "corruption",
    // What it returns is checked when it is called.
    is: (value): value is Corruption => typeof value === "function",
    otherwise: "is no function",
    example: "(data, random) => data",
  });
}
