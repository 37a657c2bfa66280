/**
 * Finding the bin of a spline that a point lies in, and what belongs to that bin, in few large operations.
 *
 * A spline of K bins on the unit square is given by P = 3K - 1 free numbers a point, as columns of a matrix [P, n]: K of
 * widths, K of heights, K - 1 of slopes at the inner knots. All go through one sigmoid, T = σ(raw), and
 *
 *     width_k = (T_k + ρ) / Σ (T + ρ),      heights alike,      slope_k = (a + τ) / (a - τ),  τ = T - ½,  a = ½ + ε.
 *
 * Widths stay unnormalised: instead of dividing them all by their sum, the point is multiplied by it. Then
 * - the knots and both sums are one product with a constant matrix;
 * - comparing the point with the inner knots gives a staircase of ones and zeros, of which another constant product makes two
 *   masks: the bins to the left of the point (whose sum is the knot at its left) and the bin it lies in;
 * - the table times the masks, summed by a third constant product, is all there is to know of the bin.
 * Nothing is sorted, gathered or accumulated, and the gradient is the same three products transposed.
 */
import {
  add,
  broadcastShapes,
  cast,
  concat,
  constant,
  expandDims,
  gemm,
  greaterEqual,
  matmul,
  mul,
  reshape,
  sigmoid,
  split,
  sub,
  sum,
  sumTo,
  type DType,
  type Tensor,
} from "@amortis/graph";

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
  /** Sums of all widths and heights: the unit in which the following four are measured. */
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

/** A · x + b for a constant matrix and column, with x [..., m, n]. */
function affine(a: Matrix, x: Tensor, b: readonly number[]): Tensor {
  const factor = constant(a, undefined, x.dtype);
  const summand = column(b, x.dtype);
  return x.rank === 2 ? gemm(factor, x, summand) : add(matmul(factor, x), summand);
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

/** Rows: inner knots of one side (not yet with the floor), total width, total height. */
function edges(bins: number, side: "width" | "height"): Matrix {
  return matrix(bins + 1, splineParameters(bins), (i, row) => {
    const [what, bin] = kind(row, bins);
    if (i < bins - 1) return what === side && bin <= i ? 1 : 0;
    return what === (i === bins - 1 ? "width" : "height") ? 1 : 0;
  });
}

function edgeFloors(bins: number): readonly number[] {
  return range(bins + 1).map((i) => FLOOR * (i < bins - 1 ? i + 1 : bins));
}

/**
 * Masks from the staircase s_j = [point is right of inner knot j]. Bin j lies left of the point where s_j, and holds it where
 * s_(j-1) - s_j, with s_(-1) = 1. Two slabs: (left, left, slope at the left knot) and (in, in, slope at the right knot).
 */
function masks(bins: number): { readonly factor: Matrix; readonly offset: readonly number[] } {
  const size = splineParameters(bins);
  const isIn = (bin: number, step: number): number => Number(step === bin - 1) - Number(step === bin);
  const factor = matrix(2 * size, bins - 1, (i, step) => {
    const [what, bin] = kind(i % size, bins);
    if (what === "slope") return isIn(i < size ? bin + 1 : bin, step);
    return i < size ? Number(step === bin) : isIn(bin, step);
  });
  const offset = range(2 * size).map((i) => Number(i >= size && kind(i % size, bins)[1] === 0));
  return { factor, offset };
}

const KINDS = ["width", "height", "slope"] as const;

/** Sums the rows of each kind. */
function sums(bins: number): Matrix {
  return matrix(3, splineParameters(bins), (i, row) => Number(kind(row, bins)[0] === KINDS[i]));
}

/**
 * Finds the bin of points in [0, 1].
 *
 * @param point [..., 1, n], on the side named.
 * @param raw [..., 3K - 1, n or 1]
 */
export function findBin(point: Tensor, raw: Tensor, bins: number, side: "width" | "height"): Bin {
  const { dtype } = raw;
  const size = splineParameters(bins);
  const open = sigmoid(raw);
  const table = add(open, column(shifts(bins), dtype));
  const [knots = open, totalWidth = open, totalHeight = open] = split(
    affine(edges(bins, side), open, edgeFloors(bins)),
    [bins - 1, 1, 1],
    -2,
  );
  const scaled = mul(point, side === "width" ? totalWidth : totalHeight);
  const passed = cast(greaterEqual(scaled, knots), dtype);
  const { factor, offset } = masks(bins);
  const flat = affine(factor, passed, offset);
  const lead = flat.shape.slice(0, -2);
  const n = flat.shape.at(-1) ?? 1;
  const mask = reshape(flat, [...lead, 2, size, n]);
  const totals = sums(bins);
  const picked = matmul(constant(totals, undefined, dtype), mul(mask, expandDims(table, -3)));
  const rows = split(reshape(picked, [...lead, 6, n]), [1, 1, 1, 1, 1, 1], -2);
  const [left = open, bottom = open, tauLeft = open, width = open, height = open, tauRight = open] =
    rows;

  const pullBack = (g: BinCotangents): Tensor => {
    const rows = [g.minusLeft, g.bottom, g.slopeLeft, g.minusWidth, g.height, g.slopeRight];
    const shape = broadcastShapes("spline", flat.shape.with(-2, 1), totalWidth.shape);
    const stacked = reshape(concat(rows, -2), [...shape.slice(0, -2), 2, 3, n]);
    // Widths' cotangents come negative, slopes' without their factor.
    const signs = [-1, 1, 2 * SLOPE_RANGE];
    const spread = range(size).map((row) => signs.map((sign, i) => sign * (totals[i]?.[row] ?? 0)));
    const both = mul(matmul(constant(spread, undefined, dtype), stacked), mask);
    const picks = sum(both, { axes: [-3] });
    const unit = range(size).map((row) => [totals[0]?.[row] ?? 0, -(totals[1]?.[row] ?? 0)]);
    const all = concat([g.totalWidth, g.minusTotalHeight], -2);
    const spreadTotals = constant(unit, undefined, dtype);
    const gTable =
      all.rank === 2 ? gemm(spreadTotals, all, picks) : add(matmul(spreadTotals, all), picks);
    return mul(sumTo(gTable, open), sub(open, mul(open, open)));
  };
  return { totalWidth, totalHeight, left, bottom, width, height, tauLeft, tauRight, pullBack };
}
