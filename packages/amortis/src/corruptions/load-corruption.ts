/**
 * Corruptions from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import { addressText, type Address } from "../address.js";
import { exportNames, importExports } from "../model/import.js";
import { ModelError } from "../model/index.js";
import type { Corruption } from "./corruption.js";

/**
 * Imports a module and takes the corruption that it exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's.
 * @throws ModelError where there is no such file, it cannot be imported, or the export is no function.
 * @example await train(npe(field), { corrupt: await loadCorruption("./camera.ts", "deadPixels") })
 */
export async function loadCorruption(source: Address, name: string): Promise<Corruption> {
  const exported = await importExports(source, "the corruption");
  const value = exported[name];
  if (isFunction(value)) return value;
  const problem = Object.hasOwn(exported, name)
    ? `whose export "${name}" is no function: write export const ${name} = (data, random) => data`
    : `which exports no "${name}"; it exports ${exportNames(exported)}`;
  throw new ModelError(`cannot take a corruption from ${addressText(source)}, ${problem}`);
}

/** What it returns is checked when it is called. */
function isFunction(value: unknown): value is Corruption {
  return typeof value === "function";
}
