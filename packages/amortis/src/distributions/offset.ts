/**
 * What the numbers of a prior sit on: where that is large beside how they vary, it is taken off before anything reckons in single precision.
 */
import { stream } from "../random/index.js";
import { isScalar, type Distribution } from "./distribution.js";

/** Ratio of location to width from which an offset is taken off. */
const LARGEST_RATIO = 2 ** 9;

/** Draws that say where a prior lies that has no quantiles: its width to about a sixth. */
const DRAWS = 101;

/** Where a number lies, and between which quarters of its mass. */
interface Place {
  readonly middle: number;
  readonly width: number;
}

/** What a distribution's numbers sit on, [size]: zero where single precision bears them, or where no offset can be taken off. */
export function offsetOf(distribution: Distribution): readonly number[] {
  const { parts, size, support } = distribution;
  if (parts !== undefined) return parts.flatMap(offsetOf);
  // The numbers of a simplex add up to one.
  if (support.kind === "simplex") return Array<number>(size).fill(0);
  return placesOf(distribution).map(({ middle, width }, i) => {
    const isFar = width > 0 && Math.abs(middle) > LARGEST_RATIO * width;
    return isFar && staysItself(support.values?.[i], middle) ? middle : 0;
  });
}

/** Whether values less an offset are numbers of single precision, with which no value becomes another that the distribution does not know. */
function staysItself(values: readonly number[] = [], offset: number): boolean {
  return values.every((value) => {
    const left = value - offset;
    return Math.fround(left) === left && left + offset === value;
  });
}

function placesOf(distribution: Distribution): readonly Place[] {
  if (isScalar(distribution)) return [placeBy((p) => distribution.quantile(p))];
  const random = stream("offset");
  const draws = Array.from({ length: DRAWS }, () => distribution.sample(random));
  return Array.from({ length: distribution.size }, (_, i) => {
    const sorted = Float64Array.from(draws, (draw) => draw[i] ?? Number.NaN).toSorted();
    return placeBy((p) => sorted[Math.round(p * (DRAWS - 1))] ?? Number.NaN);
  });
}

function placeBy(quantile: (p: number) => number): Place {
  return { middle: quantile(0.5), width: quantile(0.75) - quantile(0.25) };
}
