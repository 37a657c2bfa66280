/**
 * Cells over one or two axes, with the prior's mass in each.
 *
 * Each axis has a space of its own: a parameter with two bounds its interval, another one unconstrained space, over ten standard deviations of
 * the prior to either side, with the Jacobian (a simplex has one axis less than coordinates). Where the prior's density grows without limit at
 * a bound, or the interval will not do, a bounded parameter goes to unconstrained space as well.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import { innerBounds, type Precision } from "../distributions/rounding.js";
import type { Moments } from "../data/moments.js";
import { unconstrainedSpace } from "./target.js";

/** Cells along each axis. */
const CELLS = [1000, 160] as const;

/** Standard deviations of the prior that an unbounded axis covers to either side at first. */
const REACH = 10;

/** How the density at a bound is looked at: from two distances, of the interval's length; it grows where logarithms differ by so much. */
const NEAR = [1e-12, 1e-6] as const;
const GROWS = 1;

/** Some axes of a space: those of one parameter. */
interface Part {
  /** Number of flat parameters. */
  readonly size: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly endless: boolean;
  forward(w: Float64Array): Float64Array;
  logJacobian(w: Float64Array): number;
}

/** Where cells lie. */
export interface GridSpace {
  readonly axes: number;
  /** Number of flat parameters p. */
  readonly size: number;
  /** Cells along each axis. */
  readonly cells: number;
  /** The ends of each axis at first. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Whether each axis goes on beyond its ends. */
  readonly endless: readonly boolean[];
  /** [axes] to [p], within the support in single precision. It may give its argument back. */
  toParameters(w: Float64Array): Float64Array;
  /** log p(θ) |dθ/dw| at w, in double precision: where θ is no number of single precision, its density is not that of the nearest one. */
  logPrior(w: Float64Array): number;
}

/** Cells between edges. */
export interface Grid {
  readonly space: GridSpace;
  /** Of each axis, ascending, one more than cells. */
  readonly edges: readonly Float64Array[];
  /** Number of all cells. */
  readonly total: number;
  /** Parameters at the centres of all cells, [total, p]; the first axis varies fastest. */
  readonly centres: Float32Array;
  /** log p(θ) |dθ/dw| |cell| of each. */
  readonly logPrior: Float64Array;
  /** A point of a cell from numbers in [0, 1), until it is asked for the next. */
  place(cell: number, within: ArrayLike<number>): Float64Array;
}

/** Of what a space is made. */
export interface GridSettings {
  readonly flatNames: readonly string[];
  /** Its parts say where axes lie. */
  readonly prior: Pick<Distribution, "support" | "bijection" | "logDensity" | "parts">;
  /** Moments of the prior in unconstrained space, where an axis is to lie there. */
  readonly unconstrained: () => Moments | undefined;
  /** Cells along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
}

/** Cells of one grid: as many evaluations, for each data set. */
const MOST_CELLS = 2 ** 24;

/**
 * The spaces to try: intervals where there are some, then unconstrained space throughout.
 *
 * @throws UnsupportedError where there are more than two axes, or a parameter is discrete.
 */
export function gridSpaces(settings: GridSettings): readonly [GridSpace, ...GridSpace[]] {
  const { flatNames, prior, points } = settings;
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
  if (cells ** axes > MOST_CELLS) {
    throw new InvalidArgumentError(
      `a grid of ${cells} points along ${axes === 1 ? "its axis" : `each of ${axes} axes`} has more than ${MOST_CELLS} cells, each an evaluation: ask for ${Math.floor(MOST_CELLS ** (1 / axes))} points at most`,
    );
  }
  const parts = prior.parts ?? [prior];
  let moments: Moments | undefined;
  const momentsOnce = (): Moments | undefined => (moments ??= settings.unconstrained());
  let [axis, flat] = [0, 0];
  const choices = parts.map((part) => {
    const { unconstrainedSize, size } = part.bijection;
    const endless = endlessPart(part, momentsOnce, axis, unconstrainedSize);
    const interval = isBox(part) && !growsAtBound(settings, flat, size) ? boxPart(part) : endless;
    [axis, flat] = [axis + unconstrainedSize, flat + size];
    return { interval, endless };
  });
  const first = makeSpace(
    settings,
    cells,
    choices.map(({ interval }) => interval),
  );
  if (choices.every(({ interval, endless }) => interval === endless)) return [first];
  return [
    first,
    makeSpace(
      settings,
      cells,
      choices.map(({ endless }) => endless),
    ),
  ];
}

/** Bounds of coordinates say nothing of a simplex, which is no box. */
function isBox({ support, bijection }: Pick<Distribution, "support" | "bijection">): boolean {
  const { lower, upper } = support;
  const isWhole = bijection.unconstrainedSize === bijection.size;
  return isWhole && [...lower, ...upper].every(Number.isFinite);
}

function boxPart({ support }: Pick<Distribution, "support">): Part {
  const { lower, upper } = support;
  return {
    size: lower.length,
    lower,
    upper,
    endless: false,
    forward: (w) => w,
    logJacobian: () => 0,
  };
}

function endlessPart(
  { bijection }: Pick<Distribution, "bijection">,
  unconstrained: () => Moments | undefined,
  from: number,
  axes: number,
): Part {
  const end = (sign: number): number[] => {
    const { mean, sd } = unconstrained() ?? { mean: [], sd: [] };
    return Array.from(
      { length: axes },
      (_, i) => (mean[from + i] ?? 0) + sign * REACH * (sd[from + i] ?? 1),
    );
  };
  return {
    size: bijection.size,
    // Asked for only where it is used: the moments of a prior take time.
    get lower() {
      return end(-1);
    },
    get upper() {
      return end(1);
    },
    endless: true,
    forward: (w) => bijection.forward(w),
    logJacobian: (w) => bijection.logJacobian(w),
  };
}

/** Whether the density of the prior has no limit at a bound of the coordinates [from, from + size), the others in the middle. */
function growsAtBound({ prior }: GridSettings, from: number, size: number): boolean {
  const { lower, upper } = prior.support;
  const middle = prior.bijection.forward(new Float64Array(prior.bijection.unconstrainedSize));
  const logDensityAt = (coordinate: number, value: number): number =>
    prior.logDensity(middle.with(coordinate, value));
  return Array.from({ length: size }, (_, i) => from + i).some((i) => {
    const [lo = 0, hi = 0] = [lower[i], upper[i]];
    return [1, -1].some((sign) => {
      const [closest, close] = NEAR.map((share) =>
        logDensityAt(i, (sign > 0 ? lo : hi) + sign * share * (hi - lo)),
      );
      return (closest ?? 0) - (close ?? 0) > GROWS;
    });
  });
}

function makeSpace({ prior }: GridSettings, cells: number, parts: readonly Part[]): GridSpace {
  const lower = parts.flatMap((part) => [...part.lower]);
  const upper = parts.flatMap((part) => [...part.upper]);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  let at = 0;
  const places = parts.map((part) => ({ part, from: at, to: (at += part.lower.length) }));
  const [only] = parts;
  const { support } = prior;
  const within = (precision: Precision): ((theta: Float64Array) => Float64Array) => {
    const inner = support.lower.map((lo, i) =>
      innerBounds(lo, support.upper[i] ?? Infinity, precision),
    );
    return (theta) => {
      for (const [i, [lo, hi]] of inner.entries()) {
        theta[i] = Math.min(hi, Math.max(lo, theta[i] ?? Number.NaN));
      }
      return theta;
    };
  };
  const [inSingle, inDouble] = [within("float32"), within("float64")];
  const joined = (w: Float64Array): Float64Array => {
    const theta = new Float64Array(size);
    let flat = 0;
    for (const { part, from, to } of places) {
      theta.set(part.forward(w.subarray(from, to)), flat);
      flat += part.size;
    }
    return theta;
  };
  const map = parts.length === 1 && only !== undefined ? only.forward.bind(only) : joined;
  return {
    axes: lower.length,
    size,
    cells,
    lower,
    upper,
    endless: parts.flatMap((part) => part.lower.map(() => part.endless)),
    toParameters: (w) => inSingle(map(w)),
    logPrior: (w) =>
      places.reduce(
        (sum, { part, from, to }) => sum + part.logJacobian(w.subarray(from, to)),
        prior.logDensity(inDouble(joined(w))),
      ),
  };
}

/** Cells of equal size over the whole of a space. */
export function wholeGrid(space: GridSpace): Grid {
  const { cells, lower, upper } = space;
  const edges = lower.map((lo, axis) => {
    const width = (upper[axis] ?? lo) - lo;
    return Float64Array.from({ length: cells + 1 }, (_, i) => lo + (i / cells) * width);
  });
  return makeGrid(space, edges);
}

/** Cells between edges of each axis. */
export function makeGrid(space: GridSpace, edges: readonly Float64Array[]): Grid {
  const { axes, size, cells } = space;
  // Millions of draws pass through here: no array is made for each.
  const w = new Float64Array(axes);
  const locate = (cell: number, within: ArrayLike<number>): number => {
    let volume = 1;
    for (let axis = 0; axis < axes; axis++) {
      const index = axis === 0 ? cell % cells : Math.floor(cell / cells);
      const from = edges[axis]?.[index] ?? Number.NaN;
      const width = (edges[axis]?.[index + 1] ?? Number.NaN) - from;
      w[axis] = from + (within[axis] ?? 0.5) * width;
      volume *= width;
    }
    return volume;
  };
  const total = cells ** axes;
  const centres = new Float32Array(total * size);
  const logPrior = new Float64Array(total);
  for (let c = 0; c < total; c++) {
    const logVolume = Math.log(locate(c, []));
    // A map may give its argument back.
    logPrior[c] = space.logPrior(w) + logVolume;
    centres.set(space.toParameters(w), c * size);
  }
  const place = (cell: number, within: ArrayLike<number>): Float64Array => {
    locate(cell, within);
    return space.toParameters(w);
  };
  return { space, edges, total, centres, logPrior, place };
}
