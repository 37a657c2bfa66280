/**
 * Data as text: CSV and JSON.
 */
import { DataError, position, sizeOf } from "../model/index.js";
import { fromNested, type ArrayData } from "./array.js";
import { FileError } from "./container.js";

/** Arrays of a file: one without a name, or several by name. */
export type FileArrays = ArrayData | Readonly<Record<string, ArrayData>>;

/**
 * Reads CSV: rows of numbers, separated by commas, semicolons, tabs or spaces; lines that start with # are comments.
 *
 * Without a header it is a matrix [rows, columns]. A header names columns: `x, y[0], y[1]` gives x [rows, 1] and y [rows, 2], and
 * `z[0, 0], z[0, 1], ...` gives z [rows, height, width], whatever the order of the columns.
 *
 * @throws FileError where a line has more or fewer numbers than others, or something is no number; where a header names a place twice,
 *   or leaves one out.
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
  const split = (line: string): string[] => cellsOf(line, separator);
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
  return header === undefined ? matrix : byColumn(matrix, header, what);
}

/** Within these, separators separate nothing. */
const ENCLOSED = /"[^"]*"|\[[^\]]*\]/g;

function separatorOf(line: string): RegExp {
  const open = line.replaceAll(ENCLOSED, "");
  if (open.includes(",")) return /,/g;
  if (open.includes(";")) return /;/g;
  return open.includes("\t") ? /\t/g : /\s+/g;
}

function cellsOf(line: string, separator: RegExp): string[] {
  if (!/["[]/.test(line)) return line.split(separator).map((cell) => cell.trim());
  // Found where the enclosed is blotted out, cut from the line as it is.
  const blotted = line.replaceAll(ENCLOSED, (part) => "_".repeat(part.length));
  const cells: string[] = [];
  let start = 0;
  for (const { index, 0: match } of blotted.matchAll(separator)) {
    cells.push(line.slice(start, index).trim());
    start = index + match.length;
  }
  cells.push(line.slice(start).trim());
  return cells;
}

/** NaN and infinities are numbers here: whether data may have them is not the file's to say. */
function toNumber(cell: string): number | undefined {
  const bare = cell.replace(/^"(.*)"$/, "$1");
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return Number(bare);
  if (/^(nan|na)$/i.test(bare)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(bare);
  return infinite === null ? undefined : infinite[1] === "-" ? -Infinity : Infinity;
}

/** A column of an array, and its place there. */
interface Column {
  readonly column: number;
  readonly label: string;
  readonly place: readonly number[];
}

/** Columns of one name, each at the place that it has in brackets, as one array. */
function byColumn(
  matrix: ArrayData,
  header: readonly string[],
  what: string,
): Record<string, ArrayData> {
  const columns = header.length;
  const rows = matrix.data.length / columns;
  const groups = new Map<string, Column[]>();
  for (const [column, cell] of header.entries()) {
    const label = cell.replace(/^"(.*)"$/, "$1").trim();
    // Only whole numbers are a place: "depth[m]" is a name.
    const indexed = /^(.*?)\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]$/.exec(label);
    const name = indexed?.[1] ?? label;
    const place = (indexed?.[2] ?? "").split(",").filter((text) => text !== "");
    const group = groups.get(name) ?? [];
    group.push({ column, label, place: place.map(Number) });
    groups.set(name, group);
  }
  return Object.fromEntries(
    [...groups].map(([name, members]) => {
      const { shape, order } = arrange(name, members, what);
      const data = new Float64Array(rows * members.length);
      for (let row = 0; row < rows; row++) {
        for (const [i, column] of order.entries()) {
          data[row * members.length + i] = matrix.data[row * columns + column] ?? 0;
        }
      }
      return [name, { shape: [rows, ...shape], data }];
    }),
  );
}

/**
 * The shape of an array, and its columns in row-major order.
 *
 * @throws FileError unless each place from 0 on is named exactly once.
 */
function arrange(
  name: string,
  members: readonly Column[],
  what: string,
): { readonly shape: readonly number[]; readonly order: readonly number[] } {
  const fail = (problem: string): never => {
    throw new FileError(`${what}: ${problem}`);
  };
  const rank = members[0]?.place.length ?? 0;
  const other = members.find(({ place }) => place.length !== rank);
  if (other !== undefined) {
    fail(
      `the columns "${members[0]?.label}" and "${other.label}" are of one array, but have places of different kinds`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) =>
    members.reduce((size, { place }) => Math.max(size, (place[axis] ?? 0) + 1), 1),
  );
  const order = new Map<number, number>();
  for (const { column, label, place } of members) {
    const at = place.reduce((flat, index, axis) => flat * (shape[axis] ?? 1) + index, 0);
    if (order.has(at)) fail(`the column "${label}" is there twice`);
    order.set(at, column);
  }
  const size = sizeOf(shape);
  if (order.size !== size) {
    let missing = 0;
    while (order.has(missing)) missing++;
    fail(
      `the array "${name}" lacks the column "${name}${position(missing, shape)}": its places are counted from 0, each once`,
    );
  }
  return {
    // A column without a place is a list of one, as a matrix has it.
    shape: rank === 0 ? [1] : shape,
    order: [...order].toSorted(([a], [b]) => a - b).map(([, column]) => column),
  };
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
