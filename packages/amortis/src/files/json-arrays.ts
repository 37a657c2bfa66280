/**
 * Data as JSON.
 */
import { DataError } from "../data/simulator-output.js";
import { fromNested, MOST_AXES, type ArrayData, type FileArrays } from "../data/array-data.js";
import { parseJsonText, RepeatedNameError } from "../json.js";
import { FileError } from "./container.js";

/**
 * Reads JSON: nested arrays, or an object of nested arrays (or numbers) by name. `null` is a value that is missing, NaN. Data sets, along the first axis,
 * may differ in how many elements they have: they are filled up with NaN, and said to be ragged.
 *
 * @throws FileError where the text is no JSON, or an object has a name twice; where other rows differ in length, or something is no number.
 */
export function parseJson(text: string, what = "the .json file"): FileArrays {
  let content: unknown;
  try {
    content = parseJsonText(text);
  } catch (cause) {
    if (cause instanceof RepeatedNameError)
      throw new FileError(`${what}: ${cause.message}`, { cause });
    const hint = /\b(NaN|Infinity)\b/.test(text) ? " (JSON has no NaN or Infinity)" : "";
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    throw new FileError(`${what} is no JSON${hint}${reason}`, { cause });
  }
  try {
    if (Array.isArray(content) || typeof content === "number") return arrayOf(content, what);
    if (typeof content !== "object" || content === null) {
      throw new FileError(`${what} must hold an array, or an object of arrays by name`);
    }
    return Object.fromEntries(
      Object.entries(content).map(([name, value]) => [
        name,
        arrayOf(value, `the array "${name}" of ${what}`),
      ]),
    );
  } catch (cause) {
    if (cause instanceof DataError) throw new FileError(cause.message, { cause });
    throw cause;
  }
}

function arrayOf(content: unknown, what: string): ArrayData {
  const nested = withoutNull(content);
  const even = evened(nested);
  const array = fromNested(even, what);
  return even === nested ? array : { ...array, ragged: true };
}

/** Deeper ones, which are refused, as they are. */
function withoutNull(value: unknown, depth = 0): unknown {
  if (value === null) return Number.NaN;
  const open = Array.isArray(value) && depth <= MOST_AXES;
  return open ? value.map((one: unknown) => withoutNull(one, depth + 1)) : value;
}

/** Rows that differ in length, filled up with elements like their first, of NaN; others as they are. */
function evened(nested: unknown): unknown {
  if (!Array.isArray(nested) || !nested.every((row): row is unknown[] => Array.isArray(row))) {
    return nested;
  }
  const most = Math.max(...nested.map(({ length }) => length));
  if (nested.every(({ length }) => length === most)) return nested;
  const [like] = nested.find(({ length }) => length > 0) ?? [];
  const gap = gapLike(like, 0);
  return nested.map((row) => [...row, ...Array.from({ length: most - row.length }, () => gap)]);
}

function gapLike(value: unknown, depth: number): unknown {
  const open = Array.isArray(value) && depth <= MOST_AXES;
  return open ? value.map((one: unknown) => gapLike(one, depth + 1)) : Number.NaN;
}
