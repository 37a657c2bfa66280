/**
 * Finding the bin of a spline that a point lies in, and what belongs to that bin, in few large operations.
 *
 * A spline of K bins on a square is given by P = 3K - 1 free numbers a point, as columns of a matrix [P, n]: K of
 * widths, K of heights, K - 1 of slopes at the inner knots. All go through one sigmoid, T = σ(raw), and
 *
 *     width_k = (T_k + ρ) / Σ (T + ρ),      heights alike,      slope_k = (a + τ) / (a - τ),  τ = T - ½,  a = ½ + ε.
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
  sigmoid,
  split,
  sub,
  sumTo,
  type DType,
  type Tensor,
} from "@amortis/graph";
import { swapLast } from "./columns.js";

/** Least width of a bin, in units of the largest that its parameter can ask for. */
const FLOOR = 2e-3;

/** Least slope at a knot, and one over the largest. */
const LEAST_SLOPE = 1e-3;

/** a: slopes are (a + τ) / (a - τ). */
export const SLOPE_RANGE = 0.5 + LEAST_SLOPE;

/** Numbers that give a spline of so many bins. */
export function splineParameters(bins: number): number {
  return 3 * bins - 1;
}

/** The bin of each point; all tensors [..., 1, n]. */
export interface Bin {
  /** Sums of all widths and heights over the side of the square: a unit length in the units of the following four. */
  readonly totalWidth: Tensor;
  readonly totalHeight: Tensor;
  /** Knot at the left, and size of the bin. */
  readonly left: Tensor;
  readonly bottom: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
  /** τ at the left and right knots; zero, that is slope one, at the ends of the square. */
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
  /** Of the slopes, divided by (a - τ)²: the slope's derivative in τ is 2a / (a - τ)². */
  readonly slopeLeft: Tensor;
  readonly slopeRight: Tensor;
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
function kind(row: number, bins: number): readonly ["width" | "height" | "slope", number] {
  if (row < bins) return ["width", row];
  return row < 2 * bins ? ["height", row - bins] : ["slope", row - 2 * bins];
}

/** Added to T: the floor of widths and heights; T to τ for slopes. */
function shifts(bins: number): readonly number[] {
  return range(splineParameters(bins)).map((row) =>
    kind(row, bins)[0] === "slope" ? -0.5 : FLOOR,
  );
}

/** Rows: the knots of one side but the last, total width and total height over the length of a side. */
function edges(bins: number, side: "width" | "height", length: number): Matrix {
  return matrix(bins + 2, splineParameters(bins), (i, row) => {
    const [what, bin] = kind(row, bins);
    if (i < bins) return what === side && bin < i ? 1 : 0;
    return what === (i === bins ? "width" : "height") ? 1 / length : 0;
  });
}

/** Coefficient of s_step in "bin holds the point". */
function holds(bin: number, step: number): number {
  return Number(step === bin) - Number(step === bin + 1);
}

/**
 * A mask from the staircase s_j = [the point is not left of knot j], j < K, which begins with a one. Bin j holds the point where
 * s_j - s_(j+1) is one, and lies left of it where s_(j+1) is. "left": bins left of the point, and the slope at the left knot of
 * its bin; "in": the bin it lies in, and the slope at the right knot.
 */
function mask(bins: number, which: "left" | "in"): Matrix {
  return matrix(splineParameters(bins), bins, (row, step) => {
    const [what, bin] = kind(row, bins);
    if (which === "in") return holds(bin, step);
    return what === "slope" ? holds(bin + 1, step) : Number(step === bin + 1);
  });
}

const KINDS = ["width", "height", "slope"] as const;

/** Sums the rows of each kind. */
function sums(bins: number): Matrix {
  return matrix(3, splineParameters(bins), (i, row) => Number(kind(row, bins)[0] === KINDS[i]));
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
 * Finds the bin of points in [0, length].
 *
 * @param point [..., 1, n], on the side named.
 * @param raw [..., 3K - 1, n or 1]
 * @param length of the square's sides
 */
export function findBin(
  point: Tensor,
  raw: Tensor,
  bins: number,
  side: "width" | "height",
  length: number,
): Bin {
  const { dtype } = raw;
  const size = splineParameters(bins);
  const open = sigmoid(raw);
  const table = add(open, column(shifts(bins), dtype));
  const [knots = open, totalWidth = open, totalHeight = open] = split(
    times(edges(bins, side, length), table),
    [bins, 1, 1],
    -2,
  );
  const scaled = mul(point, side === "width" ? totalWidth : totalHeight);
  const staircase = cast(greaterEqual(scaled, knots), dtype);
  const totals = sums(bins);
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
    // Widths' cotangents come negative, slopes' without their factor.
    const signs = [-1, 1, 2 * SLOPE_RANGE];
    const spread = range(size).map((row) => signs.map((sign, i) => sign * (totals[i]?.[row] ?? 0)));
    const unit = range(size).map((row) =>
      [1, -1].map((sign, i) => (sign * (totals[i]?.[row] ?? 0)) / length),
    );
    const pushed = (which: "left" | "in", rows: readonly Tensor[]): Tensor =>
      mul(times(spread, concat(rows, -2)), times(mask(bins, which), staircase));
    const picks = add(
      pushed("left", [g.minusLeft, g.bottom, g.slopeLeft]),
      pushed("in", [g.minusWidth, g.height, g.slopeRight]),
    );
    const ofTotals = concat([g.totalWidth, g.minusTotalHeight], -2);
    const ofTable =
      picks.rank === 2
        ? gemm(constant(unit, undefined, dtype), ofTotals, picks)
        : add(times(unit, ofTotals), picks);
    return mul(sumTo(ofTable, open), sub(open, mul(open, open)));
  };
  return { totalWidth, totalHeight, left, bottom, width, height, tauLeft, tauRight, pullBack };
}
