/**
 * How Node is taught to import a user's module: TypeScript without a build step, and this library from wherever the module lies.
 */
import { importTsx, register } from "#platform";

/**
 * Hooks for Node's loader thread, so they are text.
 *
 * Whatever is written as an ES module is taken for one. Left to themselves, files in a directory that does not say so become CommonJS,
 * and get a second copy of this library, whose tensors the first does not know.
 *
 * Where the library is not found from a module, it is looked for from here: a file in a directory without `node_modules` finds the
 * very copy that loads it.
 */
const HOOKS = `
import { readFile } from "node:fs/promises";
let parentURL;
export function initialize(data) { parentURL = data.parentURL; }
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context).catch((error) => {
    if (!/^(amortis|@amortis\\/[^/]+)(\\/|$)/.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL }).catch(() => { throw error; });
  });
  return found.format === "commonjs" && (await isModule(found.url)) ? { ...found, format: "module" } : found;
}
async function isModule(url) {
  const path = url.replace(/[?#].*/, "");
  if (!/^file:.*\\.[jt]sx?$/.test(path) || path.includes("/node_modules/")) return false;
  const text = await readFile(new URL(path), "utf8").catch(() => "");
  return /^\\s*(import\\b(?!\\s*\\()|export\\b)/m.test(text);
}`;

let registered: Promise<void> | undefined;

/** Teaches Node, once. It stays so: modules may import others later. */
export function registerHooks(): Promise<void> {
  registered ??= registerAll();
  return registered;
}

async function registerAll(): Promise<void> {
  // The hooks registered last run first, around the others: ours have the last word on formats.
  const tsx = await importTsx();
  tsx.register();
  const data = { parentURL: import.meta.url };
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data });
}
