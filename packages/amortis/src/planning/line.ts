/**
 * A line through points that are seconds by steps: neither is below zero.
 */

/** y = intercept + slope x. */
export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * Least squares in relative errors; through zero and the last point, where the line would fall or begin below zero.
 *
 * @param x above zero.
 * @param y above zero.
 */
export function lineOf(x: readonly number[], y: readonly number[]): Line {
  // Weights 1 / y²: a second more matters little where there are many.
  const weight = y.map((own) => 1 / own ** 2);
  const sum = (f: (i: number) => number): number =>
    x.reduce((total, _, i) => total + (weight[i] ?? 0) * f(i), 0);
  const at = (values: readonly number[], i: number): number => values[i] ?? 0;
  const [s, sx, sy] = [sum(() => 1), sum((i) => at(x, i)), sum((i) => at(y, i))];
  const [sxx, sxy] = [sum((i) => at(x, i) ** 2), sum((i) => at(x, i) * at(y, i))];
  const determinant = s * sxx - sx * sx;
  const slope = determinant > 1e-9 * s * sxx ? (s * sxy - sx * sy) / determinant : 0;
  const intercept = (sy - slope * sx) / s;
  if (slope > 0 && intercept >= 0) return { intercept, slope };
  // Through zero and the last point, where no such line goes: trainings of few simulations end early.
  return { intercept: 0, slope: at(y, y.length - 1) / at(x, x.length - 1) };
}
