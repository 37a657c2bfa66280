/**
 * Draws of densities of one number by the inverse of their distribution function, as exact as the density is smooth.
 *
 * A density that is known up to a constant, by its logarithm, is looked at on a grid that closes in on where it has its mass; there a Chebyshev series of it is integrated in closed
 * form, and the integral inverted by bisection (Olver & Townsend 2013, "Fast inverse transform sampling in one and two dimensions", arXiv 1307.1223). Many densities are resolved at
 * once, each by as many points as it needs.
 */
import {
  chebyshevCoefficients,
  chebyshevIntegral,
  chebyshevPoints,
  chebyshevValue,
} from "../math/chebyshev.js";

/** Log-densities of rows, each at so many points of its own: points [rows, each] to values [rows, each]. */
export type LogDensities = (
  rows: readonly number[],
  points: Float64Array,
  each: number,
) => Promise<ArrayLike<number>>;

/** A density of one number that can be drawn from. */
export interface Invertible {
  /** The logarithm of its integral. */
  readonly logMass: number;
  /** The number below which a share u of the mass lies. */
  quantile(u: number): number;
}

/** Ends between which a density lies. */
type Ends = readonly [lower: number, upper: number];

/** Logarithms below the largest density of what is left out at the ends: e to this power. */
const DEPTH = 25;

/** Points of a look, and the share of them that the mass takes where ends are close enough. */
const POINTS = 64;
const ENOUGH = 1 / 6;
const MOST_LOOKS = 12;

/** Degrees of the series that are tried, and the size of the last eighth of coefficients, beside the largest density, that ends it. */
const DEGREES = [64, 128, 256, 512] as const;
const SMALL = 1e-4;

const BISECTIONS = 44;

/**
 * Resolves so many densities.
 *
 * @returns for each what can be drawn from; undefined of those that are no numbers, are zero throughout, or too rough for a series of 512 terms.
 */
export async function invert(
  count: number,
  ends: Ends,
  logDensities: LogDensities,
): Promise<readonly (Invertible | undefined)[]> {
  const found = await closeIn(count, ends, logDensities);
  const results: (Invertible | undefined)[] = Array.from({ length: count }, () => undefined);
  let pending = found.flatMap((own, row) => (own === undefined ? [] : [{ row, ends: own }]));
  for (const degree of DEGREES) {
    const nodes = chebyshevPoints(degree);
    const values = await evaluated(pending, nodes, logDensities);
    pending = pending.filter(({ row, ends: own }, i) => {
      results[row] = seriesOf(values(i), own);
      return results[row] === undefined;
    });
  }
  return results;
}

/** Ends of each density, within which a good part of a grid has mass. */
async function closeIn(
  count: number,
  whole: Ends,
  logDensities: LogDensities,
): Promise<readonly (Ends | undefined)[]> {
  const results: (Ends | undefined)[] = Array.from({ length: count }, () => undefined);
  const nodes = Float64Array.from({ length: POINTS }, (_, j) => 1 - (2 * j) / (POINTS - 1));
  let pending = Array.from({ length: count }, (_, row) => ({ row, ends: whole }));
  for (let look = 1; look <= MOST_LOOKS && pending.length > 0; look++) {
    const values = await evaluated(pending, nodes, logDensities);
    pending = pending.flatMap(({ row, ends }, i) => {
      const range = massOf(values(i));
      if (range === undefined) return [];
      const [first, last] = range;
      const at = (j: number): number =>
        place(ends, nodes[Math.max(0, Math.min(POINTS - 1, j))] ?? 0);
      const own: Ends = [at(last + 1), at(first - 1)];
      if (last - first + 1 >= ENOUGH * POINTS) {
        results[row] = own;
        return [];
      }
      return [{ row, ends: own }];
    });
  }
  return results;
}

/** The first and the last value that count; undefined where one is no number, or all are -Infinity. */
function massOf(values: ArrayLike<number>): readonly [number, number] | undefined {
  let largest = -Infinity;
  for (let j = 0; j < values.length; j++) {
    const value = values[j] ?? Number.NaN;
    if (!(value < Infinity)) return undefined;
    largest = Math.max(largest, value);
  }
  if (largest === -Infinity) return undefined;
  const counts = Array.from(values, (value) => value >= largest - DEPTH);
  return [counts.indexOf(true), counts.lastIndexOf(true)];
}

/** The value at a node of [-1, 1] between ends. */
function place([lower, upper]: Ends, node: number): number {
  return (lower + upper) / 2 + ((upper - lower) / 2) * node;
}

/** Log-densities of all that is pending at nodes between the ends of each. */
async function evaluated(
  pending: readonly { readonly row: number; readonly ends: Ends }[],
  nodes: Float64Array,
  logDensities: LogDensities,
): Promise<(i: number) => readonly number[]> {
  const each = nodes.length;
  const points = new Float64Array(pending.length * each);
  for (const [i, { ends }] of pending.entries()) {
    points.set(
      nodes.map((node) => place(ends, node)),
      i * each,
    );
  }
  const rows = pending.map(({ row }) => row);
  const values = rows.length === 0 ? [] : Array.from(await logDensities(rows, points, each));
  return (i) => values.slice(i * each, (i + 1) * each);
}

/** The density by its logarithms at the Chebyshev points between ends; undefined where these do not resolve it. */
function seriesOf(logs: readonly number[], ends: Ends): Invertible | undefined {
  if (massOf(logs) === undefined) return undefined;
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const coefficients = chebyshevCoefficients(logs.map((log) => Math.exp(log - largest)));
  const last = coefficients.subarray(Math.floor((coefficients.length * 7) / 8));
  if (last.some((value) => Math.abs(value) > SMALL)) return undefined;
  const integral = chebyshevIntegral(coefficients);
  const mass = chebyshevValue(integral, 1);
  return {
    logMass: largest + Math.log((mass * (ends[1] - ends[0])) / 2),
    quantile: (u) => {
      let [low, high] = [-1, 1];
      for (let i = 0; i < BISECTIONS; i++) {
        const middle = (low + high) / 2;
        if (chebyshevValue(integral, middle) < u * mass) low = middle;
        else high = middle;
      }
      return place(ends, (low + high) / 2);
    },
  };
}
