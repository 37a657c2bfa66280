/**
 * Modules that users name: TypeScript or JavaScript, by path or URL, without a build step.
 */
import { existsSync, fileURLToPath, importUrl, inNode, path, pathToFileURL } from "#platform";
import { addressText, type Address } from "../address.js";
import { registerHooks } from "./hooks.js";
import { isModel } from "./model.js";
import { ModelError } from "./validate.js";

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a module. Its code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param what is sought in it, for the error.
 * @throws ModelError where there is no such file, or it cannot be imported.
 */
export async function importExports(source: Address, what: string): Promise<Exports> {
  const url = toUrl(source);
  try {
    if (inNode) await registerHooks();
    return unwrap(await importUrl(url));
  } catch (cause) {
    throw new ModelError(`cannot load ${what} from ${addressText(source)}: ${reason(cause, url)}`, {
      cause,
    });
  }
}

/** What an export is to be. */
export interface ExportKind<T> {
  /** In a word: "transform". */
  readonly what: string;
  readonly is: (value: unknown) => value is T;
  /** What is said of one that is not: "is no function". */
  readonly otherwise: string;
  /** How one is written: "expertSummary(...)". */
  readonly example: string;
}

/**
 * Imports a module and takes one of its exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's.
 * @throws ModelError where there is no such file, it cannot be imported, or it does not export that.
 */
export async function importExport<T>(
  source: Address,
  name: string,
  { what, is, otherwise, example }: ExportKind<T>,
): Promise<T> {
  const exported = await importExports(source, `the ${what}`);
  const value = exported[name];
  if (is(value)) return value;
  const problem = Object.hasOwn(exported, name)
    ? `whose export "${name}" ${otherwise}: write export const ${name} = ${example}`
    : `which exports no "${name}"; it exports ${exportNames(exported)}`;
  throw new ModelError(`cannot take a ${what} from ${addressText(source)}, ${problem}`);
}

/** Names of exports, in words. */
export function exportNames(exported: Exports): string {
  const names = Object.keys(exported).filter((key) => key !== "default");
  return names.join(", ") || "nothing";
}

/** The exports of a CommonJS module arrive as its default export. */
function unwrap(exported: Exports): Exports {
  const inner = exported["default"] ?? exported["module.exports"];
  return typeof inner === "object" && inner !== null && !isModel(inner)
    ? { ...inner, ...exported }
    : exported;
}

/** A path, relative to the working directory, or a URL, as a URL. */
export function toUrl(source: Address): string {
  if (typeof source !== "string") return source.href;
  if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !/^[a-z]:[\\/]/i.test(source)) return source;
  if (!inNode) return new URL(source, globalThis.location.href).href;
  return pathToFileURL(path.resolve(source)).href;
}

function reason(cause: unknown, url: string): string {
  if (inNode && url.startsWith("file:")) {
    if (!existsSync(fileURLToPath(url))) return "there is no such file";
  }
  return cause instanceof Error ? (cause.message.split("\n")[0] ?? cause.name) : String(cause);
}
