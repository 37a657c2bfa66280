/**
 * Packages that are installed by those who want them.
 */
import { UsageError } from "./failures.js";

/**
 * Where an optional package is.
 *
 * @param name of the package, or of an entry of it.
 * @param what it has, for the error: "the ready model gaussian-field".
 * @param install what to install, where that is not the name.
 * @returns the URL of its entry.
 * @throws UsageError where it is not installed beside the command: says how.
 */
export function locatePackage(name: string, what: string, install = name): string {
  try {
    return import.meta.resolve(name);
  } catch (cause) {
    throw new UsageError(`${what} is in a package of its own: npm i ${install}`, { cause });
  }
}
