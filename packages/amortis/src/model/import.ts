/**
 * Modules that users name: TypeScript or JavaScript, by path or URL, without a build step.
 */
import type * as Fs from "node:fs";
import type * as Path from "node:path";
import type * as Url from "node:url";
import { registerHooks } from "./hooks.js";
import { importHost, inNode } from "../node.js";
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
export async function importExports(source: string | URL, what: string): Promise<Exports> {
  const url = await toUrl(source);
  try {
    if (inNode) await registerHooks();
    return unwrap(await importHost<Exports>(url));
  } catch (cause) {
    throw new ModelError(
      `cannot load ${what} from ${String(source)}: ${await reason(cause, url)}`,
      {
        cause,
      },
    );
  }
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
export async function toUrl(source: string | URL): Promise<string> {
  if (source instanceof URL) return source.href;
  if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !/^[a-z]:[\\/]/i.test(source)) return source;
  if (!inNode) return new URL(source, globalThis.location.href).href;
  const path = await importHost<typeof Path>("node:path");
  const { pathToFileURL } = await importHost<typeof Url>("node:url");
  return pathToFileURL(path.resolve(source)).href;
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
