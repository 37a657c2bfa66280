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
import { horner } from "./horner.js";

/** Writes what a function needs, and gives the expression of its value. */
export type VectorFunction = (f: FunctionBuilder, x: V128) => V128;

const { add, sub, mul, div, min, max, const: number } = f32x4;

/** The logarithm of two, as a number of few digits and the rest. */
const LN2 = [0.693359375, -2.12194440054691e-4] as const;

/** 1 + r + r² P(r) for |r| ≤ ln 2 / 2. */
const EXP = [0.4999999344, 0.1666652048, 0.04166838987, 0.008368735732, 0.001381455983];

/** eˣ = 2^k e^r with k a whole number; in two factors, so that denormal results are rounded once. */
export const exp: VectorFunction = (f, given) => {
  const x = f.let(min(max(given, number(-105)), number(89)));
  const k = f.let(f32x4.nearest(mul(x, number(Math.LOG2E))));
  const r = f.let(sub(sub(x, mul(k, number(LN2[0]))), mul(k, number(LN2[1]))));
  const sum = f.let(add(number(1), r));
  // What the sum loses is given back.
  const lost = sub(r, sub(sum, number(1)));
  const value = add(sum, add(lost, mul(mul(r, r), horner(f32x4, r, EXP))));
  const whole = f.let(i32x4.truncate(k));
  const half = f.let(i32x4.shrS(whole, i32.const(1)));
  const power = (n: V128): V128 => i32x4.shl(i32x4.add(n, i32x4.const(127)), i32.const(23));
  return mul(mul(value, power(half)), power(i32x4.sub(whole, half)));
};

/** log(1 + f) = f - f²/2 + f³ P(f) for √½ ≤ 1 + f < √2. */
const LOG = [
  0.3333331197, -0.2500000871, 0.2000216709, -0.1666809038, 0.142185539, -0.1240308286,
  0.1189351545, -0.116943425, 0.06757572874,
];

/** The bits of √½. */
const ROOT_HALF = 0x3f3504f3;

export const log: VectorFunction = (f, given) => {
  const x = f.let(given);
  const small = f.let(f32x4.lt(x, number(2 ** -126)));
  const normal = f.let(v128.bitSelect(mul(x, number(2 ** 23)), x, small));
  const e = f.let(i32x4.shrS(i32x4.sub(normal, i32x4.const(ROOT_HALF)), i32.const(23)));
  const m = i32x4.sub(normal, i32x4.shl(e, i32.const(23)));
  const r = f.let(sub(m, number(1)));
  const k = f.let(sub(f32x4.convert(e), v128.and(small, number(23))));
  const square = f.let(mul(r, r));
  const cubic = mul(mul(r, square), horner(f32x4, r, LOG));
  const tail = sub(add(cubic, mul(k, number(LN2[1]))), mul(square, number(0.5)));
  const value = add(add(r, tail), mul(k, number(LN2[0])));
  // In these places the logarithm is the number itself, minus infinity, or none.
  const large = f32x4.eq(x, number(Infinity));
  const held = v128.bitSelect(x, value, large);
  const atZero = v128.bitSelect(number(-Infinity), held, f32x4.eq(x, number(0)));
  const isPositive = f32x4.ge(x, number(0));
  return v128.bitSelect(atZero, number(Number.NaN), isPositive);
};

const SIGN = i32x4.const(-(2 ** 31));

/** |x| with the sign of another. */
const withSign = (x: V128, sign: V128): V128 => v128.or(x, v128.and(sign, SIGN));

/** x + x³ P(x²) for |x| < 0.625. */
const TANH = [-0.3333327806, 0.1333133099, -0.0537300062, 0.02060617347, -0.005666973468];

/** Near zero a polynomial, elsewhere 1 - 2 / (e^2|x| + 1). */
export const tanh: VectorFunction = (f, given) => {
  const x = f.let(given);
  const size = f.let(f32x4.abs(x));
  const square = f.let(mul(x, x));
  const near = add(x, mul(mul(x, square), horner(f32x4, square, TANH)));
  const e = exp(f, add(size, size));
  const far = sub(number(1), div(number(2), add(e, number(1))));
  return v128.bitSelect(near, withSign(far, x), f32x4.lt(size, number(0.625)));
};

/** With t = e^-|x|: t / (1 + t) below zero and 1 / (1 + t) above. */
export const sigmoid: VectorFunction = (f, given) => {
  const x = f.let(given);
  const t = f.let(exp(f, f32x4.neg(f32x4.abs(x))));
  const above = v128.bitSelect(t, number(1), f32x4.lt(x, number(0)));
  return div(above, add(number(1), t));
};

/** x (1 + P(x²)) for |x| < 1, and 1 - e^-x² P(1 / (1 + |x| / 2)) beyond. */
const ERF = [
  0.1283791655, -0.3761262422, 0.1128356478, -0.02685286705, 0.005186359448, -0.0007991413197,
  7.787036342e-5,
];
const ERFC = [
  -0.0001022147719, 0.2840183775, 0.2663612726, 0.31958628, -0.0297025846, 0.4404659702,
  -0.3448065237, 0.0456692347, 0.01862662162,
];

export const erf: VectorFunction = (f, given) => {
  const x = f.let(given);
  const size = f.let(min(f32x4.abs(x), number(4.1)));
  const square = f.let(mul(size, size));
  const near = add(x, mul(x, horner(f32x4, square, ERF)));
  const t = f.let(div(number(1), add(number(1), mul(size, number(0.5)))));
  const tail = mul(exp(f, f32x4.neg(square)), horner(f32x4, t, ERFC));
  const far = withSign(sub(number(1), tail), x);
  return v128.bitSelect(near, far, f32x4.lt(size, number(1)));
};
