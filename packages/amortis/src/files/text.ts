/**
 * Data as text: CSV and JSON.
 */
import { DataError } from "../model/index.js";
import { fromNested, type ArrayData } from "./array.js";
import { FileError } from "./container.js";

/** Arrays of a file: one without a name, or several by name. */
export type FileArrays = ArrayData | Readonly<Record<string, ArrayData>>;

/**
 * Reads CSV: rows of numbers, separated by commas, semicolons, tabs or spaces; lines that start with # are comments.
 *
 * Without a header it is a matrix [rows, columns]. A header names columns: `x, y[0], y[1]` gives x [rows, 1] and y [rows, 2].
 *
 * @throws FileError where a line has more or fewer numbers than others, or something is no number.
 */
export function parseCsv(text: string, what = "the .csv file"): FileArrays {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, i) => ({ text: line.trim(), number: i + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
  const [first] = lines;
  if (first === undefined) throw new FileError(`${what} is empty`);
  const separator = separatorOf(first.text);
  const split = (line: string): string[] => line.split(separator).map((cell) => cell.trim());
  const header = split(first.text).every((cell) => toNumber(cell) !== undefined)
    ? undefined
    : split(first.text);
  const rows = header === undefined ? lines : lines.slice(1);
  if (rows.length === 0) throw new FileError(`${what} has a header, but no numbers`);
  const columns = header?.length ?? split(first.text).length;
  const data = new Float64Array(rows.length * columns);
  for (const [row, line] of rows.entries()) {
    const cells = split(line.text);
    if (cells.length !== columns) {
      throw new FileError(
        `${what}, line ${line.number}: ${cells.length} values, where the first line has ${columns}`,
      );
    }
    for (const [column, cell] of cells.entries()) {
      const value = toNumber(cell);
      if (value === undefined) {
        throw new FileError(
          `${what}, line ${line.number}, column ${column + 1}: "${cell}" is no number`,
        );
      }
      data[row * columns + column] = value;
    }
  }
  const matrix: ArrayData = { shape: [rows.length, columns], data };
  return header === undefined ? matrix : byColumn(matrix, header);
}

function separatorOf(line: string): RegExp {
  if (line.includes(",")) return /,/;
  if (line.includes(";")) return /;/;
  return line.includes("\t") ? /\t/ : /\s+/;
}

/** NaN and infinities are numbers here: whether data may have them is not the file's to say. */
function toNumber(cell: string): number | undefined {
  const bare = cell.replace(/^"(.*)"$/, "$1");
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return Number(bare);
  if (/^(nan|na)$/i.test(bare)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(bare);
  return infinite === null ? undefined : infinite[1] === "-" ? -Infinity : Infinity;
}

/** Columns of one name, with or without a place in brackets, as one array. */
function byColumn(matrix: ArrayData, header: readonly string[]): Record<string, ArrayData> {
  const columns = header.length;
  const rows = matrix.data.length / columns;
  const groups = new Map<string, number[]>();
  for (const [column, cell] of header.entries()) {
    const name = cell
      .replace(/^"(.*)"$/, "$1")
      .replace(/\[.*$/, "")
      .trim();
    groups.set(name, [...(groups.get(name) ?? []), column]);
  }
  return Object.fromEntries(
    [...groups].map(([name, members]) => {
      const data = new Float64Array(rows * members.length);
      for (let row = 0; row < rows; row++) {
        for (const [i, column] of members.entries()) {
          data[row * members.length + i] = matrix.data[row * columns + column] ?? 0;
        }
      }
      return [name, { shape: [rows, members.length], data }];
    }),
  );
}

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
