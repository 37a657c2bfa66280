/**
 * Products of matrices: C = A · B + D.
 *
 * Four rows by eight columns of C at a time stay in registers; B is packed into panels of eight columns where its rows are used often enough
 * to pay for that, or lie apart. Every element is one sum in the order of k (in blocks of 512), whatever the sizes: so results are the same
 * bits everywhere, unless fused products are asked for.
 */
import type { Expression, I32, Statement, V128, ValueType } from "../encoder/expression.js";
import type { FunctionBuilder, Local } from "../encoder/function.js";
import { run, type FunctionReference, type ModuleBuilder } from "../encoder/module.js";
import { f64, i32, i64 } from "../encoder/scalar.js";
import { f32x4, v128 } from "../encoder/vector.js";

/** Rows of C that are worked on together. */
const ROWS = 4;

/** Columns of a panel. */
export const PANEL = 8;

/** Columns together where there are but one or two rows: as many sums as the processor has in flight. */
const WIDE = 16;

/** How a matrix is laid out: strides in bytes, one of which is that of neighbours. */
export interface MatrixLayout {
  readonly row: number;
  readonly column: number;
}

/** Sizes and layouts of one product. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: MatrixLayout;
  /** Bytes from one row of B, or of a panel of it, to the next. */
  readonly bStep: number;
  readonly packed: boolean;
  /** What is added: nothing, or strides of D, whose column stride is 0 or 4. */
  readonly initial: MatrixLayout | undefined;
  /** Bytes from one row of C to the next. */
  readonly cRow: number;
  /** Whether products are fused with sums, which rounds differently from processor to processor. */
  readonly fused: boolean;
}

interface MicroShape {
  readonly rows: number;
  /** Columns that are stored. */
  readonly columns: number;
  readonly aRow: number;
  readonly aColumn: number;
  readonly bStep: number;
  readonly initial: 0 | 4 | undefined;
  readonly fused: boolean;
}

/** Some rows by some columns of C: (a, b, c, d, k, bytes between rows of C, and of D). */
function microKernel(module: ModuleBuilder, shape: MicroShape): FunctionReference {
  const { rows, columns, aRow, aColumn, bStep, initial, fused } = shape;
  const vectors = Math.ceil(columns / 4);
  return module.shared(`product ${JSON.stringify(shape)}`, () =>
    module.define(["i32", "i32", "i32", "i32", "i32", "i32", "i32"], undefined, (f, given) => {
      const [a, b, c, d, k, cRow, dRow] = given;
      const sums: Local<"v128">[][] = [];
      for (let r = 0; r < rows; r++) {
        sums.push(Array.from({ length: vectors }, (_, j) => f.let(begin(initial, d, 16 * j))));
        if (initial !== undefined && r + 1 < rows) f.increase(d, dRow);
      }
      // One turn of k at a time: of several, V8 would load all before it multiplies, and run out of registers (at half the speed).
      const turn = (): void => {
        const across = Array.from({ length: vectors }, (_, j) => f.let(v128.load(b, 16 * j)));
        for (const [r, row] of sums.entries()) {
          const x = f.let(v128.load32Splat(a, r * aRow));
          for (const [j, sum] of row.entries()) {
            f.set(sum, multiplyAdd(x, across[j] ?? x, sum, fused));
          }
        }
        f.increase(a, aColumn);
        f.increase(b, bStep);
        f.increase(k, -1);
      };
      // A test at the end alone saves a jump a turn.
      f.if(k, () => f.repeat(turn, k));
      for (const [r, row] of sums.entries()) {
        storeRow(f, c, row, columns);
        if (r + 1 < rows) f.increase(c, cRow);
      }
    }),
  );
}

function begin(initial: MicroShape["initial"], d: I32, offset: number): V128 {
  if (initial === undefined) return f32x4.const(0);
  return initial === 0 ? v128.load32Splat(d) : v128.load(d, offset);
}

function multiplyAdd(a: V128, b: V128, sum: V128, fused: boolean): V128 {
  return fused ? f32x4.relaxedMadd(a, b, sum) : f32x4.add(sum, f32x4.mul(a, b));
}

function storeRow(f: FunctionBuilder, c: I32, row: readonly V128[], columns: number): void {
  for (const [j, sum] of row.entries()) {
    const left = columns - 4 * j;
    if (left >= 4) f.do(v128.store(c, sum, 16 * j));
    else {
      for (let lane = 0; lane < left; lane++) {
        f.do(v128.store32Lane(c, sum, lane, 16 * j + 4 * lane));
      }
    }
  }
}

/** Rows of A that are gone through before the next panel of B: a few, so that they stay in the nearest cache. */
const BLOCK = 64;

/** One product: (a, b, c, d). */
export function productKernel(module: ModuleBuilder, shape: ProductShape): FunctionReference {
  const { m, n, k, a: aLayout, bStep, packed, initial, cRow, fused } = shape;
  const width = m <= 2 && !packed ? WIDE : PANEL;
  const micro = (rows: number, columns: number): FunctionReference =>
    microKernel(module, {
      rows,
      columns,
      aRow: aLayout.row,
      aColumn: aLayout.column,
      bStep,
      initial: initial?.column === 0 ? 0 : initial && 4,
      fused,
    });
  return module.shared(`matmul ${JSON.stringify(shape)}`, () =>
    module.define(["i32", "i32", "i32", "i32"], undefined, (f, [a, b, c, d]) => {
      const panelBytes = packed ? k * bStep : 4 * width;
      /** All rows from the pointers on, of one panel. */
      const panel = (at: I32, count: I32, columns: number): void => {
        const rowOfA = f.let(a);
        const rowOfC = f.let(i32.add(c, i32.mul(at, i32.const(4 * width))));
        const rowOfD = f.let(
          initial?.column === 4 ? i32.add(d, i32.mul(at, i32.const(4 * width))) : d,
        );
        const across = f.let(i32.add(b, i32.mul(at, i32.const(panelBytes))));
        const left = f.let(count);
        const go = (rows: number): void => {
          const sizes = [i32.const(k), i32.const(cRow), i32.const(initial?.row ?? 0)];
          f.do(run(micro(rows, columns), rowOfA, across, rowOfC, rowOfD, ...sizes));
          f.increase(rowOfA, rows * aLayout.row);
          f.increase(rowOfC, rows * cRow);
          f.increase(rowOfD, rows * (initial?.row ?? 0));
          f.increase(left, -rows);
        };
        if (m >= ROWS) f.while(i32.geS(left, i32.const(ROWS)), () => go(ROWS));
        const rest = m % ROWS;
        if (rest > 0) f.if(left, () => go(rest));
      };
      const whole = Math.floor(n / width);
      const rest = n % width;
      const block = (count: I32): void => {
        if (whole > 0) f.for(i32.const(0), i32.const(whole), 1, (at) => panel(at, count, width));
        if (rest > 0) panel(i32.const(whole), count, rest);
      };
      if (m <= BLOCK) return block(i32.const(m));
      const full = Math.floor(m / BLOCK);
      const advance = (): void => {
        f.increase(a, BLOCK * aLayout.row);
        f.increase(c, BLOCK * cRow);
        f.increase(d, BLOCK * (initial?.row ?? 0));
      };
      f.for(i32.const(0), i32.const(full), 1, () => {
        block(i32.const(BLOCK));
        advance();
      });
      if (m % BLOCK > 0) block(i32.const(m % BLOCK));
    }),
  );
}

/** B as panels of eight columns, row after row: (from, to). What is beyond the last column is anything. */
export function packKernel(
  module: ModuleBuilder,
  k: number,
  n: number,
  { row, column }: MatrixLayout,
): FunctionReference {
  return module.shared(`pack ${[k, n, row, column].join()}`, () =>
    module.define(["i32", "i32"], undefined, (f, [from, to]) => {
      const panels = Math.ceil(n / PANEL);
      f.for(i32.const(0), i32.const(panels), 1, (panel) => {
        const left = f.let(i32.mul(panel, i32.const(PANEL)));
        if (column === 4) packRows(f, k, row, i32.add(from, i32.shl(left, i32.const(2))), to);
        else packColumns(f, { k, n, row, column }, from, left, to);
      });
    }),
  );
}

function packRows(f: FunctionBuilder, k: number, row: number, start: I32, to: Local<"i32">): void {
  const at = f.let(start);
  f.for(i32.const(0), i32.const(k), 1, () => {
    f.do(v128.store(to, v128.load(at)));
    f.do(v128.store(to, v128.load(at, 16), 16));
    f.increase(at, row);
    f.increase(to, 4 * PANEL);
  });
}

/** Columns that lie one after the other: four by four they change places with rows. */
function packColumns(
  f: FunctionBuilder,
  { k, n, row, column }: MatrixLayout & { readonly k: number; readonly n: number },
  from: I32,
  left: I32,
  to: Local<"i32">,
): void {
  const columns = Array.from({ length: PANEL }, (_, j) => {
    const at = f.let(i32.add(left, i32.const(j)));
    // Beyond the last there is none to read.
    f.if(i32.geS(at, i32.const(n)), () => f.set(at, i32.const(n - 1)));
    return f.let(i32.add(from, i32.mul(at, i32.const(column))));
  });
  const advance = (rows: number): void => {
    for (const at of columns) f.increase(at, rows * row);
    f.increase(to, 4 * PANEL * rows);
  };
  if (row === 4) {
    f.for(i32.const(0), i32.const(Math.floor(k / 4)), 1, () => {
      for (const half of [0, 4]) {
        const loaded = columns.slice(half, half + 4).map((at) => f.let(v128.load(at)));
        for (const [r, vector] of transposed(f, loaded).entries()) {
          f.do(v128.store(to, vector, 4 * (PANEL * r + half)));
        }
      }
      advance(4);
    });
  }
  const rest = row === 4 ? k % 4 : k;
  f.for(i32.const(0), i32.const(rest), 1, () => {
    for (const [j, at] of columns.entries()) f.do(i32.store(to, i32.load(at), 4 * j));
    advance(1);
  });
}

const lanes = (places: readonly number[]): readonly number[] =>
  places.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));

function transposed(f: FunctionBuilder, rows: readonly V128[]): readonly V128[] {
  const [a = f32x4.const(0), b = a, c = a, d = a] = rows;
  const mixed = (x: V128, y: V128, places: readonly number[]): V128 =>
    f.let(v128.shuffle(x, y, lanes(places)));
  const [ab, cd] = [mixed(a, b, [0, 4, 1, 5]), mixed(c, d, [0, 4, 1, 5])];
  const [abHigh, cdHigh] = [mixed(a, b, [2, 6, 3, 7]), mixed(c, d, [2, 6, 3, 7])];
  return [
    mixed(ab, cd, [0, 1, 4, 5]),
    mixed(ab, cd, [2, 3, 6, 7]),
    mixed(abHigh, cdHigh, [0, 1, 4, 5]),
    mixed(abHigh, cdHigh, [2, 3, 6, 7]),
  ];
}

/** Instructions of the types that products are of beside float32. */
const ONE_BY_ONE = {
  float64: { load: f64.load, store: f64.store, add: f64.add, mul: f64.mul, zero: f64.const(0) },
  int64: { load: i64.load, store: i64.store, add: i64.add, mul: i64.mul, zero: i64.const(0n) },
} as const;

/** Products of other types, element by element: (a, b, c, d, m, n, k, and row and column strides of each). */
export function plainProduct(
  module: ModuleBuilder,
  dtype: "float64" | "int64",
  hasInitial: boolean,
): FunctionReference {
  const params = Array.from({ length: 15 }, () => "i32" as const);
  return module.shared(`plain ${dtype} ${hasInitial}`, () =>
    module.define(params, undefined, (f, given) => {
      const [a, b, c, d, m, n, k] = given;
      const [aRow, aColumn, bRow, bColumn, cRow, cColumn, dRow, dColumn] = given.slice(7);
      const zero = i32.const(0);
      const place = (
        from: I32,
        i: I32,
        row: I32 | undefined,
        j: I32,
        column: I32 | undefined,
      ): I32 => i32.add(from, i32.add(i32.mul(i, row ?? zero), i32.mul(j, column ?? zero)));
      if (!a || !b || !c || !d || !m || !n || !k) return;
      f.for(zero, m, 1, (i) =>
        f.for(zero, n, 1, (j) => {
          const x = f.let(place(a, i, aRow, zero, aColumn));
          const y = f.let(place(b, zero, bRow, j, bColumn));
          const out = place(c, i, cRow, j, cColumn);
          const start = place(d, i, dRow, j, dColumn);
          const steps = { xStep: aColumn ?? zero, yStep: bRow ?? zero };
          const sum = { x, y, out, start, hasInitial, k, ...steps };
          if (dtype === "float64") sumOfProducts(f, ONE_BY_ONE.float64, sum);
          else sumOfProducts(f, ONE_BY_ONE.int64, sum);
        }),
      );
    }),
  );
}

interface Sum {
  readonly x: Local<"i32">;
  readonly y: Local<"i32">;
  readonly xStep: I32;
  readonly yStep: I32;
  readonly k: I32;
  readonly out: I32;
  readonly start: I32;
  readonly hasInitial: boolean;
}

function sumOfProducts<T extends ValueType>(
  f: FunctionBuilder,
  { load, store, add, mul, zero }: Instructions<T>,
  sum: Sum,
): void {
  const total = f.let(sum.hasInitial ? load(sum.start) : zero);
  f.for(i32.const(0), sum.k, 1, () => {
    f.set(total, add(total, mul(load(sum.x), load(sum.y))));
    f.increase(sum.x, sum.xStep);
    f.increase(sum.y, sum.yStep);
  });
  f.do(store(sum.out, total));
}

/** Instructions of one type of numbers. */
interface Instructions<T extends ValueType> {
  readonly load: (address: I32) => Expression<T>;
  readonly store: (address: I32, value: Expression<T>) => Statement;
  readonly add: (a: Expression<T>, b: Expression<T>) => Expression<T>;
  readonly mul: (a: Expression<T>, b: Expression<T>) => Expression<T>;
  readonly zero: Expression<T>;
}
