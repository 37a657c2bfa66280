/**
 * Maxima of posterior densities, for all data sets of a batch at once.
 *
 * From the best of the draws, an evolution strategy climbs: candidates are drawn around the best so far, with a spread that
 * begins at half the posterior's and shrinks geometrically. It needs densities only, respects any support, and is reproducible.
 */
import type { Floats } from "../data/layout.js";
import { stream } from "../random/index.js";

const ROUNDS = 24;
const CANDIDATES = 32;
const SHRINK = 0.75;
const SCREENED = 256;
/** Within a simplex, whatever its density does at the boundary. */
const LEAST = 1e-30;

/** Log-densities of [n, m, p] parameters: [n, m]. */
export type LogDensities = (parameters: Float64Array) => Promise<Float64Array>;

/**
 * @param draws [n, m, p]
 * @param simplexes places [start, end) whose numbers add up to one: candidates are divided by their sum, or none would have a density.
 * @returns modes, [n, p]
 */
export async function findModes(
  draws: Floats,
  drawsEach: number,
  p: number,
  logDensities: LogDensities,
  simplexes: readonly (readonly [number, number])[] = [],
): Promise<Float64Array> {
  const n = draws.length / (drawsEach * p);
  const screened = Math.min(SCREENED, drawsEach);
  const best = new Float64Array(n * p);
  const value = new Float64Array(n).fill(-Infinity);
  const spread = spreads(draws, drawsEach, p);

  async function keepBest(candidates: Float64Array, each: number): Promise<void> {
    const densities = await logDensities(candidates);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < each; k++) {
        const density = densities[i * each + k] ?? -Infinity;
        if (!(density > (value[i] ?? -Infinity))) continue;
        value[i] = density;
        const at = (i * each + k) * p;
        best.set(candidates.subarray(at, at + p), i * p);
      }
    }
  }

  const first = new Float64Array(n * screened * p);
  for (let i = 0; i < n; i++) {
    const at = i * drawsEach * p;
    first.set(draws.subarray(at, at + screened * p), i * screened * p);
    best.set(draws.subarray(at, at + p), i * p);
  }
  await keepBest(first, screened);
  const random = stream("posterior mode");
  for (let round = 0; round < ROUNDS; round++) {
    const scale = 0.5 * SHRINK ** round;
    // The same steps for every data set, so that a mode does not depend on what else is in the batch.
    const steps = new Float32Array(CANDIDATES * p);
    random.split(round).fillNormal(steps);
    const candidates = new Float64Array(n * steps.length);
    for (let at = 0; at < candidates.length; at++) {
      const flat = Math.floor(at / steps.length) * p + (at % p);
      const step = steps[at % steps.length] ?? 0;
      candidates[at] = (best[flat] ?? 0) + scale * (spread[flat] ?? 1) * step;
    }
    onto(simplexes, candidates, p);
    await keepBest(candidates, CANDIDATES);
  }
  // Once more in double precision.
  onto(simplexes, best, p);
  return best;
}

/** Rows [..., p] with the numbers of each simplex made positive and divided by their sum, in place. */
function onto(
  simplexes: readonly (readonly [number, number])[],
  rows: Float32Array | Float64Array,
  p: number,
): void {
  for (const [start, end] of simplexes) {
    for (let row = 0; row < rows.length; row += p) {
      const part = Array.from(rows.subarray(row + start, row + end), (x) => Math.max(x, LEAST));
      const total = part.reduce((a, b) => a + b, 0);
      rows.set(
        part.map((x) => x / total),
        row + start,
      );
    }
  }
}

/** Standard deviation of each parameter's draws, [n, p]. */
function spreads(draws: Floats, drawsEach: number, p: number): Float64Array {
  const n = draws.length / (drawsEach * p);
  const result = new Float64Array(n * p);
  for (let flat = 0; flat < n * p; flat++) {
    const start = Math.floor(flat / p) * drawsEach * p + (flat % p);
    let mean = 0;
    for (let k = 0; k < drawsEach; k++) mean += (draws[start + k * p] ?? 0) / drawsEach;
    let square = 0;
    for (let k = 0; k < drawsEach; k++) square += ((draws[start + k * p] ?? 0) - mean) ** 2;
    result[flat] = Math.sqrt(square / Math.max(1, drawsEach - 1));
  }
  return result;
}
