/**
 * Standardisation: location and scale of data and parameters, learned from the training set and stored with the estimator.
 *
 * Vectors are standardised element by element. Arrays of higher rank (grids, series, images) get one location and scale a
 * named array, so that a translation-invariant field stays one.
 */
import { add, constant, mul, sub, type Named, type Tensor } from "@amortis/graph";

/** Location and scale; arrays of length one apply to every element. */
export interface Moments {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

/** Moments of all that goes into training. */
export interface Standardization {
  /** By name of the data array. */
  readonly data: Readonly<Record<string, Moments>>;
  /** Of the parameters, flat. */
  readonly parameters: Moments;
  /** Of the parameters in unconstrained space; absent where they have none. */
  readonly unconstrained?: Moments;
}

/**
 * Moments of the columns of [n, size] values, or of all values together.
 *
 * @param pooled whether all columns share one mean and standard deviation.
 */
export function moments(values: ArrayLike<number>, size: number, pooled: boolean): Moments {
  const columns = pooled ? 1 : size;
  const count = values.length / columns;
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) {
    const column = i % columns;
    const value = values[i] ?? 0;
    // Welford's update: one pass, no cancellation.
    const n = Math.floor(i / columns) + 1;
    const delta = value - (mean[column] ?? 0);
    mean[column] = (mean[column] ?? 0) + delta / n;
    square[column] = (square[column] ?? 0) + delta * (value - (mean[column] ?? 0));
  }
  const sd = Array.from(square, (s) => {
    const scale = Math.sqrt(s / Math.max(1, count - 1));
    // A constant column carries nothing: leave it at its distance from the mean, zero.
    return scale > 0 && Number.isFinite(scale) ? scale : 1;
  });
  return { mean: [...mean], sd };
}

/** Moments of a data array of a shape, pooled from rank two on. */
export function dataMoments(values: ArrayLike<number>, shape: readonly number[]): Moments {
  const size = shape.reduce((a, b) => a * b, 1);
  return moments(values, size, shape.length > 1);
}

/** (x - mean) / sd, over the last axis. */
export function standardize(x: Tensor, { mean, sd }: Moments): Tensor {
  const [location, scale] = asConstants(
    x,
    mean,
    sd.map((s) => 1 / s),
  );
  return mul(sub(x, location), scale);
}

/** All data, each by its own moments. */
export function standardizeAll(data: Named, standardization: Standardization): Named {
  return Object.fromEntries(
    Object.entries(data).map(([name, x]) => [
      name,
      standardize(x, standardization.data[name] ?? { mean: [0], sd: [1] }),
    ]),
  );
}

/** mean + sd · x, over the last axis. */
export function restore(x: Tensor, { mean, sd }: Moments): Tensor {
  const [location, scale] = asConstants(x, mean, sd);
  return add(mul(x, scale), location);
}

function asConstants(
  x: Tensor,
  first: readonly number[],
  second: readonly number[],
): readonly [Tensor, Tensor] {
  const one = (values: readonly number[]): Tensor =>
    values.length === 1
      ? constant(values[0] ?? 0, [], x.dtype)
      : constant(values, undefined, x.dtype);
  return [one(first), one(second)];
}
