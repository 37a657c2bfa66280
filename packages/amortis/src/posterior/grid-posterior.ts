/**
 * Posteriors of one or two parameters on a grid, from a likelihood (or a ratio) and the prior.
 *
 *     p(θ | Z) = p(Z | θ) p(θ) / Σ_cells p(Z | θ_c) p(θ_c) |cell|,
 *
 * with cells that move to where the posterior of a data set has its mass until they resolve it. A draw is a cell by its mass, and a point within it.
 */
import type { Drawn, PosteriorSource } from "./posterior.js";
import { stream, type Stream } from "../random/index.js";
import { gridSpaces, makeGrid, wholeGrid, type Grid, type GridSettings } from "./grid.js";
import type { Evaluated } from "./grid-profile.js";
import { continueSearch, startSearch, type Search } from "./grid-search.js";
import { orRefusal, refused, Refusal, type Answer } from "./refusal.js";
import { resample } from "../samplers/resample.js";
import { describePoint, logPosterior, notANumber, nowhere, type TermsTarget } from "./target.js";
import { neighbours } from "./neighbours.js";

/** Of what a grid posterior is made. */
export interface GridTarget extends TermsTarget, GridSettings {
  /** Whether terms mean something wherever the prior has mass, however little. Those that were learned do not: false by default. */
  readonly beyond?: boolean;
}

/** Cells of all data sets that are evaluated together: what fits into memory. */
const TOGETHER = 1_000_000;

/** A search that ended, to be taken up again where it did; or why there is no grid. */
type Settled = (Pick<Grid, "space" | "edges"> & { readonly logEvidence: number }) | Refusal;

/**
 * Data sets whose likelihood is NaN, is -Infinity throughout, or is too narrow for the grid, are refused.
 *
 * @throws UnsupportedError where there are more than two parameters or a discrete one.
 */
export function gridPosterior(target: GridTarget): PosteriorSource {
  const { slots, flatNames, size, logTerms, expect, beyond = false } = target;
  const p = flatNames.length;
  const [space, ...others] = gridSpaces(target);
  const whole = wholeGrid(space);
  const step = Math.max(1, Math.floor(TOGETHER / whole.total));
  const settled = new Map<number, Settled>();

  /** Evaluates the grids of data sets, those of neighbours together. */
  async function evaluate(
    grids: ReadonlyMap<number, Grid>,
  ): Promise<ReadonlyMap<number, Evaluated | Refusal>> {
    const { total, centres } = whole;
    const found = new Map<number, Evaluated | Refusal>();
    for (const [from, to] of neighbours([...grids.keys()])) {
      const theta = new Float32Array((to - from) * centres.length);
      for (let i = from; i < to; i++) {
        theta.set(grids.get(i)?.centres ?? centres, (i - from) * centres.length);
      }
      const terms = await logTerms(theta, from, to);
      for (let i = from; i < to; i++) {
        const row = terms.subarray((i - from) * total, (i - from + 1) * total);
        found.set(
          i,
          orRefusal(() => probabilities(row, grids.get(i) ?? whole, i, flatNames)),
        );
      }
    }
    return found;
  }

  /** The search for a data set from its start, or from where it ended. */
  function begin(dataSet: number): Search {
    const known = settled.get(dataSet);
    if (known === undefined || known instanceof Refusal) return startSearch(whole, others);
    return startSearch(makeGrid(known.space, known.edges), []);
  }

  /** What becomes of the search for a data set. */
  function goOn(dataSet: number, search: Search, found: Evaluated): Search | Evaluated | Refusal {
    if (settled.has(dataSet)) return found;
    const next = continueSearch(search, found, dataSet, beyond);
    if (next !== "resolved") return next;
    const { space: where, edges } = search.grid;
    settled.set(dataSet, { space: where, edges, logEvidence: found.logEvidence });
    return found;
  }

  /** Cells that resolve the posteriors of data sets [start, end), or why there are none. Those that the first look does not resolve are looked at more closely. */
  async function settle(
    start: number,
    end: number,
  ): Promise<ReadonlyMap<number, Evaluated | Refusal>> {
    const results = new Map<number, Evaluated | Refusal>();
    let pending = new Map<number, Search>();
    for (let i = start; i < end; i++) {
      const known = settled.get(i);
      if (known instanceof Refusal) results.set(i, known);
      else pending.set(i, begin(i));
    }
    for (let look = 1; pending.size > 0; look++) {
      // The first look is announced for all data sets at once.
      if (look > 1) expect?.(pending.size * whole.total);
      const grids = new Map([...pending].map(([i, { grid }]) => [i, grid] as const));
      const left = new Map<number, Search>();
      for (const [i, found] of await evaluate(grids)) {
        const search = pending.get(i) ?? begin(i);
        const next = found instanceof Refusal ? found : goOn(i, search, found);
        if ("look" in next) left.set(i, next);
        else results.set(i, next);
        if (next instanceof Refusal) settled.set(i, next);
      }
      pending = left;
    }
    return results;
  }

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
    const answers: Answer[] = [];
    expect?.((end - start) * whole.total);
    for (let from = start; from < end; from += step) {
      for (const [i, found] of await settle(from, Math.min(from + step, end))) {
        answers[i - start] = found instanceof Refusal ? refused(found) : { status: "grid" };
        if (found instanceof Refusal) continue;
        // A stream a data set, so that a draw does not depend on what else is in the batch.
        const random = stream(seed).split("posterior").split(i);
        result.set(drawFrom(found, draws, random), (i - start) * draws * p);
      }
    }
    return { draws: result, answers };
  }

  /** NaN of data sets that are refused. */
  function logEvidence(dataSet: number): number {
    const known = settled.get(dataSet);
    return known === undefined || known instanceof Refusal ? Number.NaN : known.logEvidence;
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    logDensity: async (parameters, start, end) => {
      for (let from = start; from < end; from += step) {
        const to = Math.min(from + step, end);
        const isKnown = Array.from({ length: to - from }, (_, i) => settled.has(from + i));
        if (isKnown.every(Boolean)) continue;
        expect?.((to - from) * whole.total);
        await settle(from, to);
      }
      return logPosterior(target, parameters, start, end, logEvidence);
    },
  };
}

/** Cells' probabilities from the terms of one data set. @throws Refusal where there are none. */
function probabilities(
  terms: Float64Array,
  grid: Grid,
  dataSet: number,
  names: readonly string[],
): Evaluated {
  const { logPrior, centres } = grid;
  const p = names.length;
  const logs = terms.map((term, c) => {
    const before = logPrior[c] ?? Number.NaN;
    // Where the prior has no mass, nobody asks what the likelihood is.
    const value = before === -Infinity ? before : before + term;
    if (value < Infinity) return value;
    const point = describePoint(names, centres.subarray(c * p, (c + 1) * p));
    throw notANumber(dataSet, { term, logPrior: before }, point);
  });
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) {
    throw nowhere(dataSet, `on the grid, at the centres of ${logs.length} cells`);
  }
  const masses = logs.map((log) => Math.exp(log - largest));
  const sum = masses.reduce((a, b) => a + b, 0);
  for (let c = 0; c < masses.length; c++) masses[c] = (masses[c] ?? 0) / sum;
  return { grid, logs, masses, logEvidence: largest + Math.log(sum) };
}

/** Draws [draws, p]: cells by their mass, and points within them. */
function drawFrom({ grid, masses }: Evaluated, draws: number, random: Stream): Float32Array {
  const { axes, size } = grid.space;
  const result = new Float32Array(draws * size);
  const within = new Float64Array(axes);
  for (const [j, cell] of resample(masses, draws, random).entries()) {
    for (let d = 0; d < axes; d++) within[d] = random.uniform();
    result.set(grid.place(cell, within), j * size);
  }
  return result;
}
