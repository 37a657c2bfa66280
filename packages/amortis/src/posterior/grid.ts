/**
 * Cells of equal size over a box, of one or two axes, with the prior's mass in each.
 *
 * Axes are the parameters themselves where the support is a bounded box, and else those of unconstrained space (a simplex has one axis less than
 * coordinates), over ten standard deviations of the prior to either side, with the Jacobian.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { Moments } from "../data/standardization.js";
import { unconstrainedSpace } from "./target.js";

/** Cells along each axis. */
const CELLS = [1000, 160] as const;

/** Standard deviations of the prior that an unbounded grid covers to either side. */
const REACH = 10;

/** A product of intervals. */
export interface Box {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Where cells lie. */
export interface GridSpace {
  readonly axes: number;
  /** Number of flat parameters p. */
  readonly size: number;
  /** Cells along each axis. */
  readonly cells: number;
  readonly whole: Box;
  /** Whether the space goes on beyond the whole box. */
  readonly endless: boolean;
  /** [axes] to [p]. It may give its argument back. */
  toParameters(w: Float64Array): Float64Array;
  /** log p(θ) |dθ/dw| at w, where the parameters are θ. */
  logPrior(w: Float64Array, theta: Float64Array): number;
}

/** The cells of a box. */
export interface Grid {
  readonly space: GridSpace;
  readonly box: Box;
  /** Number of all cells. */
  readonly total: number;
  /** Parameters at the centres of all cells, [total, p]. */
  readonly centres: Float32Array;
  /** log p(θ) |dθ/dw| |cell| of each. */
  readonly logPrior: Float64Array;
  /** A point of a cell from numbers in [0, 1), until it is asked for the next. */
  place(cell: number, within: ArrayLike<number>): Float64Array;
}

/** Of what a space is made. */
export interface GridSettings {
  readonly flatNames: readonly string[];
  /** Where its support is a bounded box, so is the grid. */
  readonly prior: Pick<Distribution, "support" | "bijection" | "logDensity">;
  /** Moments of the prior in unconstrained space, where the grid is to lie there. */
  readonly unconstrained: () => Moments | undefined;
  /** Cells along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
}

/**
 * @throws UnsupportedError where there are more than two axes, or a parameter is discrete.
 */
export function gridSpace({ flatNames, prior, unconstrained, points }: GridSettings): GridSpace {
  const bijection = unconstrainedSpace("grid", () => prior.bijection, flatNames);
  const axes = bijection.unconstrainedSize;
  const usual = CELLS[axes - 1];
  if (usual === undefined) {
    throw new UnsupportedError(
      `a grid takes one or two parameters, but there are ${axes} (${flatNames.join(", ")}): ask for method "mcmc" instead`,
    );
  }
  const cells = points ?? usual;
  if (!(Number.isInteger(cells) && cells >= 2)) {
    throw new InvalidArgumentError(
      `a grid needs a whole number of points from 2 on, but was given ${cells}`,
    );
  }
  const { lower, upper } = prior.support;
  // Bounds of coordinates say nothing of a simplex, which is no box.
  if (axes === bijection.size && [...lower, ...upper].every(Number.isFinite)) {
    return {
      axes,
      size: bijection.size,
      cells,
      whole: { lower, upper },
      endless: false,
      toParameters: (w) => w,
      logPrior: (_w, theta) => prior.logDensity(theta),
    };
  }
  const { mean, sd } = unconstrained() ?? { mean: [0], sd: [1] };
  const bound = (sign: number): number[] =>
    Array.from({ length: axes }, (_, i) => (mean[i] ?? 0) + sign * REACH * (sd[i] ?? 1));
  return {
    axes,
    size: bijection.size,
    cells,
    whole: { lower: bound(-1), upper: bound(1) },
    endless: true,
    toParameters: (w) => bijection.forward(w),
    logPrior: (w, theta) => prior.logDensity(theta) + bijection.logJacobian(w),
  };
}

/** Cells over a box of a space. */
export function makeGrid(space: GridSpace, box: Box): Grid {
  const { axes, size, cells } = space;
  const { lower, upper } = box;
  const widths = lower.map((l, i) => ((upper[i] ?? 0) - l) / cells);
  // Millions of draws pass through here: no array is made for each.
  const w = new Float64Array(axes);
  const locate = (cell: number, within: ArrayLike<number>): void => {
    for (let i = 0; i < axes; i++) {
      const index = i === 0 ? cell % cells : Math.floor(cell / cells);
      w[i] = (lower[i] ?? 0) + (index + (within[i] ?? 0.5)) * (widths[i] ?? 0);
    }
  };
  const total = cells ** axes;
  const centres = new Float32Array(total * size);
  const logPrior = new Float64Array(total);
  const logVolume = widths.reduce((sum, width) => sum + Math.log(width), 0);
  for (let c = 0; c < total; c++) {
    locate(c, []);
    const theta = space.toParameters(w);
    centres.set(theta, c * size);
    logPrior[c] = space.logPrior(w, theta) + logVolume;
  }
  const place = (cell: number, within: ArrayLike<number>): Float64Array => {
    locate(cell, within);
    return space.toParameters(w);
  };
  return { space, box, total, centres, logPrior, place };
}
