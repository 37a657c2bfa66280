/**
 * Arrays as data frames: a row for each of the first axis, a column for each number.
 */
import type { ArrayData } from "../data/array-data.js";
import { flatNames, type Floats } from "../data/layout.js";
import { sizeOf } from "../data/shape.js";

/** A column for each number of arrays [n, ...shape], named "beta[0]", "beta[1]", ... in row-major order. */
export function columnsOf(
  arrays: Readonly<Record<string, ArrayData>>,
): Readonly<Record<string, Floats>> {
  const columns = Object.entries(arrays).flatMap(
    ([
      name,
      {
        shape: [n = 0, ...shape],
        data,
      },
    ]) => {
      const width = sizeOf(shape);
      const names = flatNames([{ name, shape, offset: 0, size: width }]);
      return names.map((one, k) => {
        const column = data instanceof Float32Array ? new Float32Array(n) : new Float64Array(n);
        for (let row = 0; row < n; row++) column[row] = data[row * width + k] ?? Number.NaN;
        return [one, column] as const;
      });
    },
  );
  return Object.fromEntries(columns);
}

/** Numbers in as many digits as they need; what is missing is an empty cell. */
export function encodeCsv(columns: Readonly<Record<string, ArrayLike<number>>>): string {
  const names = Object.keys(columns).map(quoted);
  const values = Object.values(columns);
  const lines = Array.from({ length: values[0]?.length ?? 0 }, (_, row) =>
    values.map((column) => cell(column[row], column)).join(","),
  );
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

/** A name as a cell: in quotes where it has what parts cells. */
function quoted(name: string): string {
  return /[",\r\n]/u.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** Digits that tell numbers of single precision apart. */
const SINGLE = 9;

function cell(value = Number.NaN, column: ArrayLike<number> = []): string {
  if (Number.isNaN(value)) return "";
  return String(column instanceof Float32Array ? Number(value.toPrecision(SINGLE)) : value);
}
