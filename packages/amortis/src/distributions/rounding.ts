/**
 * The numbers next inside an interval, in single or double precision.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Precision of floating-point numbers. */
export type Precision = "float32" | "float64";

/** Smallest positive number that is not denormal: denormal ones are slow, and runtimes may flush them to zero. */
export const SMALLEST: Readonly<Record<Precision, number>> = {
  float32: 2 ** -126,
  float64: 2 ** -1022,
};

/** Largest finite number. */
export const LARGEST: Readonly<Record<Precision, number>> = {
  float32: (2 - 2 ** -23) * 2 ** 127,
  float64: Number.MAX_VALUE,
};

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/**
 * The number after x rounded to a precision, in a direction; denormal numbers are skipped, and the ends are the largest finite numbers.
 *
 * @param direction 1 is up, -1 is down.
 */
export function neighbour(x: number, direction: 1 | -1, precision: Precision): number {
  const rounded = precision === "float32" ? Math.fround(x) : x;
  if (direction * rounded >= LARGEST[precision]) return direction * LARGEST[precision];
  if (direction * rounded === -Infinity) return -direction * LARGEST[precision];
  const smallest = SMALLEST[precision];
  if (Math.abs(rounded) < smallest) return direction * smallest;
  if (rounded === -direction * smallest) return 0;
  // Bit patterns of one sign are ordered as the magnitudes are.
  const step = rounded > 0 === direction > 0 ? 1 : -1;
  if (precision === "float32") {
    single[0] = rounded;
    singleBits[0] = (singleBits[0] ?? 0) + step;
    return single[0] ?? x;
  }
  double[0] = rounded;
  doubleBits[0] = (doubleBits[0] ?? 0n) + BigInt(step);
  return double[0] ?? x;
}

/**
 * Least and greatest numbers strictly inside an interval, whose distances to its rounded bounds are not zero either.
 *
 * @throws InvalidArgumentError where the interval is too narrow for the precision.
 */
export function innerBounds(
  lower: number,
  upper: number,
  precision: Precision,
): readonly [number, number] {
  const lo = neighbour(lower, 1, precision);
  const hi = neighbour(upper, -1, precision);
  if (!(lo <= hi)) {
    throw new InvalidArgumentError(
      `the interval (${lower}, ${upper}) holds no ${precision} number apart from its bounds; rescale or shift the parameter`,
    );
  }
  return [lo, hi];
}
