/** Polynomials by Horner's rule, of single numbers and of vectors. */
import type { Expression, ValueType } from "../encoder/expression.js";

/** The instructions of a type of numbers that a polynomial needs. */
export interface Arithmetic<T extends ValueType> {
  readonly const: (value: number) => Expression<T>;
  readonly add: (a: Expression<T>, b: Expression<T>) => Expression<T>;
  readonly mul: (a: Expression<T>, b: Expression<T>) => Expression<T>;
}

/** Σ c_i x^i; `x` is written once a coefficient, so give a variable. */
export function horner<T extends ValueType>(
  arithmetic: Arithmetic<T>,
  x: Expression<T>,
  coefficients: readonly number[],
): Expression<T> {
  return hornerOf(arithmetic, x, coefficients.map(arithmetic.const));
}

/** Σ c_i x^i, with coefficients that are expressions; there is one at least. */
export function hornerOf<T extends ValueType>(
  { add, mul, const: constant }: Arithmetic<T>,
  x: Expression<T>,
  coefficients: readonly Expression<T>[],
): Expression<T> {
  const [highest = constant(0), ...rest] = coefficients.toReversed();
  return rest.reduce((sum, c) => add(mul(sum, x), c), highest);
}
