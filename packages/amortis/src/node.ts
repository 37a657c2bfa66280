/**
 * What only Node has, reached so that a bundle for the browser neither holds it nor fails without it.
 */

/** Whether this is Node (or a runtime like it), rather than a browser. */
export const inNode = typeof process !== "undefined" && process.versions?.node !== undefined;

/**
 * Imports a module that only exists in Node.
 *
 * The specifier is a variable, so bundlers leave it alone; the caller says the type: `importHost<typeof Fs>("node:fs")`, after
 * `import type * as Fs from "node:fs"`.
 */
export async function importHost<T>(specifier: string): Promise<T> {
  const module: T = await import(/* @vite-ignore */ specifier);
  return module;
}
