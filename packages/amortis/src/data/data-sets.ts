/**
 * n data sets as one value: a flat column for each array, and what each array is.
 *
 * Rows are data sets, in row-major order: the array z [16, 16] of n data sets is a column of n · 256 numbers. Columns are float32 where that loses
 * nothing that matters, and float64 where it would.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { ArraySpecs } from "./array-spec.js";
import { sizeOf } from "./shape.js";

/** All values of one array. */
export type Column = Float32Array | Float64Array;

/** Columns by name. */
export type Columns = Readonly<Record<string, Column>>;

/** n data sets. */
export class DataSets {
  readonly specs: ArraySpecs;
  /** How many there are. */
  readonly size: number;
  /** By name, [size, ...shape]. */
  readonly columns: Columns;

  /**
   * @param columns by the names of `specs`; others are left alone.
   * @throws TypeError where one is missing or has another length: whoever takes data from outside has checked them before.
   */
  constructor(specs: ArraySpecs, size: number, columns: Columns) {
    this.specs = specs;
    this.size = size;
    this.columns = mapSpecs(specs, (name, width) => {
      const column = columns[name];
      if (column?.length === size * width) return column;
      throw new TypeError(
        `the column "${name}" of ${size} data sets should have ${size * width} values, but has ${column?.length ?? "none"}`,
      );
    });
  }

  /** Room for data sets, all zero. */
  static allocate(
    specs: ArraySpecs,
    size: number,
    kind: "float32" | "float64" = "float64",
  ): DataSets {
    const columns = mapSpecs(specs, (_, width) =>
      kind === "float32" ? new Float32Array(size * width) : new Float64Array(size * width),
    );
    return new DataSets(specs, size, columns);
  }

  /** Data sets one after another. All are of the same specifications. */
  static join(parts: readonly [DataSets, ...(readonly DataSets[])]): DataSets {
    const [{ specs }] = parts;
    const size = parts.reduce((total, part) => total + part.size, 0);
    const exact = parts.some(({ columns }) =>
      Object.values(columns).some((column) => column instanceof Float64Array),
    );
    const all = DataSets.allocate(specs, size, exact ? "float64" : "float32");
    let row = 0;
    for (const part of parts) {
      all.place(row, part);
      row += part.size;
    }
    return all;
  }

  /** The data sets [start, end), without copying. */
  slice(start: number, end: number): DataSets {
    const columns = mapSpecs(this.specs, (name, width) =>
      this.column(name).subarray(start * width, end * width),
    );
    return new DataSets(this.specs, end - start, columns);
  }

  /** Copies of the data sets of these numbers, in this order. */
  take(rows: ArrayLike<number>): DataSets {
    const columns = mapSpecs(this.specs, (name, width) => takeRows(this.column(name), width, rows));
    return new DataSets(this.specs, rows.length, columns);
  }

  /** Copies data sets into the places from `row` on. */
  place(row: number, part: DataSets): void {
    for (const [name, width] of widths(this.specs)) {
      this.column(name).set(part.column(name), row * width);
    }
  }

  /** Moves the data sets [start, end) to the places from `row` on. */
  move(row: number, start: number, end: number): void {
    for (const [name, width] of widths(this.specs)) {
      this.column(name).copyWithin(row * width, start * width, end * width);
    }
  }

  /** One data set, without copying: flat arrays by name. */
  row(index: number): Columns {
    return this.slice(index, index + 1).columns;
  }

  /** The data sets [start, end) as a program takes them: float32, [end - start, ...shape]. */
  feeds(start = 0, end = this.size): Record<string, HostTensor> {
    return Object.fromEntries(
      Object.entries(this.specs).map(([name, { shape }]) => {
        const width = sizeOf(shape);
        const values = this.column(name).subarray(start * width, end * width);
        const floats = values instanceof Float32Array ? values : new Float32Array(values);
        return [name, hostTensor(floats, [end - start, ...shape])];
      }),
    );
  }

  /** The column of an array. */
  column(name: string): Column {
    const column = this.columns[name];
    if (column !== undefined) return column;
    throw new TypeError(
      `there is no column "${name}"; there are ${Object.keys(this.specs).join(", ")}`,
    );
  }
}

/** Rows of a column [n, width], in an order. */
export function takeRows<C extends Column>(column: C, width: number, rows: ArrayLike<number>): C {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the kind that the column is
  const taken = (
    column instanceof Float32Array
      ? new Float32Array(rows.length * width)
      : new Float64Array(rows.length * width)
  ) as C;
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] ?? 0) * width;
    taken.set(column.subarray(from, from + width), i * width);
  }
  return taken;
}

/** Numbers of each array in one data set, by name. */
function widths(specs: ArraySpecs): readonly (readonly [string, number])[] {
  return Object.entries(specs).map(([name, { shape }]) => [name, sizeOf(shape)]);
}

function mapSpecs<T>(
  specs: ArraySpecs,
  make: (name: string, width: number) => T,
): Record<string, T> {
  return Object.fromEntries(widths(specs).map(([name, width]) => [name, make(name, width)]));
}
