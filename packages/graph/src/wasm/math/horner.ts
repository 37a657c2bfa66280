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
  { const: constant, add, mul }: Arithmetic<T>,
  x: Expression<T>,
  coefficients: readonly number[],
): Expression<T> {
  const [highest = 0, ...rest] = coefficients.toReversed();
  return rest.reduce((sum, c) => add(mul(sum, x), constant(c)), constant(highest));
}
