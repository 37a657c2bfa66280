/**
 * Elementary functions of four float32 at a time, to two units in the last place: of every number, denormals, infinities and NaN among
 * them, and the same bits wherever WebAssembly runs.
 *
 * Polynomials are fitted by experiments/engine/special/fit_wasm.py. What is reduced follows Cody & Waite (1980).
 */
import type { V128 } from "../encoder/expression.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/scalar.js";
import { f32x4, i32x4, v128 } from "../encoder/vector.js";
import { hornerOf } from "./horner.js";
import { tabled, tabledInteger } from "./tables.js";

/** Writes what a function needs, and gives the expression of its value. */
export type VectorFunction = (f: FunctionBuilder, x: V128) => V128;

const { add, sub, mul, div, pmin, pmax } = f32x4;

const ZERO = f32x4.const(0);
const HALF = tabled(0.5);
const ONE = tabled(1);
const TWO = tabled(2);

const polynomial = (x: V128, coefficients: readonly V128[]): V128 =>
  hornerOf(f32x4, x, coefficients);

/** The logarithm of two, as a number of few digits and the rest. */
const LN2 = tabled(0.693359375);
const LN2_REST = tabled(-2.12194440054691e-4);

/** 1 + r + r² P(r) for |r| ≤ ln 2 / 2. */
const EXP = [0.4999999344, 0.1666652048, 0.04166838987, 0.008368735732, 0.001381455983].map(tabled);
const LOG2E = tabled(Math.LOG2E);

/** Beyond these, zero and infinity. */
const LEAST = tabled(-105);
const MOST = tabled(89);

/** 1.5 · 2^23: a small number added to it is rounded to a whole one, which its last bits then are. */
const ROUNDER = 1.5 * 2 ** 23;
const ROUND = tabled(ROUNDER);
const ROUND_BITS = tabledInteger(0x4b400000);
const BIAS = tabledInteger(127);

/** 2^n of whole numbers in the range of normal exponents. */
const power = (n: V128): V128 => i32x4.shl(i32x4.add(n, BIAS), i32.const(23));

/** eˣ = 2^k e^r with k a whole number; in two factors, so that denormal results are rounded once. NaN goes through all of it. */
export const exp: VectorFunction = (f, given) => {
  const x = f.let(pmin(pmax(given, LEAST), MOST));
  const shifted = f.let(add(mul(x, LOG2E), ROUND));
  const k = f.let(sub(shifted, ROUND));
  const r = f.let(sub(sub(x, mul(k, LN2)), mul(k, LN2_REST)));
  const sum = f.let(add(ONE, r));
  // What the sum loses is given back.
  const lost = sub(r, sub(sum, ONE));
  const value = add(sum, add(lost, mul(mul(r, r), polynomial(r, EXP))));
  const whole = f.let(i32x4.sub(shifted, ROUND_BITS));
  const half = f.let(i32x4.shrS(whole, i32.const(1)));
  return mul(mul(value, power(half)), power(i32x4.sub(whole, half)));
};

/** log(1 + f) = f - f²/2 + f³ P(f) for √½ ≤ 1 + f < √2. */
const LOG = [
  0.3333331197, -0.2500000871, 0.2000216709, -0.1666809038, 0.142185539, -0.1240308286,
  0.1189351545, -0.116943425, 0.06757572874,
].map(tabled);

/** The bits of √½. */
const ROOT_HALF = tabledInteger(0x3f3504f3);

const LEAST_NORMAL = tabled(2 ** -126);
const TWO_TO_23 = tabled(2 ** 23);
const TWENTY_THREE = tabled(23);
const INFINITE = tabled(Infinity);
const MINUS_INFINITE = tabled(-Infinity);
const NONE = tabled(Number.NaN);

export const log: VectorFunction = (f, given) => {
  const x = f.let(given);
  const small = f.let(f32x4.lt(x, LEAST_NORMAL));
  const normal = f.let(v128.bitSelect(mul(x, TWO_TO_23), x, small));
  const e = f.let(i32x4.shrS(i32x4.sub(normal, ROOT_HALF), i32.const(23)));
  const m = i32x4.sub(normal, i32x4.shl(e, i32.const(23)));
  const r = f.let(sub(m, ONE));
  const k = f.let(sub(f32x4.convert(e), v128.and(small, TWENTY_THREE)));
  const square = f.let(mul(r, r));
  const cubic = mul(mul(r, square), polynomial(r, LOG));
  const tail = sub(add(cubic, mul(k, LN2_REST)), mul(square, HALF));
  const value = add(add(r, tail), mul(k, LN2));
  // In these places the logarithm is the number itself, minus infinity, or none.
  const held = v128.bitSelect(x, value, f32x4.eq(x, INFINITE));
  const atZero = v128.bitSelect(MINUS_INFINITE, held, f32x4.eq(x, ZERO));
  return v128.bitSelect(atZero, NONE, f32x4.ge(x, ZERO));
};

const SIGN = tabledInteger(-(2 ** 31));

/** |x| with the sign of another. */
const withSign = (x: V128, sign: V128): V128 => v128.or(x, v128.and(sign, SIGN));

/** x + x³ P(x²) for |x| < 0.625. */
const TANH = [-0.3333327806, 0.1333133099, -0.0537300062, 0.02060617347, -0.005666973468].map(
  tabled,
);
const TANH_BEND = tabled(0.625);

/** Near zero a polynomial, elsewhere 1 - 2 / (e^2|x| + 1). */
export const tanh: VectorFunction = (f, given) => {
  const x = f.let(given);
  const size = f.let(f32x4.abs(x));
  const square = f.let(mul(x, x));
  const near = add(x, mul(mul(x, square), polynomial(square, TANH)));
  const e = exp(f, add(size, size));
  const far = sub(ONE, div(TWO, add(e, ONE)));
  return v128.bitSelect(near, withSign(far, x), f32x4.lt(size, TANH_BEND));
};

/** With t = e^-|x|: t / (1 + t) below zero and 1 / (1 + t) above. */
export const sigmoid: VectorFunction = (f, given) => {
  const x = f.let(given);
  const t = f.let(exp(f, f32x4.neg(f32x4.abs(x))));
  const above = v128.bitSelect(t, ONE, f32x4.lt(x, ZERO));
  return div(above, add(ONE, t));
};

/** x (1 + P(x²)) for |x| < 1, and 1 - e^-x² P(1 / (1 + |x| / 2)) beyond. */
const ERF = [
  0.1283791655, -0.3761262422, 0.1128356478, -0.02685286705, 0.005186359448, -0.0007991413197,
  7.787036342e-5,
].map(tabled);
const ERFC = [
  -0.0001022147719, 0.2840183775, 0.2663612726, 0.31958628, -0.0297025846, 0.4404659702,
  -0.3448065237, 0.0456692347, 0.01862662162,
].map(tabled);

/** From here on it is one. */
const ERF_ONE = tabled(4.1);

export const erf: VectorFunction = (f, given) => {
  const x = f.let(given);
  const size = f.let(pmin(f32x4.abs(x), ERF_ONE));
  const square = f.let(mul(size, size));
  const near = add(x, mul(x, polynomial(square, ERF)));
  const t = f.let(div(ONE, add(ONE, mul(size, HALF))));
  const tail = mul(exp(f, f32x4.neg(square)), polynomial(t, ERFC));
  const far = withSign(sub(ONE, tail), x);
  return v128.bitSelect(near, far, f32x4.lt(size, ONE));
};
