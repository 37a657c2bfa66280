/**
 * Finding the bin of a spline that a point lies in, and what belongs to that bin, in few large operations.
 *
 * A spline of K bins on a square is given by P = 3K - 1 free numbers a point, as columns of a matrix [P, n]: K of
 * widths, K of heights, K - 1 of slopes at the inner knots. spline-knots.ts makes of them a table [P, n] of positive numbers for widths
 * and heights, which are these numbers over their sum, and of τ for slopes, which are functions of it.
 *
 * Widths stay unnormalised: instead of dividing them all by their sum, the point is multiplied by it (per side of the square). Then
 * - the knots and both sums are one product with a constant matrix;
 * - comparing the point with the inner knots gives a staircase of ones and zeros, of which another constant product makes two
 *   masks: the bins to the left of the point (whose sum is the knot at its left) and the bin it lies in;
 * - the table times the masks, summed by a third constant product, is all there is to know of the bin.
 * Nothing is sorted, gathered or accumulated, and the gradient is the same three products transposed.
 */
import {
  add,
  cast,
  concat,
  constant,
  gemm,
  greaterEqual,
  matmul,
  mul,
  split,
  sumTo,
  type DType,
  type Tensor,
} from "@amortis/graph";
import { swapLast } from "./columns.js";
import type { KnotKind, KnotMap } from "./spline-knots.js";

/** Numbers that give a spline of so many bins. */
export function splineParameters(bins: number): number {
  return 3 * bins - 1;
}

/** The bin of each point; all tensors [..., 1, n]. */
export interface Bin {
  /** Sums of all widths and heights over the side of the square: a unit length in the units of the following four. */
  readonly totalWidth: Tensor;
  readonly totalHeight: Tensor;
  /** Knot at the left, measured from the middle of the square, and size of the bin. */
  readonly left: Tensor;
  readonly bottom: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
  /** τ of the slopes at the left and right knots; zero, that is slope one, at the ends of the square. */
  readonly tauLeft: Tensor;
  readonly tauRight: Tensor;
  /** Cotangents of the raw parameters from those of the above (of the negative of the first two, of `left` and of `width`). */
  readonly pullBack: (cotangents: BinCotangents) => Tensor;
}

/** Cotangents of a bin; signs and factors are those that cost the caller least, and are mended in constant matrices. */
export interface BinCotangents {
  readonly minusLeft: Tensor;
  readonly bottom: Tensor;
  readonly minusWidth: Tensor;
  readonly height: Tensor;
  /** Over the constant factor that `KnotMap` leaves out. */
  readonly tauLeft: Tensor;
  readonly tauRight: Tensor;
  readonly totalWidth: Tensor;
  readonly minusTotalHeight: Tensor;
}

type Matrix = readonly (readonly number[])[];

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Matrix whose element at (i, j) is f(i, j). */
function matrix(rows: number, columns: number, f: (i: number, j: number) => number): Matrix {
  return range(rows).map((i) => range(columns).map((j) => f(i, j)));
}

/** A · x for a constant matrix, with x [..., m, n]. */
function times(a: Matrix, x: Tensor): Tensor {
  return matmul(constant(a, undefined, x.dtype), x);
}

function column(values: readonly number[], dtype: DType): Tensor {
  return constant(values, [values.length, 1], dtype);
}

/** What a row of the table is: a width, a height or a slope; and of which bin, or inner knot. */
function kind(row: number, bins: number): readonly [KnotKind, number] {
  if (row < bins) return ["width", row];
  return row < 2 * bins ? ["height", row - bins] : ["slope", row - 2 * bins];
}

const kinds = (bins: number): readonly KnotKind[] =>
  range(splineParameters(bins)).map((row) => kind(row, bins)[0]);

/**
 * Rows: the knots of one side but the last, counted from its middle; total width and total height over the length of a side. The first
 * knot stands as far to the left as no point is: rounding must not put one outside of all bins.
 */
function edges(bins: number, side: "width" | "height", length: number): Matrix {
  return matrix(bins + 2, splineParameters(bins), (i, row) => {
    const [what, bin] = kind(row, bins);
    if (i >= bins) return what === (i === bins ? "width" : "height") ? 1 / length : 0;
    if (what !== side) return 0;
    return i === 0 ? -1 : fromMiddle(bin < i);
  });
}

/** What a width counts for in a place measured from the middle of its side: half of it, to the right or to the left. */
function fromMiddle(isLeft: boolean): number {
  return isLeft ? 0.5 : -0.5;
}

/** Coefficient of s_step in "bin holds the point". */
function holds(bin: number, step: number): number {
  return Number(step === bin) - Number(step === bin + 1);
}

/**
 * A mask from the staircase s_j = [the point is not left of knot j], j < K, which begins with a one. Bin j holds the point where
 * s_j - s_(j+1) is one, and lies left of it where s_(j+1) is. "left": bins left of the point less half of all, and the slope at the
 * left knot of its bin; "in": the bin it lies in, and the slope at the right knot.
 */
function mask(bins: number, which: "left" | "in"): Matrix {
  return matrix(splineParameters(bins), bins, (row, step) => {
    const [what, bin] = kind(row, bins);
    if (which === "in") return holds(bin, step);
    if (what === "slope") return holds(bin + 1, step);
    return Number(step === bin + 1) - (step === 0 ? 0.5 : 0);
  });
}

const KINDS = ["width", "height", "slope"] as const;

/** Sums the rows of each kind, slopes in units of their own. */
function sums(bins: number, unit: number): Matrix {
  return matrix(3, splineParameters(bins), (i, row) => {
    const [what] = kind(row, bins);
    if (what !== KINDS[i]) return 0;
    return what === "slope" ? unit : 1;
  });
}

/** Whether one spline serves several points. */
function sharedBy(raw: Tensor, point: Tensor): boolean {
  return raw.shape.at(-1) === 1 && point.shape.at(-1) !== 1;
}

/**
 * What each step of the staircase adds to the picks, [..., 3, K]: where many points share a spline, this is worked out once and a
 * point costs K numbers instead of several times P.
 */
function perStep(totals: Matrix, table: Tensor, choice: Matrix): Tensor {
  const weighted = mul(constant(totals, undefined, table.dtype), swapLast(table));
  return matmul(weighted, constant(choice, undefined, table.dtype));
}

/**
 * Finds the bin of points in [-length / 2, length / 2].
 *
 * @param point [..., 1, n], on the side named.
 * @param raw [..., 3K - 1, n or 1]
 * @param length of the square's sides
 * @param map from free numbers to widths, heights and slopes
 */
export function findBin(
  point: Tensor,
  raw: Tensor,
  bins: number,
  side: "width" | "height",
  length: number,
  map: KnotMap,
): Bin {
  const { dtype } = raw;
  const size = splineParameters(bins);
  const open = map.open(raw, kinds(bins));
  const table = add(open, column(kinds(bins).map(map.shift), dtype));
  const [knots = open, totalWidth = open, totalHeight = open] = split(
    times(edges(bins, side, length), table),
    [bins, 1, 1],
    -2,
  );
  const scaled = mul(point, side === "width" ? totalWidth : totalHeight);
  const staircase = cast(greaterEqual(scaled, knots), dtype);
  const totals = sums(bins, map.unit);
  const pick = (which: "left" | "in"): readonly Tensor[] => {
    const choice = mask(bins, which);
    const picked = sharedBy(raw, point)
      ? matmul(perStep(totals, table, choice), staircase)
      : times(totals, mul(times(choice, staircase), table));
    return split(picked, [1, 1, 1], -2);
  };
  const [left = open, bottom = open, tauLeft = open] = pick("left");
  const [width = open, height = open, tauRight = open] = pick("in");

  const pullBack = (g: BinCotangents): Tensor => {
    // What belongs to a row of the table, with the constant factor of its derivative.
    const factors = kinds(bins).map(map.factor);
    const share = (row: number, i: number): number => (totals[i]?.[row] ?? 0) * (factors[row] ?? 0);
    // Widths' cotangents come negative.
    const spread = range(size).map((row) => [-1, 1, 1].map((sign, i) => sign * share(row, i)));
    const unit = range(size).map((row) =>
      [1, -1].map((sign, i) => (sign * share(row, i)) / length),
    );
    const pushed = (which: "left" | "in", rows: readonly Tensor[]): Tensor =>
      mul(times(spread, concat(rows, -2)), times(mask(bins, which), staircase));
    const picks = add(
      pushed("left", [g.minusLeft, g.bottom, g.tauLeft]),
      pushed("in", [g.minusWidth, g.height, g.tauRight]),
    );
    const ofTotals = concat([g.totalWidth, g.minusTotalHeight], -2);
    const ofTable =
      picks.rank === 2
        ? gemm(constant(unit, undefined, dtype), ofTotals, picks)
        : add(times(unit, ofTotals), picks);
    return mul(sumTo(ofTable, open), map.openSlope(open));
  };
  return { totalWidth, totalHeight, left, bottom, width, height, tauLeft, tauRight, pullBack };
}
