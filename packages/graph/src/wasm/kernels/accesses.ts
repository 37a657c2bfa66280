/** Elements read and written within a loop: four at a time, or one. */
import type { DType } from "../../dtype.js";
import type { Expression, I32, Statement, V128 } from "../encoder/expression.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f64, i32, i64 } from "../encoder/scalar.js";
import { extendLowU16, i16x8, i8x16, i32x4, v128 } from "../encoder/vector.js";
import type { Mode } from "./functions.js";

/** How an array goes along the innermost axis: one element throughout, neighbours, or with gaps. */
export type Spacing = "same" | "next" | "apart";

/** Where an array is at a turn of the innermost loop. */
export interface Position {
  readonly dtype: DType;
  readonly spacing: Spacing;
  /** Of the first of the elements. */
  readonly address: I32;
  /** Bytes to the next, where there are gaps. */
  readonly gap: I32;
}

const placeOf = ({ address, gap }: Position, lane: number): I32 =>
  lane === 0 ? address : i32.add(address, lane === 1 ? gap : i32.mul(gap, i32.const(lane)));

const nothing = v128.const(new Uint8Array(16));

/** Bytes as masks of four lanes. */
const masks = (bytes: V128): V128 =>
  i32x4.ne(extendLowU16(i16x8.extendLowU(bytes)), i32x4.const(0));

/** Masks of four lanes as bytes of zero or one, in the first lane. */
const bytesOf = (mask: V128): V128 =>
  v128.shuffle(
    v128.and(mask, i32x4.const(1)),
    nothing,
    [0, 4, 8, 12, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16],
  );

function joinLanes(
  f: FunctionBuilder,
  position: Position,
  load: (address: I32, into: V128, lane: number) => V128,
): V128 {
  const joined = f.let(load(placeOf(position, 0), nothing, 0));
  for (const lane of [1, 2, 3]) f.set(joined, load(placeOf(position, lane), joined, lane));
  return joined;
}

/** Four elements as lanes. */
function loadFour(f: FunctionBuilder, position: Position): V128 {
  const { dtype, spacing, address } = position;
  if (spacing === "same") return loadOne("vector", position) as V128;
  if (dtype === "float32") {
    return spacing === "next" ? v128.load(address) : joinLanes(f, position, v128.load32Lane);
  }
  return masks(
    spacing === "next" ? v128.load32Zero(address) : joinLanes(f, position, v128.load8Lane),
  );
}

/** One element; of float32 in all lanes. */
function loadOne(mode: Mode, { dtype, address }: Position): Expression {
  switch (dtype) {
    case "float32":
      return v128.load32Splat(address);
    case "float64":
      return f64.load(address);
    case "int64":
      return i64.load(address);
    default:
      return mode === "vector" ? i8x16.ne(v128.load8Splat(address), nothing) : i32.load8(address);
  }
}

/** Elements at a position. */
export function loadAt(
  f: FunctionBuilder,
  mode: Mode,
  position: Position,
  lanes: 4 | 1,
): Expression {
  return mode === "vector" && lanes === 4 ? loadFour(f, position) : loadOne(mode, position);
}

/** Writes elements at a position; those of four lanes must differ in their places. */
export function storeAt(
  f: FunctionBuilder,
  mode: Mode,
  position: Position,
  value: Expression,
  lanes: 4 | 1,
): void {
  for (const statement of storesOf(f, mode, position, value, lanes)) f.do(statement);
}

function storesOf(
  f: FunctionBuilder,
  mode: Mode,
  position: Position,
  value: Expression,
  lanes: 4 | 1,
): readonly Statement[] {
  const { dtype, address, spacing } = position;
  if (dtype === "float64") return [f64.store(address, value as Expression<"f64">)];
  if (dtype === "int64") return [i64.store(address, value as Expression<"i64">)];
  if (dtype === "bool" && mode === "scalar") return [i32.store8(address, value as I32)];
  const isFloat = dtype === "float32";
  const vector = isFloat ? (value as V128) : f.let(bytesOf(value as V128));
  if (lanes === 4 && spacing === "next") {
    return [isFloat ? v128.store(address, vector) : v128.store32Lane(address, vector, 0)];
  }
  const store = isFloat ? v128.store32Lane : v128.store8Lane;
  return Array.from({ length: lanes }, (_, lane) => store(placeOf(position, lane), vector, lane));
}
