/**
 * Averages over data sets, with the error that comes from having only so many of them.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** A number estimated from data sets. */
export interface Estimate {
  readonly value: number;
  /** Its standard deviation over other data sets of the same number; NaN for a single one. */
  readonly standardError: number;
}

/** A mean over data sets, and what each of them gave. */
export interface Average extends Estimate {
  /** [data sets] */
  readonly each: Float64Array;
}

/**
 * Mean over data sets; its standard error is sd / √n.
 *
 * @param each one number a data set.
 * @throws InvalidArgumentError where there is none.
 */
export function average(each: ArrayLike<number>): Average {
  const values = Float64Array.from(each);
  const n = values.length;
  if (n === 0) throw new InvalidArgumentError("an average needs one data set or more");
  const value = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((total, x) => total + (x - value) ** 2, 0);
  return {
    value,
    standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN,
    each: values,
  };
}

/**
 * √ of the mean of squares. Its standard error is that of the mean of squares, divided by twice the root (delta method).
 *
 * @param errors one number a data set.
 */
export function rootMeanSquare(errors: ArrayLike<number>): Estimate {
  const squares = average(Float64Array.from(errors, (error) => error ** 2));
  const value = Math.sqrt(squares.value);
  return { value, standardError: value === 0 ? 0 : squares.standardError / (2 * value) };
}

/**
 * Ratio of two averages over the same data sets, r = ā / b̄; its standard error is sd(a - r b) / (√n b̄) (delta method). Both
 * answer the same data sets, so most of what is due to the data cancels: this is far less than the two errors suggest.
 *
 * @throws InvalidArgumentError where the numbers of data sets differ.
 */
export function ratio(a: Average, b: Average): Estimate {
  const value = a.value / b.value;
  const rest = average(differences(a, b, value));
  return { value, standardError: rest.standardError / Math.abs(b.value) };
}

/**
 * Ratio of two root mean squares over the same data sets, with its standard error as `ratio` has.
 *
 * @param a averages of squares, and so is b.
 */
export function ratioOfRoots(a: Average, b: Average): Estimate {
  const squared = ratio(a, b);
  const value = Math.sqrt(squared.value);
  return { value, standardError: squared.standardError / (2 * value) };
}

/**
 * Difference of two averages over the same data sets.
 *
 * @throws InvalidArgumentError where the numbers of data sets differ.
 */
export function difference(a: Average, b: Average): Estimate {
  const { value, standardError } = average(differences(a, b, 1));
  return { value, standardError };
}

function differences(a: Average, b: Average, factor: number): Float64Array {
  if (a.each.length !== b.each.length) {
    throw new InvalidArgumentError(
      `averages are compared over the same data sets, but they have ${a.each.length} and ${b.each.length}`,
    );
  }
  return a.each.map((x, i) => x - factor * (b.each[i] ?? Number.NaN));
}
