/**
 * Packages that are installed by those who want them.
 */
import { UsageError } from "./failures.js";

/**
 * Where an optional package is.
 *
 * @param name of the package.
 * @param what it has, for the error: "the ready model gaussian-field".
 * @returns the URL of its entry.
 * @throws UsageError where it is not installed beside the command: says how.
 */
export function locatePackage(name: string, what: string): string {
  try {
    return import.meta.resolve(name);
  } catch (cause) {
    throw new UsageError(`${what} is in a package of its own: npm i ${name}`, { cause });
  }
}
