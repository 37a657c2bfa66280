/**
 * Functions of elements, by name, as instructions.
 *
 * Numbers of float32 are four at a time wherever they go, one in all lanes where code is scalar, so that both agree to the bit; a condition
 * is a mask beside them, and 0 or 1 beside other types.
 */
import type { DType } from "../../dtype.js";
import { UnsupportedError } from "../../errors.js";
import {
  select,
  type Expression,
  type F64,
  type I32,
  type I64,
  type V128,
} from "../encoder/expression.js";
import type { ModuleBuilder } from "../encoder/module.js";
import { f32, f64, i32, i64 } from "../encoder/scalar.js";
import { f32x4, v128 } from "../encoder/vector.js";
import {
  callDouble,
  callPow,
  callPowSingle,
  callSingle,
  type UnaryFunction,
} from "../math/library.js";

/** Whether values are four lanes of float32 with masks, or one element each of any type. */
export type Mode = "vector" | "scalar";

/** Names of functions; casts are identities whose result is of another type. */
export type MapName =
  | UnaryFunction
  | "identity"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "sign"
  | "reciprocal"
  | "isNaN"
  | "not"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "max"
  | "min"
  /** Of a value and a number that is no NaN. */
  | "atLeast"
  | "atMost"
  | "pow"
  | "and"
  | "or"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual"
  | "equal"
  | "where";

/** A variable holds each operand, so it may be written more than once. */
interface Forms {
  readonly single?: (module: ModuleBuilder, ...given: readonly V128[]) => V128;
  readonly double?: (module: ModuleBuilder, ...given: readonly F64[]) => F64 | I32;
  readonly integer?: (module: ModuleBuilder, ...given: readonly I64[]) => I64 | I32;
}

const zero32 = f32x4.const(0);
const zero64 = f64.const(0);
const zeroInteger = i64.const(0n);

type Binary<T> = (a: T, b: T) => T;

/** A function of two operands, by its instructions. */
function two(
  single: Binary<V128>,
  double: (a: F64, b: F64) => F64 | I32,
  integer?: (a: I64, b: I64) => I64 | I32,
): Forms {
  return {
    single: (_, a = zero32, b = zero32) => single(a, b),
    double: (_, a = zero64, b = zero64) => double(a, b),
    ...(integer && { integer: (_, a = zeroInteger, b = zeroInteger) => integer(a, b) }),
  };
}

function one(
  single: (a: V128) => V128,
  double: (a: F64) => F64 | I32,
  integer?: (a: I64) => I64,
): Forms {
  return {
    single: (_, a = zero32) => single(a),
    double: (_, a = zero64) => double(a),
    ...(integer && { integer: (_, a = zeroInteger) => integer(a) }),
  };
}

function fromLibrary(name: UnaryFunction): Forms {
  return {
    single: (module, a = zero32) => callSingle(module, name, a),
    double: (module, a = zero64) => callDouble(module, name, a),
  };
}

const negated = (a: I64): I64 => i64.sub(zeroInteger, a);

/** -1, 0 or 1, or NaN where there is one. */
const sign32 = (a: V128): V128 => {
  const size = v128.or(f32x4.const(1), v128.and(a, f32x4.const(-0)));
  return v128.bitSelect(size, a, v128.or(f32x4.lt(a, zero32), f32x4.gt(a, zero32)));
};
const sign64 = (a: F64): F64 =>
  select(i32.or(f64.lt(a, zero64), f64.gt(a, zero64)), f64.copySign(f64.const(1), a), a);
const signInteger = (a: I64): I64 =>
  i64.sub(i64.extend(i64.gtS(a, zeroInteger)), i64.extend(i64.ltS(a, zeroInteger)));

const FORMS: Readonly<Partial<Record<MapName, Forms>>> = {
  neg: one(f32x4.neg, f64.neg, negated),
  abs: one(f32x4.abs, f64.abs, (a) => select(i64.ltS(a, zeroInteger), negated(a), a)),
  sqrt: one(f32x4.sqrt, f64.sqrt),
  floor: one(f32x4.floor, f64.floor),
  sign: one(sign32, sign64, signInteger),
  reciprocal: one(
    (a) => f32x4.div(f32x4.const(1), a),
    (a) => f64.div(f64.const(1), a),
  ),
  isNaN: one(
    (a) => f32x4.ne(a, a),
    (a) => f64.ne(a, a),
  ),
  add: two(f32x4.add, f64.add, i64.add),
  sub: two(f32x4.sub, f64.sub, i64.sub),
  mul: two(f32x4.mul, f64.mul, i64.mul),
  div: two(f32x4.div, f64.div, i64.divS),
  max: two(f32x4.max, f64.max, (a, b) => select(i64.gtS(a, b), a, b)),
  min: two(f32x4.min, f64.min, (a, b) => select(i64.ltS(a, b), a, b)),
  atLeast: { single: (_, a = zero32, b = zero32) => f32x4.pmax(a, b) },
  atMost: { single: (_, a = zero32, b = zero32) => f32x4.pmin(a, b) },
  less: two(f32x4.lt, f64.lt, i64.ltS),
  lessEqual: two(f32x4.le, f64.le, i64.leS),
  greater: two(f32x4.gt, f64.gt, i64.gtS),
  greaterEqual: two(f32x4.ge, f64.ge, i64.geS),
  equal: two(f32x4.eq, f64.eq, i64.eq),
  pow: {
    single: (module, a = zero32, b = zero32) => callPowSingle(module, a, b),
    double: (module, a = zero64, b = zero64) => callPow(module, a, b),
  },
  exp: fromLibrary("exp"),
  log: fromLibrary("log"),
  tanh: fromLibrary("tanh"),
  sigmoid: fromLibrary("sigmoid"),
  erf: fromLibrary("erf"),
  sin: fromLibrary("sin"),
  cos: fromLibrary("cos"),
};

/** A value on the way, and its type. */
export interface Typed {
  readonly dtype: DType;
  readonly value: Expression;
}

// What the types of values are follows from the type of elements and the mode.
const vector = (value: Expression): V128 => value as V128;
const number = (value: Expression): F64 => value as F64;
const integer = (value: Expression): I64 => value as I64;
const flag = (value: Expression): I32 => value as I32;

/** A condition beside other types as a mask. */
const maskOf = (value: Expression): V128 =>
  value.type === "v128"
    ? vector(value)
    : v128.not(f32x4.eq(f32x4.splat(f32.convertI32(flag(value))), zero32));

/** A mask, the same in all lanes, as 0 or 1. */
const flagOf = (value: Expression): I32 =>
  value.type === "v128" ? v128.anyTrue(vector(value)) : flag(value);

/** A function of elements. @throws UnsupportedError where it has no form of that type. */
export function applyFunction(
  module: ModuleBuilder,
  mode: Mode,
  name: MapName,
  operands: readonly Typed[],
  to: DType,
): Expression {
  const [a, b, c] = operands;
  if (a === undefined) throw new TypeError(`${name} without operands`);
  if (name === "identity") return cast(mode, a, to);
  if (name === "where" && b !== undefined && c !== undefined) return where(a, b, c);
  if (a.dtype === "bool") return logic(mode, name, a.value, b?.value ?? a.value);
  const forms = FORMS[name];
  const values = operands.map(({ value }) => value);
  const result =
    a.dtype === "float32"
      ? forms?.single?.(module, ...values.map(vector))
      : a.dtype === "float64"
        ? forms?.double?.(module, ...values.map(number))
        : forms?.integer?.(module, ...values.map(integer));
  if (result === undefined) throw new UnsupportedError(`${name} of ${a.dtype} is not to be had`);
  return to === "bool" && mode === "scalar" ? flagOf(result) : result;
}

function where(condition: Typed, a: Typed, b: Typed): Expression {
  if (a.dtype === "float32") {
    return v128.bitSelect(vector(a.value), vector(b.value), maskOf(condition.value));
  }
  return select(flagOf(condition.value), a.value, b.value);
}

function logic(mode: Mode, name: MapName, a: Expression, b: Expression): Expression {
  const isMask = mode === "vector";
  if (name === "not") return isMask ? v128.not(vector(a)) : i32.eqz(flag(a));
  if (name === "and") return isMask ? v128.and(vector(a), vector(b)) : i32.and(flag(a), flag(b));
  if (name === "or") return isMask ? v128.or(vector(a), vector(b)) : i32.or(flag(a), flag(b));
  if (name === "equal") {
    return isMask ? v128.not(v128.xor(vector(a), vector(b))) : i32.eq(flag(a), flag(b));
  }
  throw new UnsupportedError(`${name} of bool is not to be had`);
}

/** Numbers of one type as those of another; to bool, whether they are not zero. */
function cast(mode: Mode, { dtype: from, value }: Typed, to: DType): Expression {
  if (from === to) return value;
  if (from === "bool") {
    if (to === "float32") return v128.and(maskOf(value), f32x4.const(1));
    const whole = i64.extendU(flag(value));
    return to === "int64" ? whole : f64.convertI64(whole);
  }
  if (to === "bool") {
    if (from === "float32") {
      const mask = f32x4.ne(vector(value), zero32);
      return mode === "vector" ? mask : flagOf(mask);
    }
    return from === "int64" ? i64.ne(integer(value), zeroInteger) : f64.ne(number(value), zero64);
  }
  const lane = from === "float32" ? f32x4.lane(vector(value), 0) : f32.const(0);
  if (to === "float32") {
    const narrow = from === "int64" ? f32.convertI64(integer(value)) : f32.demote(number(value));
    return f32x4.splat(narrow);
  }
  if (to === "float64")
    return from === "int64" ? f64.convertI64(integer(value)) : f64.promote(lane);
  return from === "float32" ? i64.truncF32(lane) : i64.truncF64(number(value));
}
