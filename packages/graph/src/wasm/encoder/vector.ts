/** Instructions on vectors of 128 bits (SIMD128), and the fused product of relaxed SIMD. */
import {
  binary,
  load,
  store,
  unary,
  type Expression,
  type F32,
  type I32,
  type Statement,
  type V128,
  type ValueType,
} from "./expression.js";

/** The prefix of vector instructions, and a number in LEB128. */
function code(number: number): readonly number[] {
  return number < 128 ? [0xfd, number] : [0xfd, (number & 127) | 128, number >> 7];
}

const one = (number: number) => unary("v128", "v128", code(number));
const two = (number: number) => binary("v128", "v128", code(number));
const shift = (number: number) => binary("v128", "v128", code(number), "i32");

/** A vector of 16 bytes. */
function constant(bytes: Uint8Array): V128 {
  return {
    type: "v128",
    write: (to) => {
      to.bytes(code(12));
      to.bytes(bytes);
    },
  };
}

const lane =
  <R extends ValueType>(type: R, number: number) =>
  (a: V128, at: number): Expression<R> => ({
    type,
    write: (to) => {
      a.write(to);
      to.bytes(code(number));
      to.byte(at);
    },
  });

const replaceLane =
  <A extends ValueType>(_type: A, number: number) =>
  (a: V128, at: number, value: Expression<A>): V128 => ({
    type: "v128",
    write: (to) => {
      a.write(to);
      value.write(to);
      to.bytes(code(number));
      to.byte(at);
    },
  });

/** Loads one lane of a vector, keeping the others. */
const loadLane =
  (number: number) =>
  (address: I32, into: V128, at: number, offset = 0): V128 => ({
    type: "v128",
    write: (to) => {
      address.write(to);
      into.write(to);
      to.bytes(code(number));
      to.byte(0);
      to.unsigned(offset);
      to.byte(at);
    },
  });

const storeLane =
  (number: number) =>
  (address: I32, value: V128, at: number, offset = 0): Statement => ({
    write: (to) => {
      address.write(to);
      value.write(to);
      to.bytes(code(number));
      to.byte(0);
      to.unsigned(offset);
      to.byte(at);
    },
  });

export const v128 = {
  load: load("v128", code(0)),
  load8Splat: load("v128", code(7)),
  load32Splat: load("v128", code(9)),
  load32Zero: load("v128", code(92)),
  load8Lane: loadLane(84),
  load32Lane: loadLane(86),
  store: store("v128", code(11)),
  store8Lane: storeLane(88),
  store32Lane: storeLane(90),
  const: constant,
  /** Bytes of two vectors, by their places in both together. */
  shuffle: (a: V128, b: V128, places: readonly number[]): V128 => ({
    type: "v128",
    write: (to) => {
      a.write(to);
      b.write(to);
      to.bytes(code(13));
      to.bytes(places);
    },
  }),
  not: one(77),
  and: two(78),
  /** a and not b. */
  andNot: two(79),
  or: two(80),
  xor: two(81),
  anyTrue: unary("v128", "i32", code(83)),
  /** Bits of a where the mask has ones, of b elsewhere. */
  bitSelect: (a: V128, b: V128, mask: V128): V128 => ({
    type: "v128",
    write: (to) => {
      a.write(to);
      b.write(to);
      mask.write(to);
      to.bytes(code(82));
    },
  }),
} as const;

export const f32x4 = {
  splat: unary("f32", "v128", code(19)),
  /** Four times a number. */
  const: (value: number): V128 =>
    constant(new Uint8Array(Float32Array.of(value, value, value, value).buffer)),
  lane: lane("f32", 31),
  replace: replaceLane("f32", 32),
  eq: two(65),
  ne: two(66),
  lt: two(67),
  gt: two(68),
  le: two(69),
  ge: two(70),
  floor: one(104),
  nearest: one(106),
  abs: one(224),
  neg: one(225),
  sqrt: one(227),
  add: two(228),
  sub: two(229),
  mul: two(230),
  div: two(231),
  min: two(232),
  max: two(233),
  /** b where that is less, else a: where b is a number, NaN of a stays. One instruction, where `min` is eight. */
  pmin: two(234),
  /** b where that is greater, else a. */
  pmax: two(235),
  convert: one(250),
  /** a · b + c, rounded once or twice as the processor likes: not the same everywhere. */
  relaxedMadd: (a: V128, b: V128, c: V128): V128 => ({
    type: "v128",
    write: (to) => {
      a.write(to);
      b.write(to);
      c.write(to);
      to.bytes(code(0x105));
    },
  }),
} as const;

export const i32x4 = {
  splat: unary("i32", "v128", code(17)),
  const: (value: number): V128 =>
    constant(new Uint8Array(Int32Array.of(value, value, value, value).buffer)),
  ne: two(56),
  shl: shift(171),
  shrS: shift(172),
  shrU: shift(173),
  add: two(174),
  sub: two(177),
  truncate: one(248),
} as const;

export const i8x16 = { ne: two(36) } as const;

export const i16x8 = { extendLowU: one(137) } as const;

export const extendLowU16 = one(169);

/** One number in the first lane's place, for scalar code that must agree with vectors to the bit. */
export function asVector(value: F32): V128 {
  return f32x4.splat(value);
}
