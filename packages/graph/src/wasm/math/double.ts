/**
 * Elementary functions of a float64, to a rounding or two, the same bits everywhere. Series are Taylor's, as long as a double needs.
 */
import { select, type F64, type I32, type I64 } from "../encoder/expression.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f64, i32, i64 } from "../encoder/scalar.js";
import { horner } from "./horner.js";
import { TWO_OVER_PI_ADDRESS } from "./tables.js";

/** Writes what a function needs, and gives the expression of its value. */
export type ScalarFunction = (f: FunctionBuilder, x: F64) => F64;

const { add, sub, mul, div, const: number } = f64;

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Σ r^n / (n + from)!. */
const exponentialSeries = (from: number, terms: number): readonly number[] =>
  Array.from({ length: terms }, (_, n) => 1 / factorial(n + from));

/** The logarithm of two: 33 bits, and the rest. */
const LN2 = [6.9314718036912381649e-1, 1.90821492927058770002e-10] as const;

/** 2^n of a whole number in the range of normal exponents. */
const power = (n: I64): F64 => f64.ofBits(i64.shl(i64.add(n, i64.const(1023n)), i64.const(52n)));

export const exp: ScalarFunction = (f, given) => {
  const x = f.let(f64.min(f64.max(given, number(-750)), number(710)));
  const k = f.let(f64.nearest(mul(x, number(Math.LOG2E))));
  const r = f.let(sub(sub(x, mul(k, number(LN2[0]))), mul(k, number(LN2[1]))));
  const tail = add(r, mul(mul(r, r), horner(f64, r, exponentialSeries(2, 12))));
  const whole = f.let(i64.truncF64(k));
  const half = f.let(i64.shrS(whole, i64.const(1n)));
  return mul(mul(add(number(1), tail), power(half)), power(i64.sub(whole, half)));
};

/** eˣ - 1: near zero by its series, which does not cancel. */
const expm1: ScalarFunction = (f, given) => {
  const x = f.let(given);
  const near = add(x, mul(mul(x, x), horner(f64, x, exponentialSeries(2, 16))));
  const far = sub(exp(f, x), number(1));
  return select(f64.lt(f64.abs(x), number(0.6)), near, far);
};

/** With t = e^2|x| - 1: t / (t + 2). */
export const tanh: ScalarFunction = (f, given) => {
  const x = f.let(given);
  const t = f.let(expm1(f, f64.min(mul(f64.abs(x), number(2)), number(50))));
  return f64.copySign(div(t, add(t, number(2))), x);
};

export const sigmoid: ScalarFunction = (f, given) => {
  const x = f.let(given);
  const t = f.let(exp(f, f64.neg(f64.abs(x))));
  return div(select(f64.lt(x, number(0)), t, number(1)), add(number(1), t));
};

/** The bits of √½. */
const ROOT_HALF = 0x3fe6a09e667f3bcdn;

/** log(1 + f) = f - (f²/2 - s (f²/2 + R)) with s = f / (2 + f), R = Σ 2 s^2n / (2n + 1), n from 1. */
export const log: ScalarFunction = (f, given) => {
  const x = f.let(given);
  const small = f.let(f64.lt(x, number(2 ** -1022)));
  const normal = f.let(i64.ofBits(select(small, mul(x, number(2 ** 54)), x)));
  const e = f.let(i64.shrS(i64.sub(normal, i64.const(ROOT_HALF)), i64.const(52n)));
  const m = f64.ofBits(i64.sub(normal, i64.shl(e, i64.const(52n))));
  const r = f.let(sub(m, number(1)));
  const k = f.let(sub(f64.convertI64(e), select(small, number(54), number(0))));
  const s = f.let(div(r, add(r, number(2))));
  const square = f.let(mul(s, s));
  const series = Array.from({ length: 12 }, (_, n) => 2 / (2 * n + 3));
  const half = f.let(mul(mul(r, r), number(0.5)));
  const rest = mul(s, add(half, mul(square, horner(f64, square, series))));
  const tail = f.let(add(rest, mul(k, number(LN2[1]))));
  const value = f.let(sub(mul(k, number(LN2[0])), sub(sub(half, tail), r)));
  const held = select(f64.eq(x, number(Infinity)), x, value);
  const atZero = select(f64.eq(x, number(0)), number(-Infinity), held);
  return select(f64.ge(x, number(0)), atZero, number(Number.NaN));
};

/** a to the power b: e^(b log |a|), with the sign that whole powers of negative numbers have. */
export function pow(f: FunctionBuilder, base: F64, exponent: F64): F64 {
  const a = f.let(base);
  const b = f.let(exponent);
  const size = f.let(exp(f, mul(b, log(f, f64.abs(a)))));
  const whole = f64.eq(b, f64.floor(b));
  const half = f.let(mul(b, number(0.5)));
  const odd = i32.and(whole, f64.ne(half, f64.floor(half)));
  // The sign of -0 counts as well.
  const negative = f64.lt(f64.copySign(number(1), a), number(0));
  const signed = select(i32.and(negative, odd), f64.neg(size), size);
  const refused = i32.and(f64.lt(a, number(0)), i32.eqz(whole));
  const value = f.let(
    select(i32.and(refused, f64.gt(a, number(-Infinity))), number(Number.NaN), signed),
  );
  const one = i32.or(f64.eq(b, number(0)), f64.eq(a, number(1)));
  // (-1)^±∞ is one, as is 1 to any power.
  const edge = i32.and(f64.eq(a, number(-1)), f64.eq(f64.abs(b), number(Infinity)));
  return select(i32.or(one, edge), number(1), value);
}

/** π/2: 33 bits, and the rest. */
const HALF_PI = [1.5707963267341256, 6.077100506506192e-11] as const;

/** Quarter turns up to here times 33 bits of π/2 are exact. */
const MODERATE = 2 ** 20;

/** (-1)^n / (2n + from)!. */
const circular = (from: number): readonly number[] =>
  Array.from({ length: 9 }, (_, n) => (n % 2 === 0 ? 1 : -1) / factorial(2 * n + from));

const SINE = circular(1);
const COSINE = circular(0);

/**
 * sin (for 0 quarter turns more) or cos (for 1).
 *
 * |x| up to 2^20 quarter turns is reduced by Cody and Waite's subtraction, larger ones by Payne and Hanek's product with as many digits of
 * 2/π as there are (1983).
 */
export function circularFunction(f: FunctionBuilder, given: F64, quarters: 0 | 1): F64 {
  const x = f.let(given);
  const k = f.let(f64.nearest(mul(x, number(2 / Math.PI))));
  const r = f.local("f64");
  const rest = f.local("f64");
  const turns = f.local("i32");
  f.if(
    f64.lt(f64.abs(k), number(MODERATE)),
    () => {
      const first = f.let(sub(x, mul(k, number(HALF_PI[0]))));
      const small = f.let(mul(k, number(HALF_PI[1])));
      f.set(r, sub(first, small));
      f.set(rest, sub(sub(first, r), small));
      f.set(turns, i32.wrap(i64.truncF64(k)));
    },
    () => reduceLarge(f, x, r, turns),
  );
  const square = f.let(mul(r, r));
  const sine = f.let(
    add(mul(r, horner(f64, square, SINE)), mul(rest, sub(number(1), mul(square, number(0.5))))),
  );
  const cosine = f.let(sub(horner(f64, square, COSINE), mul(r, rest)));
  const turn = f.let(i32.add(turns, i32.const(quarters)));
  const value = f.let(select(i32.and(turn, i32.const(1)), cosine, sine));
  return select(i32.and(turn, i32.const(2)), f64.neg(value), value);
}

/** r and the number of quarter turns, of a large x: x · 2/π modulo 4, from exact products of pieces. */
function reduceLarge(
  f: FunctionBuilder,
  x: F64,
  r: ReturnType<typeof f.local<"f64">>,
  turns: ReturnType<typeof f.local<"i32">>,
): void {
  const bits = f.let(i64.ofBits(f64.abs(x)));
  // |x| = m · 2^e with a whole m of 53 bits; e = 24 q + s.
  const e = f.let(i32.sub(i32.wrap(i64.shrU(bits, i64.const(52n))), i32.const(1075)));
  const q = f.let(i32.sub(i32.divU(i32.add(e, i32.const(240)), i32.const(24)), i32.const(10)));
  const s = i32.sub(e, i32.mul(q, i32.const(24)));
  const fraction = i64.or(i64.and(bits, i64.const(2n ** 52n - 1n)), i64.const(2n ** 52n));
  const scaled = f.let(mul(f64.convertI64(fraction), power(i64.extend(s))));
  const low = (value: F64): F64 => f64.ofBits(i64.and(i64.ofBits(value), i64.const(-(2n ** 27n))));
  const high = f.let(low(scaled));
  const parts = [high, f.let(sub(scaled, high))];
  const least = f.let(i32.sub(q, i32.const(1)));
  const first = f.let(select(i32.gtS(least, i32.const(0)), least, i32.const(0)));
  const weight = f.let(power(i64.mul(i64.extend(i32.sub(least, first)), i64.const(24n))));
  const [sum, lost] = [f.local("f64"), f.local("f64")];
  f.for(first, i32.add(first, i32.const(8)), 1, (j) => {
    const piece = f.let(mul(f64.load(i32.mul(j, i32.const(8)), TWO_OVER_PI_ADDRESS), weight));
    for (const part of parts) {
      const product = f.let(mul(part, piece));
      const term = f.let(sub(product, mul(number(4), f64.floor(mul(product, number(0.25))))));
      // Knuth's exact sum.
      const total = f.let(add(sum, term));
      const back = f.let(sub(total, sum));
      f.set(lost, add(lost, add(sub(sum, sub(total, back)), sub(term, back))));
      f.set(sum, total);
    }
    f.set(weight, mul(weight, number(2 ** -24)));
  });
  const near = f.let(f64.nearest(sum));
  const turned = f.let(mul(add(sub(sum, near), lost), number(Math.PI / 2)));
  const negative: I32 = f64.lt(x, number(0));
  const whole = f.let(i32.wrap(i64.truncF64(near)));
  f.set(turns, select(negative, i32.sub(i32.const(0), whole), whole));
  const infinite = f64.ge(f64.abs(x), number(Infinity));
  const finite = select(negative, f64.neg(turned), turned);
  f.set(r, select(i32.or(infinite, f64.ne(x, x)), number(Number.NaN), finite));
}

export const sin: ScalarFunction = (f, x) => circularFunction(f, x, 0);
export const cos: ScalarFunction = (f, x) => circularFunction(f, x, 1);
