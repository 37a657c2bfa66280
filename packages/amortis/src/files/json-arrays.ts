/**
 * Data as JSON.
 */
import { DataError } from "../data/simulator-output.js";
import { fromNested, type FileArrays } from "../data/array-data.js";
import { FileError } from "./container.js";

/**
 * Reads JSON: nested arrays, or an object of nested arrays (or numbers) by name.
 *
 * @throws FileError where the text is no JSON; where rows differ in length, or something is no number.
 */
export function parseJson(text: string, what = "the .json file"): FileArrays {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const hint = /\b(NaN|Infinity)\b/.test(text) ? " (JSON has no NaN or Infinity)" : "";
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    throw new FileError(`${what} is no JSON${hint}${reason}`, { cause });
  }
  try {
    if (Array.isArray(content) || typeof content === "number") return fromNested(content, what);
    if (typeof content !== "object" || content === null) {
      throw new FileError(`${what} must hold an array, or an object of arrays by name`);
    }
    return Object.fromEntries(
      Object.entries(content).map(([name, value]) => [
        name,
        fromNested(value, `the array "${name}" of ${what}`),
      ]),
    );
  } catch (cause) {
    if (cause instanceof DataError) throw new FileError(cause.message, { cause });
    throw cause;
  }
}
