/**
 * Models from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import { addressText, type Address } from "../address.js";
import { exportNames, importExports, toUrl, type Exports } from "./import.js";
import { isModel, withModule, type AnyModel } from "./model.js";
import { ModelError } from "./validate.js";

/**
 * Imports a module and finds the model that it exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's name, or the model's, where a module exports several models.
 * @throws ModelError where there is no such file, it cannot be imported, or it does not export such a model.
 * @example
 * const model = await loadModel("./models/coin.ts");
 */
export async function loadModel(source: Address, name?: string): Promise<AnyModel> {
  const exported = await importExports(source, "the model");
  const model = choose(exported, addressText(source), name);
  // A worker finds a model by its name, which must then be the only one of that name.
  const findable = matching(modelsOf(exported), model.name).length === 1;
  return model.module === undefined && findable ? withModule(model, toUrl(source)) : model;
}

/** Models among exports, with the keys of each. */
function modelsOf(exported: Exports): ReadonlyMap<AnyModel, readonly string[]> {
  const found = new Map<AnyModel, string[]>();
  for (const [key, value] of Object.entries(exported)) {
    if (isModel(value)) found.set(value, [...(found.get(value) ?? []), key]);
  }
  return found;
}

/** Models of a name, or exported by it. */
function matching(
  found: ReadonlyMap<AnyModel, readonly string[]>,
  name: string | undefined,
): readonly AnyModel[] {
  return [...found]
    .filter(([model, keys]) => name === undefined || keys.includes(name) || model.name === name)
    .map(([model]) => model);
}

function choose(exported: Exports, what: string, name: string | undefined): AnyModel {
  const found = modelsOf(exported);
  if (found.size === 0) {
    throw new ModelError(
      `${what} exports no model; it exports ${exportNames(exported)}. Write: export const model = defineModel({ ... })`,
    );
  }
  const all = [...found].map(([model, keys]) => `${keys.join("/")} ("${model.name}")`).join(", ");
  const [first, second] = matching(found, name);
  if (first === undefined) {
    throw new ModelError(`${what} exports no model named "${String(name)}"; it exports ${all}`);
  }
  if (second !== undefined) {
    throw new ModelError(`${what} exports several models; say which: ${all}`);
  }
  return first;
}
