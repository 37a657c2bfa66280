/**
 * Expressions of WebAssembly by their types, so that what does not fit does not compile.
 *
 * An expression writes the instructions that leave its value on the stack; it may be written more than once. A statement leaves nothing.
 */
import type { Bytes } from "./bytes.js";

/** Types of values. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** What leaves a value on the stack. */
export interface Expression<T extends ValueType = ValueType> {
  readonly type: T;
  readonly write: (to: Bytes) => void;
}

/** What leaves nothing on the stack. */
export interface Statement {
  readonly write: (to: Bytes) => void;
}

export type I32 = Expression<"i32">;
export type I64 = Expression<"i64">;
export type F32 = Expression<"f32">;
export type F64 = Expression<"f64">;
export type V128 = Expression<"v128">;

/** Code of a type in the binary format. */
export const TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** An instruction of one operand. */
export function unary<A extends ValueType, R extends ValueType>(
  _operand: A,
  type: R,
  opcode: readonly number[],
): (a: Expression<A>) => Expression<R> {
  return (a) => ({
    type,
    write: (to) => {
      a.write(to);
      to.bytes(opcode);
    },
  });
}

/** An instruction of two operands, of one type unless said. */
export function binary<A extends ValueType, R extends ValueType, B extends ValueType = A>(
  _operand: A,
  type: R,
  opcode: readonly number[],
  _second?: B,
): (a: Expression<A>, b: Expression<B>) => Expression<R> {
  return (a, b) => ({
    type,
    write: (to) => {
      a.write(to);
      b.write(to);
      to.bytes(opcode);
    },
  });
}

/** A load: the alignment that is promised is a byte, since views begin anywhere. */
export function load<R extends ValueType>(
  type: R,
  opcode: readonly number[],
): (address: I32, offset?: number) => Expression<R> {
  return (address, offset = 0) => ({
    type,
    write: (to) => {
      address.write(to);
      to.bytes(opcode);
      to.byte(0);
      to.unsigned(offset);
    },
  });
}

/** A store. */
export function store<T extends ValueType>(
  _type: T,
  opcode: readonly number[],
): (address: I32, value: Expression<T>, offset?: number) => Statement {
  return (address, value, offset = 0) => ({
    write: (to) => {
      address.write(to);
      value.write(to);
      to.bytes(opcode);
      to.byte(0);
      to.unsigned(offset);
    },
  });
}

/** One of two values of a type, by whether a condition is not zero. */
export function select<T extends ValueType>(
  condition: I32,
  then: Expression<T>,
  otherwise: Expression<T>,
): Expression<T> {
  return {
    type: then.type,
    write: (to) => {
      then.write(to);
      otherwise.write(to);
      condition.write(to);
      // The untyped instruction knows numbers alone.
      if (then.type === "v128") to.bytes([0x1c, 1, TYPE_CODES.v128]);
      else to.byte(0x1b);
    },
  };
}
