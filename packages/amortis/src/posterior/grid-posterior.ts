/**
 * Posteriors of one or two parameters on a grid, from a likelihood (or a ratio) and the prior.
 *
 *     p(θ | Z) = p(Z | θ) p(θ) / Σ_cells p(Z | θ_c) p(θ_c) |cell|,
 *
 * with cells of equal size, which become smaller about the posterior of a data set until they resolve it. A draw is a cell by its mass, and a point
 * within it.
 */
import { UnsupportedError } from "@amortis/graph";
import type { PosteriorSource } from "./posterior.js";
import { stream } from "../random/index.js";
import { makeGrid, gridSpace, type Box, type Grid, type GridSettings } from "./grid.js";
import { judgeGrid } from "./grid-refinement.js";
import { resample } from "../samplers/resample.js";
import { describePoint, neighbours, notANumber, nowhere, type TermsTarget } from "./target.js";

/** Of what a grid posterior is made. */
export interface GridTarget extends TermsTarget, GridSettings {}

/** Cells of all data sets that are evaluated together: what fits into memory. */
const TOGETHER = 1_000_000;

/** Looks at one data set; three do for a posterior a millionth as wide as its prior. */
const LOOKS = 12;

const TOO_MANY = {
  found: `is not resolved by ${LOOKS} closer and closer looks`,
  advice: 'give more `points`, or ask for method "mcmc"',
};

/** A data set's grid, and the probabilities of its cells. */
interface Settled {
  readonly grid: Grid;
  readonly masses: Float64Array;
  readonly logEvidence: number;
}

/**
 * @throws UnsupportedError where there are more than two parameters or a discrete one; when asked for draws or densities, where a
 * likelihood is NaN, is -Infinity throughout, or is too narrow for the grid.
 */
export function gridPosterior(target: GridTarget): PosteriorSource {
  const { slots, flatNames, size, prior, logTerms, expect } = target;
  const p = flatNames.length;
  const space = gridSpace(target);
  const whole = makeGrid(space, space.whole);
  const logEvidence = new Float64Array(size).fill(Number.NaN);
  /** The boxes that were found to resolve the posteriors. */
  const boxes = new Map<number, Box>();

  /** The masses of cells from the terms, in their place, and the logarithm of what was their sum. */
  function normalise(row: Float64Array, { logPrior, centres }: Grid, dataSet: number): number {
    let largest = -Infinity;
    for (let c = 0; c < row.length; c++) {
      const before = logPrior[c] ?? Number.NaN;
      const term = row[c] ?? Number.NaN;
      // Where the prior has no mass, nobody asks what the likelihood is.
      const value = before === -Infinity ? before : before + term;
      if (!(value < Infinity)) {
        const point = describePoint(flatNames, centres.subarray(c * p, (c + 1) * p));
        throw notANumber(dataSet, { term, logPrior: before }, point);
      }
      row[c] = value;
      if (value > largest) largest = value;
    }
    if (largest === -Infinity) {
      throw nowhere(dataSet, `on the grid, at the centres of ${row.length} cells`);
    }
    let sum = 0;
    for (let c = 0; c < row.length; c++) sum += row[c] = Math.exp((row[c] ?? 0) - largest);
    for (let c = 0; c < row.length; c++) row[c] = (row[c] ?? 0) / sum;
    return largest + Math.log(sum);
  }

  /** Masses of the cells of data sets from a first one on, each on its grid. */
  async function evaluate(grids: readonly Grid[], from: number): Promise<Settled[]> {
    const { total, centres } = whole;
    const theta = new Float32Array(grids.length * centres.length);
    for (const [i, grid] of grids.entries()) theta.set(grid.centres, i * centres.length);
    const values = await logTerms(theta, from, from + grids.length);
    return grids.map((grid, i) => {
      const masses = values.subarray(i * total, (i + 1) * total);
      return { grid, masses, logEvidence: normalise(masses, grid, from + i) };
    });
  }

  /** The grid for a closer look, or undefined where none is needed. */
  function closer(dataSet: number, settled: Settled, look: number): Grid | undefined {
    const verdict = judgeGrid(settled.grid, settled.masses);
    if (verdict.kind === "resolved") {
      boxes.set(dataSet, settled.grid.box);
      logEvidence[dataSet] = settled.logEvidence;
      return undefined;
    }
    if (verdict.kind === "again" && look < LOOKS) return makeGrid(space, verdict.box);
    const { found, advice } = verdict.kind === "again" ? TOO_MANY : verdict;
    throw new UnsupportedError(`the posterior of data set ${dataSet} ${found}: ${advice}`);
  }

  /** Grids that resolve the posteriors of data sets [start, end). Those that the first does not resolve are looked at more closely. */
  async function settle(start: number, end: number): Promise<readonly Settled[]> {
    const settled: Settled[] = [];
    let pending = new Map<number, Grid>();
    for (let i = start; i < end; i++) {
      const known = boxes.get(i) ?? space.whole;
      pending.set(i, known === space.whole ? whole : makeGrid(space, known));
    }
    for (let look = 1; pending.size > 0; look++) {
      // The first look is announced for all data sets at once.
      if (look > 1) expect?.(pending.size * whole.total);
      const left = new Map<number, Grid>();
      for (const [from, to] of neighbours([...pending.keys()])) {
        const grids = Array.from({ length: to - from }, (_, i) => pending.get(from + i) ?? whole);
        for (const [i, found] of (await evaluate(grids, from)).entries()) {
          settled[from + i - start] = found;
          const next = closer(from + i, found, look);
          if (next !== undefined) left.set(from + i, next);
        }
      }
      pending = left;
    }
    return settled;
  }

  const step = Math.max(1, Math.floor(TOGETHER / whole.total));

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * p);
      const within = new Float64Array(space.axes);
      expect?.((end - start) * whole.total);
      for (let from = start; from < end; from += step) {
        const to = Math.min(from + step, end);
        for (const [k, { grid, masses }] of (await settle(from, to)).entries()) {
          const i = from + k;
          // A stream a data set, so that a draw does not depend on what else is in the batch.
          const random = stream(seed).split("posterior").split(i);
          const cells = resample(masses, draws, random);
          for (let j = 0; j < draws; j++) {
            for (let d = 0; d < space.axes; d++) within[d] = random.uniform();
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
          expect?.((to - from) * whole.total);
          await settle(from, to);
        }
      }
      expect?.(parameters.length / p);
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
