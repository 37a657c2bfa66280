/**
 * Whether a grid resolves a posterior, and where to look closer if not.
 *
 * Sums over cells are exact to many digits once a standard deviation spans a few of them, and useless where it spans less than one. So the part of
 * the box that holds the posterior is cut into as many cells again, until it does. What is cut off holds less than 1e-12 of the mass by
 * the grid at hand, which may be wrong by much; hence a margin of one cell, and hence a box moves on where mass turns up at its sides.
 */
import type { Box, Grid } from "./grid.js";

/** Largest share of the mass that one cell may hold, by axes: a normal density has it where its sd spans 10 cells, or 2.8 times 2.8. */
const LARGEST = [0.04, 0.02] as const;

/**
 * The same of one axis, where no closer look would help: learned ratios may have a spike beside a bound, on a posterior that is broad. Its place is
 * known to a cell. (A ridge of two parameters is no spike: it is all there is.)
 */
const SPIKE = 0.2;

/** Cells that the standard deviation along each axis must span: draws within cells then make it larger by less than 0.3 %. */
const SPANNED = 4;

/** Mass that is cut off at each side: a normal density reaches over 14 standard deviations then, 11 cells each of 160. */
const CUT = 1e-12;

/** Mass along a side, of that where it is largest, from which on a box has to move there. */
const AT_SIDE = 1e-6;

/** The same at an end of what a grid of unconstrained space covers: the posterior goes on beyond. */
const AT_END = 0.01;

/** A box no smaller than this, of the one before, is no closer look. */
const SMALLER = 0.8;

/** What is thought of a grid: it will do, there is a better box, or nothing helps. */
export type Verdict =
  | { readonly kind: "resolved" }
  | { readonly kind: "again"; readonly box: Box }
  | { readonly kind: "unresolved"; readonly found: string; readonly advice: string };

/**
 * @param masses of the cells, with sum one.
 */
export function judgeGrid(grid: Grid, masses: Float64Array): Verdict {
  const { space, box, total } = grid;
  const { axes, cells, whole } = space;
  const peak = largestAt(masses);
  const largest = masses[peak] ?? 0;
  const sides = Array.from({ length: axes }, (_, axis) =>
    judgeAxis(axes === 1 ? masses : marginal(masses, cells, axis)),
  );
  const inner = sides.map((side, i) => ({
    lower: side.first > AT_SIDE && (box.lower[i] ?? 0) > (whole.lower[i] ?? 0),
    upper: side.last > AT_SIDE && (box.upper[i] ?? 0) < (whole.upper[i] ?? 0),
  }));
  const moves = inner.some(({ lower, upper }) => lower || upper);
  // Few points of one's own choice cannot span more, even of a flat posterior.
  const spanned = Math.min(SPANNED, cells / 8);
  if (box !== whole && !isToldApart(grid, peak, sides)) {
    return {
      kind: "unresolved",
      found: "is narrower than numbers of single precision can tell apart",
      advice: "write the model in parameters whose posterior is not so close to one number",
    };
  }
  const next = closer(grid, sides, inner);
  const helps = moves || volumeOf(next) <= SMALLER * volumeOf(box);
  const usual = Math.max(LARGEST[axes - 1] ?? 0, 2 / total);
  const few = helps || axes > 1 ? usual : Math.max(usual, SPIKE);
  if (!moves && largest <= few && sides.every(({ sd }) => sd >= spanned)) {
    const ends = space.endless && sides.some(({ first, last }) => Math.max(first, last) > AT_END);
    if (!ends) return { kind: "resolved" };
    return {
      kind: "unresolved",
      found: "lies at the end of the grid or beyond, ten standard deviations from the prior's mean",
      advice: 'check the data and the prior, or ask for method "mcmc"',
    };
  }
  if (!helps) {
    const narrowest = sides.reduce((least, { sd }) => Math.min(least, sd), Infinity);
    return {
      kind: "unresolved",
      found: `is too narrow for ${cells} cells along each axis: the largest holds ${percent(largest)} of the mass (at most ${percent(few)} may), and the least standard deviation spans ${narrowest.toPrecision(2)} of them (at least ${spanned} must)`,
      advice: 'give more `points`, or ask for method "mcmc"',
    };
  }
  return { kind: "again", box: next };
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function largestAt(masses: Float64Array): number {
  let at = 0;
  for (let c = 1; c < masses.length; c++) if ((masses[c] ?? 0) > (masses[at] ?? 0)) at = c;
  return at;
}

/** Mass along one of two axes. */
function marginal(masses: Float64Array, cells: number, axis: number): Float64Array {
  const sums = new Float64Array(cells);
  for (let row = 0, c = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++, c++) {
      const at = axis === 0 ? column : row;
      sums[at] = (sums[at] ?? 0) + (masses[c] ?? 0);
    }
  }
  return sums;
}

interface Side {
  /** Standard deviation, in cells. */
  readonly sd: number;
  /** Cells [from, to) without the mass to be cut off. */
  readonly from: number;
  readonly to: number;
  /** Mass in the first and in the last cell, of that in the largest. */
  readonly first: number;
  readonly last: number;
}

function judgeAxis(mass: Float64Array): Side {
  let [mean, square, largest] = [0, 0, 0];
  for (let i = 0; i < mass.length; i++) {
    const m = mass[i] ?? 0;
    mean += m * i;
    square += m * i * i;
    if (m > largest) largest = m;
  }
  let [from, to] = [0, mass.length];
  for (let sum = mass[from] ?? 1; sum < CUT; sum += mass[from] ?? 1) from++;
  for (let sum = mass[to - 1] ?? 1; sum < CUT; sum += mass[to - 1] ?? 1) to--;
  return {
    sd: Math.sqrt(Math.max(0, square - mean * mean)),
    from,
    to,
    first: (mass[0] ?? 0) / largest,
    last: (mass.at(-1) ?? 0) / largest,
  };
}

/** The cells that hold the mass with a margin of one, and half a box more where the box has to move. */
function closer(
  { space: { cells, whole }, box }: Grid,
  sides: readonly Side[],
  inner: readonly { readonly lower: boolean; readonly upper: boolean }[],
): Box {
  const width = (i: number): number => ((box.upper[i] ?? 0) - (box.lower[i] ?? 0)) / cells;
  return {
    lower: sides.map(({ from }, i) => {
      const margin = inner[i]?.lower === true ? cells / 2 : 1;
      return Math.max(whole.lower[i] ?? 0, (box.lower[i] ?? 0) + (from - margin) * width(i));
    }),
    upper: sides.map(({ to }, i) => {
      const margin = inner[i]?.upper === true ? cells / 2 : 1;
      return Math.min(whole.upper[i] ?? 0, (box.lower[i] ?? 0) + (to + margin) * width(i));
    }),
  };
}

function volumeOf({ lower, upper }: Box): number {
  return lower.reduce((volume, l, i) => volume * ((upper[i] ?? 0) - l), 1);
}

/** Whether parameters half a standard deviation from the peak, or one cell, differ from it once rounded. */
function isToldApart(
  { space: { cells, size }, centres }: Grid,
  peak: number,
  sides: readonly Side[],
): boolean {
  const at = (cell: number): Float32Array => centres.subarray(cell * size, (cell + 1) * size);
  return sides.every(({ sd }, axis) => {
    const index = axis === 0 ? peak % cells : Math.floor(peak / cells);
    const steps = Math.max(1, Math.floor(sd / 2));
    const stride = axis === 0 ? 1 : cells;
    const other = at(peak + (index + steps < cells ? steps : -steps) * stride);
    return at(peak).some((value, i) => value !== other[i]);
  });
}
