/**
 * Posteriors of one or two parameters on a grid, from a likelihood (or a ratio) and the prior.
 *
 *     p(θ | Z) = p(Z | θ) p(θ) / Σ_cells p(Z | θ_c) p(θ_c) |cell|,
 *
 * with cells of equal size over the support where that is bounded, and else in unconstrained space, over ten standard deviations
 * of the prior to either side, with the Jacobian. A draw is a cell by its mass, and a point within it.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { ParameterSlot } from "../posterior/layout.js";
import type { PosteriorSource } from "../posterior/posterior.js";
import { stream } from "../random/index.js";
import { resample } from "./resample.js";
import type { Moments } from "../training/standardization.js";

/** log p(Z | θ) of data sets [start, end), up to a constant each: theta [end - start, m, p] to [end - start, m]. */
export type LogTerms = (theta: Float32Array, start: number, end: number) => Promise<Float64Array>;

/** Of what a grid is made. */
export interface GridTarget {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  readonly size: number;
  /** Where its support is bounded, so is the grid. */
  readonly prior: Pick<Distribution, "support" | "bijection" | "logDensity">;
  /** Of the unconstrained parameters, where they have any. */
  readonly unconstrained: Moments | undefined;
  readonly logTerms: LogTerms;
  /** Cells along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
}

/** Cells along each axis. */
const CELLS = [1000, 160] as const;

/** Standard deviations of the prior that an unbounded grid covers to either side. */
const REACH = 10;

interface Grid {
  readonly cells: number;
  readonly total: number;
  /** Parameters at the centres of all cells, [total, p]. */
  readonly centres: Float32Array;
  /** log p(θ) |dθ/dw| |cell| of each. */
  readonly logPrior: Float64Array;
  /** A point of a cell from numbers in [0, 1), until it is asked for the next. */
  place(cell: number, within: ArrayLike<number>): Float64Array;
}

/**
 * @throws UnsupportedError where there are more than two parameters.
 */
export function gridPosterior(target: GridTarget): PosteriorSource {
  const { slots, flatNames, size, prior, logTerms } = target;
  const p = flatNames.length;
  const grid = makeGrid(target);
  const logEvidence = new Float64Array(size).fill(Number.NaN);

  /** Probabilities of all cells, [end - start, total]. */
  async function masses(start: number, end: number): Promise<Float64Array> {
    const { total, centres, logPrior } = grid;
    const theta = new Float32Array((end - start) * centres.length);
    for (let i = start; i < end; i++) theta.set(centres, (i - start) * centres.length);
    const values = await logTerms(theta, start, end);
    for (let i = start; i < end; i++) {
      const row = values.subarray((i - start) * total, (i - start + 1) * total);
      for (let c = 0; c < total; c++) row[c] = (row[c] ?? 0) + (logPrior[c] ?? 0);
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      let sum = 0;
      for (let c = 0; c < total; c++) sum += row[c] = Math.exp((row[c] ?? 0) - largest);
      for (let c = 0; c < total; c++) row[c] = (row[c] ?? 0) / sum;
      logEvidence[i] = largest + Math.log(sum);
    }
    return values;
  }

  /** Data sets whose grids fit into memory together. */
  const step = Math.max(1, Math.floor(1_000_000 / grid.total));

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * p);
      const within = new Float64Array(p);
      for (let from = start; from < end; from += step) {
        const to = Math.min(from + step, end);
        const all = await masses(from, to);
        for (let i = from; i < to; i++) {
          const row = all.subarray((i - from) * grid.total, (i - from + 1) * grid.total);
          // A stream a data set, so that a draw does not depend on what else is in the batch.
          const random = stream(seed).split("posterior").split(i);
          const cells = resample(row, draws, random);
          for (let j = 0; j < draws; j++) {
            for (let d = 0; d < p; d++) within[d] = random.uniform();
            const theta = grid.place(cells[j] ?? 0, within);
            const at = ((i - start) * draws + j) * p;
            for (let d = 0; d < p; d++) result[at + d] = theta[d] ?? Number.NaN;
          }
        }
      }
      return result;
    },
    logDensity: async (parameters, start, end) => {
      for (let from = start; from < end; from += step) {
        const to = Math.min(from + step, end);
        if (logEvidence.subarray(from, to).some((value) => Number.isNaN(value))) {
          await masses(from, to);
        }
      }
      const values = await logTerms(parameters, start, end);
      const each = values.length / (end - start);
      return values.map((value, at) => {
        const theta = parameters.subarray(at * p, (at + 1) * p);
        const logPrior = prior.logDensity(Float64Array.from(theta));
        if (logPrior === -Infinity || value === -Infinity) return -Infinity;
        return value + logPrior - (logEvidence[start + Math.floor(at / each)] ?? 0);
      });
    },
  };
}

function makeGrid({ prior, unconstrained, flatNames, points }: GridTarget): Grid {
  const p = flatNames.length;
  const usual = CELLS[p - 1];
  const { lower, upper } = prior.support;
  if (usual === undefined) {
    throw new UnsupportedError(
      `a grid takes one or two parameters, but there are ${p} (${flatNames.join(", ")}): ask for method "mcmc" instead`,
    );
  }
  const cells = points ?? usual;
  if (!(Number.isInteger(cells) && cells >= 2)) {
    throw new InvalidArgumentError(
      `a grid needs a whole number of points from 2 on, but was given ${cells}`,
    );
  }
  const bounded = [...lower, ...upper].every(Number.isFinite);
  const { bijection } = prior;
  const { mean, sd } = unconstrained ?? { mean: [0], sd: [1] };
  const lo = bounded ? lower : mean.map((m, i) => m - REACH * (sd[i] ?? 1));
  const hi = bounded ? upper : mean.map((m, i) => m + REACH * (sd[i] ?? 1));
  const widths = lo.map((l, i) => ((hi[i] ?? 0) - l) / cells);
  // Millions of draws pass through here: no array is made for each.
  const w = new Float64Array(p);
  const place = (cell: number, within: ArrayLike<number>): Float64Array => {
    for (let i = 0; i < p; i++) {
      const index = i === 0 ? cell % cells : Math.floor(cell / cells);
      w[i] = (lo[i] ?? 0) + (index + (within[i] ?? 0.5)) * (widths[i] ?? 0);
    }
    return bounded ? w : bijection.forward(w);
  };
  const total = cells ** p;
  const centres = new Float32Array(total * p);
  const logPrior = new Float64Array(total);
  const logVolume = widths.reduce((sum, width) => sum + Math.log(width), 0);
  for (let c = 0; c < total; c++) {
    const theta = place(c, []);
    centres.set(theta, c * p);
    const logJacobian = bounded ? 0 : bijection.logJacobian(bijection.inverse(theta));
    logPrior[c] = prior.logDensity(theta) + logJacobian + logVolume;
  }
  return { cells, total, centres, logPrior, place };
}
