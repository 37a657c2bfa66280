/**
 * Cholesky factors and triangular inverses as ONNX nodes: ONNX has neither.
 *
 * Everything works on the last two axes, whatever the leading ones, and in few nodes, since on small matrices a node costs
 * more than its arithmetic.
 */
import { hostTensor } from "../host-tensor.js";
import type { LowerContext } from "../primitive.js";

/** A lower factor and its inverse, by name. */
export interface Factors {
  readonly factor: string;
  readonly inverse: string;
}

/** Largest matrix factored column by column. On 256 × 256 from 8 to 16 make no difference to the time; 16 takes the fewest nodes. */
const COLUMNWISE = 16;

/** Largest triangular matrix inverted by substitution, row by row. */
const SUBSTITUTED = 8;

type Context = LowerContext<unknown>;

/** Rows and columns [start, end) of matrices. */
function block(
  { emit, int64 }: Context,
  x: string,
  rows: readonly [number, number],
  columns: readonly [number, number],
): string {
  const [starts, ends] = [
    [rows[0], columns[0]],
    [rows[1], columns[1]],
  ];
  return emit("Slice", [x, int64(starts), int64(ends), int64([-2, -1])]);
}

function concatenate({ emit }: Context, parts: readonly string[], axis: number): string {
  return emit("Concat", parts, { axis: { type: "int", value: axis } });
}

/**
 * Zeros after the last rows and columns of a tensor of a rank. All axes are named: with `axes` given, ONNX Runtime forgets the
 * names of the others' dynamic sizes.
 */
function padded(
  { emit, int64 }: Context,
  x: string,
  rank: number,
  rows: number,
  columns: number,
): string {
  const amounts = Array.from({ length: 2 * rank }, () => 0);
  return emit("Pad", [x, int64([...amounts.slice(2), rows, columns])]);
}

function rankOf({ inputTypes }: Context): number {
  return inputTypes[0]?.shape.length ?? 2;
}

function transposed(context: Context, x: string): string {
  const rank = rankOf(context);
  const leading = Array.from({ length: rank - 2 }, (_, i) => i);
  const perm = [...leading, rank - 1, rank - 2];
  return context.emit("Transpose", [x], { perm: { type: "ints", value: perm } });
}

/** The matrix [[a, 0], [b, c]], with a of n1 and c of n2 columns. */
function lowerBlocks(
  context: Context,
  [a, b, c]: readonly [string, string, string],
  n2: number,
  rank = rankOf(context),
): string {
  const top = padded(context, a, rank, 0, n2);
  return concatenate(context, [top, concatenate(context, [b, c], -1)], -2);
}

/** The lower triangle, with zeros above it whatever was there; without the diagonal for `diagonal` -1. */
export function emitLowerTriangle({ emit, constant }: Context, x: string, diagonal = 0): string {
  const k = diagonal === 0 ? [] : [constant(hostTensor([diagonal], [], "int64"))];
  return emit("Trilu", [x, ...k], { upper: { type: "int", value: 0 } });
}

/** The rows of the identity, after some columns of zeros. */
function identity({ constant, outputTypes }: Context, n: number, zeros = 0): string {
  const width = zeros + n;
  const values = new Float64Array(n * width);
  for (let i = 0; i < n; i++) values[i * width + zeros + i] = 1;
  return constant(hostTensor(values, [n, width], outputTypes[0]?.dtype));
}

/**
 * Cholesky factor of positive definite matrices and its inverse, by halves:
 *
 *     A = [A₁₁ A₂₁ᵀ; A₂₁ A₂₂]:  L₂₁ = A₂₁ L₁₁⁻ᵀ,  L₂₂ from A₂₂ - L₂₁ L₂₁ᵀ,  (L⁻¹)₂₁ = -L₂₂⁻¹ L₂₁ L₁₁⁻¹
 *
 * so that all work but that on the smallest blocks is matrix products. An inverse makes L₂₁ less accurate than substitution
 * would; one step of refinement mends that, and lets float32 factor whatever LAPACK's float32 can.
 */
export function emitCholesky(context: Context, a: string, n: number): Factors {
  if (n <= COLUMNWISE) return columnwise(context, a, n);
  const { emit } = context;
  const m = Math.ceil(n / 2);
  const a21 = block(context, a, [m, n], [0, m]);
  const first = emitCholesky(context, block(context, a, [0, m], [0, m]), m);
  const inverse = transposed(context, first.inverse);
  const guess = emit("MatMul", [a21, inverse]);
  const residual = emit("Sub", [a21, emit("MatMul", [guess, transposed(context, first.factor)])]);
  const l21 = emit("Add", [guess, emit("MatMul", [residual, inverse])]);
  const product = emit("MatMul", [l21, transposed(context, l21)]);
  const rest = emit("Sub", [block(context, a, [m, n], [m, n]), product]);
  const second = emitCholesky(context, rest, n - m);
  const inner = emit("MatMul", [second.inverse, emit("MatMul", [l21, first.inverse])]);
  return {
    factor: lowerBlocks(context, [first.factor, l21, second.factor], n - m),
    inverse: lowerBlocks(context, [first.inverse, emit("Neg", [inner]), second.inverse], n - m),
  };
}

/**
 * The same for small matrices, by elimination on [A | I], column by column: with pivot d = Wⱼⱼ, column c and row r,
 *
 *     column j of L = c / √d,  row j of [Lᵀ | L⁻¹] = r / √d,  W ← W - (c / √d) (r / √d)
 *
 * Scaling both sides alike keeps W symmetric to the last bit; (c / d) r would let its two triangles drift apart, which costs
 * float32 half of its digits on ill-conditioned matrices. Rows above a pivot are left with rounding errors, masked in the end.
 */
function columnwise(context: Context, a: string, n: number): Factors {
  const { emit } = context;
  if (n === 1) {
    const factor = emit("Sqrt", [a]);
    return { factor, inverse: emit("Reciprocal", [factor]) };
  }
  const [columns, rows]: [string[], string[]] = [[], []];
  const left = padded(context, a, rankOf(context), 0, n);
  let work = emit("Add", [left, identity(context, n, n)]);
  for (let j = 0; j < n; j++) {
    const scale = emit("Sqrt", [block(context, work, [j, j + 1], [j, j + 1])]);
    const column = emit("Div", [block(context, work, [0, n], [j, j + 1]), scale]);
    const row = emit("Div", [block(context, work, [j, j + 1], [0, 2 * n]), scale]);
    columns.push(column);
    rows.push(row);
    if (j + 1 < n) work = emit("Sub", [work, emit("Mul", [column, row])]);
  }
  const inverse = block(context, concatenate(context, rows, -2), [0, n], [n, 2 * n]);
  return { factor: emitLowerTriangle(context, concatenate(context, columns, -1)), inverse };
}

/**
 * Inverse of lower triangular matrices; what is above the diagonal is not read.
 *
 * All diagonal blocks of one size are inverted together, as a batch, so the number of nodes grows with log n: first the
 * smallest, by substitution, then by (M)₂₁ = -M₂₂ L₂₁ M₁₁ pairs of them become blocks twice as large.
 */
export function emitTriangularInverse(context: Context, l: string, n: number): string {
  const { emit, int64 } = context;
  const lower = emitLowerTriangle(context, l);
  const levels = Math.max(0, Math.ceil(Math.log2(n / SUBSTITUTED)));
  if (levels === 0) return substitution(context, lower, n);
  const size = Math.ceil(n / 2 ** levels) * 2 ** levels;
  const extended = size === n ? lower : extend(context, lower, n, size);
  const inverse = inverseOfBlocks(context, emit("Unsqueeze", [extended, int64([-3])]), size, 1);
  const result = emit("Squeeze", [inverse, int64([-3])]);
  return size === n ? result : block(context, result, [0, n], [0, n]);
}

/** Inverses of [..., count, n, n]. Halves follow one another along the axis of blocks: all first ones, then all second ones. */
function inverseOfBlocks(context: Context, l: string, n: number, count: number): string {
  if (n <= SUBSTITUTED) return substitution(context, l, n);
  const { emit, emitMany, int64 } = context;
  const m = n / 2;
  const halves = [block(context, l, [0, m], [0, m]), block(context, l, [m, n], [m, n])];
  const inverses = inverseOfBlocks(context, concatenate(context, halves, -3), m, 2 * count);
  const [first = "", second = ""] = emitMany("Split", [inverses, int64([count, count])], 2, {
    axis: { type: "int", value: -3 },
  });
  const l21 = block(context, l, [m, n], [0, m]);
  const inner = emit("MatMul", [second, emit("MatMul", [l21, first])]);
  return lowerBlocks(context, [first, emit("Neg", [inner]), second], m, rankOf(context) + 1);
}

/** With L = D (I + N): eliminates the columns of N from the identity one after another, and divides by D. */
function substitution(context: Context, l: string, n: number): string {
  const { emit, emitMany, int64 } = context;
  if (n === 1) return emit("Reciprocal", [l]);
  const diagonal = emit("Mul", [l, identity(context, n)]);
  const along = (axis: number): string => emit("ReduceSum", [diagonal, int64([axis])]);
  const strict = emit("Div", [emitLowerTriangle(context, l, -1), along(-1)]);
  const columns = emitMany("Split", [strict, int64(Array.from({ length: n }, () => 1))], n, {
    axis: { type: "int", value: -1 },
  });
  let work = identity(context, n);
  for (const [j, column] of columns.slice(0, -1).entries()) {
    work = emit("Sub", [work, emit("Mul", [column, block(context, work, [j, j + 1], [0, n])])]);
  }
  return emit("Div", [work, along(-2)]);
}

/** The matrix with the identity after it on the diagonal. */
function extend(context: Context, l: string, n: number, size: number): string {
  const { emit, constant, outputTypes } = context;
  const larger = padded(context, l, rankOf(context), size - n, size - n);
  const ones = new Float64Array(size * size);
  for (let i = n; i < size; i++) ones[i * size + i] = 1;
  return emit("Add", [larger, constant(hostTensor(ones, [size, size], outputTypes[0]?.dtype))]);
}
