/**
 * An increasing function of a normal score, as a table of cubic polynomials.
 *
 * Between knots 1 / density apart, on [-9, 9], it is the cubic that has the values and slopes at both (Hermite); beyond it goes on straight. So it
 * is a bijection of the real line whose value, slope and inverse agree to the last digit, whatever the function that it was made from, from
 * which it differs by h⁴ / 384 of its fourth derivative.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Beyond this score there is a mass of 1e-19, and the curve is a straight line. */
const FARTHEST = 9;
/** Logarithms beyond this are of numbers that no precision in use has: there a curve is a straight line too. */
const MOST = 100;
/** Numbers of knots in a unit: powers of two, so that the place within a cell is exact in single precision. */
const DENSITIES = [8, 16, 32] as const;
/** How far a curve may be from its function where fewer knots are taken: a few roundings of single precision. */
const CLOSE = 2e-7;
/** How far the table of the inverse may be: a step of Newton's method from there is exact. */
const NEAR = 2e-4;
const MOST_INVERSE_CELLS = 2048;

/** Cubics c₀ + c₁ t + c₂ t² + c₃ t³ of t = density · (x - origin) - first - i within cell i, the first and the last of which are straight. */
export interface CubicTable {
  /** A knot: zero, or where the function has a corner in its slope. */
  readonly origin: number;
  /** Cells in a unit. */
  readonly density: number;
  /** density · (x - origin) where the first cell begins, a whole number. */
  readonly first: number;
  readonly cells: number;
  /** By power of t, [cells] each. */
  readonly coefficients: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
}

/** An increasing bijection of the real line. */
export interface ScoreCurve {
  readonly table: CubicTable;
  /** Of the inverse, about right. */
  readonly inverseTable: CubicTable;
}

/** Cubics with these values and slopes at knots, the latter by cell; straight beyond. */
function hermite(
  origin: number,
  density: number,
  first: number,
  values: ArrayLike<number>,
  slopes: ArrayLike<number>,
): CubicTable {
  const cells = values.length + 1;
  const coefficients = [0, 1, 2, 3].map(() => new Float64Array(cells));
  const [c0, c1, c2, c3] = coefficients;
  if (!c0 || !c1 || !c2 || !c3) throw new TypeError("four were made");
  for (let i = 0; i + 2 < cells; i++) {
    const [from = 0, to = 0] = [values[i], values[i + 1]];
    const [before = 0, after = 0] = [slopes[i], slopes[i + 1]];
    c0[i + 1] = from;
    c1[i + 1] = before;
    c2[i + 1] = 3 * (to - from) - 2 * before - after;
    c3[i + 1] = before + after - 2 * (to - from);
  }
  c0[0] = (values[0] ?? 0) - (slopes[0] ?? 0);
  c1[0] = slopes[0] ?? 0;
  c0[cells - 1] = values[cells - 2] ?? 0;
  c1[cells - 1] = slopes[cells - 2] ?? 0;
  return { origin, density, first: first - 1, cells, coefficients: [c0, c1, c2, c3] };
}

/** The cell of a point, and its place there; a number that is none has the last. */
function placeOf(
  { origin, density, first, cells }: CubicTable,
  x: number,
): readonly [number, number] {
  const place = (x - origin) * density - first;
  const cell = place < cells - 1 ? Math.max(0, Math.floor(place)) : cells - 1;
  return [cell, place - cell];
}

/** Value and slope at a point. */
export function valueAndSlope(table: CubicTable, x: number): readonly [number, number] {
  const [cell, t] = placeOf(table, x);
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = table.coefficients.map((c) => c[cell]);
  return [c0 + t * (c1 + t * (c2 + t * c3)), table.density * (c1 + t * (2 * c2 + t * 3 * c3))];
}

/** The cell in which a table has a value, by halving. */
function cellOf({ cells, coefficients: [atStart] }: CubicTable, value: number): number {
  let [low, high] = [0, cells];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((atStart[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** The t within [0, 1] at which an increasing cubic is zero, by Newton's method within a bracket. */
function rootOf(c0: number, c1: number, c2: number, c3: number): number {
  let [from, to] = [0, 1];
  let t = Math.min(1, Math.max(0, -c0 / (c1 + c2 + c3)));
  for (let i = 0; i < 60; i++) {
    const value = c0 + t * (c1 + t * (c2 + t * c3));
    if (value > 0) to = t;
    else from = t;
    const next = t - value / (c1 + t * (2 * c2 + t * 3 * c3));
    const step = next >= from && next <= to ? next : (from + to) / 2;
    if (Math.abs(step - t) < 1e-16) return step;
    t = step;
  }
  return t;
}

/** The score at which a curve has a value. */
export function scoreOf({ table }: Pick<ScoreCurve, "table">, value: number): number {
  if (Number.isNaN(value)) return value;
  const cell = cellOf(table, value);
  const [c0 = 0, c1 = 1, c2 = 0, c3 = 0] = table.coefficients.map((c) => c[cell]);
  const isStraight = cell === 0 || cell === table.cells - 1;
  const t = isStraight ? (value - c0) / c1 : rootOf(c0 - value, c1, c2, c3);
  return table.origin + (cell + t + table.first) / table.density;
}

/** Whether every cubic increases: its derivative is positive at both ends, and where it is least. */
function isIncreasing({ cells, coefficients: [, c1, c2, c3] }: CubicTable): boolean {
  for (let i = 0; i < cells; i++) {
    const [b = 0, c = 0, d = 0] = [c1[i], c2[i], c3[i]];
    const slope = (t: number): number => b + t * (2 * c + t * 3 * d);
    const least = d > 0 ? Math.min(1, Math.max(0, -c / (3 * d))) : 0;
    if (!(slope(0) > 0 && slope(1) > 0 && slope(least) > 0)) return false;
  }
  return true;
}

/** A function of the score, to become a curve. */
export interface ScoreFunction {
  readonly at: (z: number) => number;
  /** Its derivative; by default by differences. */
  readonly slope?: (z: number) => number;
  /** A score at which the derivative has a corner; by default it has none. */
  readonly corner?: number;
}

/** The last knot from the origin on, in a direction, at which the function is within what a curve is made for. */
function lastKnot({ at, corner = 0 }: ScoreFunction, density: number, direction: 1 | -1): number {
  let [inside, outside] = [0, Math.floor((FARTHEST - direction * corner) * density) + 1];
  while (outside - inside > 1) {
    const middle = (inside + outside) >> 1;
    if (Math.abs(at(corner + (direction * middle) / density)) < MOST) inside = middle;
    else outside = middle;
  }
  return direction * inside;
}

/** Slopes by the cell at knots, by central differences of the sixth order: a density may lose its digits at a bound. */
function differences(at: (knot: number) => number, count: number): Float64Array {
  const margin = 3;
  const known = Float64Array.from({ length: count + 2 * margin }, (_, i) => at(i - margin));
  const value = (i: number): number => known[i + margin] ?? Number.NaN;
  return Float64Array.from(
    { length: count },
    (_, i) =>
      (45 * (value(i + 1) - value(i - 1)) -
        9 * (value(i + 2) - value(i - 2)) +
        (value(i + 3) - value(i - 3))) /
      60,
  );
}

/** The curve with so many knots, and how far it is from its function halfway between them. */
function withDensity(given: ScoreFunction, density: number) {
  const { at, slope, corner = 0 } = given;
  const [from, to] = [lastKnot(given, density, -1), lastKnot(given, density, 1)];
  const knot = (i: number): number => corner + (from + i) / density;
  const values = Float64Array.from({ length: to - from + 1 }, (_, i) => at(knot(i)));
  const slopes =
    slope === undefined
      ? differences((i) => at(knot(i)), values.length)
      : values.map((_, i) => slope(knot(i)) / density);
  const table = hermite(corner, density, from, values, slopes);
  let error = 0;
  for (let i = 0; i < to - from; i++) {
    const middle = knot(i + 0.5);
    error = Math.max(error, Math.abs(valueAndSlope(table, middle)[0] - at(middle)));
  }
  return { table, error };
}

/** The table of a curve's inverse between two values. */
function inverseTableOf(curve: Pick<ScoreCurve, "table">, low: number, high: number): CubicTable {
  const inverse = (w: number): number => scoreOf(curve, w);
  for (let cells = 128; ; cells *= 2) {
    const density = cells / (high - low);
    // The first knot is a whole number of cells from zero, as it is of curves.
    const first = Math.floor(low * density);
    const knots = Float64Array.from({ length: cells + 2 }, (_, i) => (first + i) / density);
    const values = knots.map(inverse);
    const slopes = values.map((z) => 1 / (density * valueAndSlope(curve.table, z)[1]));
    const made = hermite(0, density, first, values, slopes);
    const error = knots.reduce((worst, w, i) => {
      if (i > cells) return worst;
      const middle = w + 0.5 / density;
      return Math.max(worst, Math.abs(valueAndSlope(made, middle)[0] - inverse(middle)));
    }, 0);
    if (error < NEAR || cells >= MOST_INVERSE_CELLS) return made;
  }
}

/**
 * The curve of an increasing function of the score, known to about twelve digits within [-9.5, 9.5] wherever it is within [-100, 100].
 *
 * @throws InvalidArgumentError where the function does not increase.
 */
export function scoreCurve(given: ScoreFunction): ScoreCurve {
  let best = withDensity(given, DENSITIES[0]);
  for (const density of DENSITIES.slice(1)) {
    if (best.error < CLOSE) break;
    best = withDensity(given, density);
  }
  const { table } = best;
  if (!isIncreasing(table)) {
    throw new InvalidArgumentError(
      "a map to normal scores must increase with the score, but this one does not: give the prior another link",
    );
  }
  const [values] = table.coefficients;
  return {
    table,
    inverseTable: inverseTableOf({ table }, values[1] ?? 0, values[table.cells - 1] ?? 0),
  };
}
