/**
 * Models from modules: TypeScript or JavaScript, by path or URL, without a build step.
 */
import type * as Fs from "node:fs";
import type * as Path from "node:path";
import type * as Url from "node:url";
import { registerHooks } from "./hooks.js";
import { importHost, inNode } from "./host.js";
import { isModel, type AnyModel } from "./model.js";
import { ModelError } from "./validate.js";

type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a module and finds the model that it exports. The module's code runs: load only what you trust.
 *
 * @param source a path, relative to the working directory, or a URL; `.ts` and `.mts` are compiled on the fly.
 * @param name the export's name, or the model's, where a module exports several models.
 * @throws ModelError where there is no such file, it cannot be imported, or it does not export such a model.
 * @example
 * const model = await loadModel("./models/coin.ts");
 */
export async function loadModel(source: string | URL, name?: string): Promise<AnyModel> {
  const url = await toUrl(source);
  const what = String(source);
  let exported: Exports;
  try {
    exported = await importModule(url);
  } catch (cause) {
    throw new ModelError(`cannot load the model from ${what}: ${await reason(cause, url)}`, {
      cause,
    });
  }
  return choose(exported, what, name);
}

function choose(exported: Exports, what: string, name: string | undefined): AnyModel {
  const found = new Map<AnyModel, string[]>();
  for (const [key, value] of Object.entries(exported)) {
    if (isModel(value)) found.set(value, [...(found.get(value) ?? []), key]);
  }
  if (found.size === 0) {
    const names =
      Object.keys(exported)
        .filter((key) => key !== "default")
        .join(", ") || "nothing";
    throw new ModelError(
      `${what} exports no model; it exports ${names}. Write: export const model = defineModel({ ... })`,
    );
  }
  const all = [...found].map(([model, keys]) => `${keys.join("/")} ("${model.name}")`).join(", ");
  const matches = [...found]
    .filter(([model, keys]) => name === undefined || keys.includes(name) || model.name === name)
    .map(([model]) => model);
  const [first, second] = matches;
  if (first === undefined) {
    throw new ModelError(`${what} exports no model named "${String(name)}"; it exports ${all}`);
  }
  if (second !== undefined) {
    throw new ModelError(`${what} exports several models; say which: ${all}`);
  }
  return first;
}

async function toUrl(source: string | URL): Promise<string> {
  if (source instanceof URL) return source.href;
  if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !/^[a-z]:[\\/]/i.test(source)) return source;
  if (!inNode) return new URL(source, globalThis.location.href).href;
  const path = await importHost<typeof Path>("node:path");
  const { pathToFileURL } = await importHost<typeof Url>("node:url");
  return pathToFileURL(path.resolve(source)).href;
}

async function importModule(url: string): Promise<Exports> {
  if (inNode) await registerHooks();
  return unwrap(await importHost<Exports>(url));
}

/** The exports of a CommonJS module arrive as its default export. */
function unwrap(exported: Exports): Exports {
  const inner = exported["default"] ?? exported["module.exports"];
  return typeof inner === "object" && inner !== null && !isModel(inner)
    ? { ...inner, ...exported }
    : exported;
}

async function reason(cause: unknown, url: string): Promise<string> {
  if (inNode && url.startsWith("file:")) {
    const { existsSync } = await importHost<typeof Fs>("node:fs");
    const { fileURLToPath } = await importHost<typeof Url>("node:url");
    const path = fileURLToPath(url);
    if (!existsSync(path)) return "there is no such file";
  }
  return cause instanceof Error ? (cause.message.split("\n")[0] ?? cause.name) : String(cause);
}
