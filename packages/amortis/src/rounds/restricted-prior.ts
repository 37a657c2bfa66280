/**
 * Draws of a prior where something holds, by rejection.
 */
import { UnsupportedError } from "@amortis/graph";
import { takeRows } from "../data/data-sets.js";
import type { Stream } from "../random/index.js";

/** Says of θ [n, p] which rows are kept: a byte each, 1 or 0. */
export type Keeps = (theta: Float64Array) => Promise<Uint8Array>;

/** What is drawn from. */
export interface Drawable {
  readonly size: number;
  sample(random: Stream): Float64Array;
}

/** Draws that were kept. */
export interface Kept {
  /** θ, [count, p]. */
  readonly theta: Float64Array;
  /** Share of the draws that was kept. */
  readonly share: number;
}

/** Draws that are judged at once, at least and at most. */
const LEAST = 1_024;
const MOST = 65_536;

/** Draws that are tried for each that is wanted, at most, but for `ALWAYS`. */
const TRIES = 100_000;
const ALWAYS = 1_000_000;

/**
 * Draws a prior until so many are kept.
 *
 * @throws UnsupportedError where hardly any are: says how many were tried.
 */
export async function drawKept(
  prior: Drawable,
  count: number,
  keeps: Keeps,
  random: Stream,
): Promise<Kept> {
  const p = prior.size;
  const theta = new Float64Array(count * p);
  let [found, tried, kept] = [0, 0, 0];
  while (found < count) {
    if (tried >= ALWAYS && tried > TRIES * Math.max(1, kept)) {
      throw new UnsupportedError(
        `of ${tried} draws of the prior ${kept} lie where proposals are to be, too few to go on: take fewer rounds, or more simulations each`,
      );
    }
    const wanted = kept === 0 ? LEAST : ((count - found) * tried) / kept;
    const block = Math.ceil(Math.min(MOST, Math.max(LEAST, 1.1 * wanted)));
    const proposed = new Float64Array(block * p);
    for (let i = 0; i < block; i++) proposed.set(prior.sample(random), i * p);
    const judged = await keeps(proposed);
    tried += block;
    for (let i = 0; i < block; i++) {
      if (judged[i] !== 1) continue;
      kept++;
      if (found === count) continue;
      theta.set(proposed.subarray(i * p, (i + 1) * p), found * p);
      found++;
    }
  }
  return { theta, share: kept / tried };
}

/** What keeps a row if all do. The later are asked only of what the earlier keep. */
export function allKeep(p: number, all: readonly Keeps[]): Keeps {
  return async (theta) => {
    const kept = new Uint8Array(theta.length / p).fill(1);
    for (const keeps of all) {
      const places = [...kept.keys()].filter((i) => kept[i] === 1);
      if (places.length === 0) break;
      const judged = await keeps(takeRows(theta, p, places));
      for (const [j, i] of places.entries()) kept[i] = judged[j] ?? 0;
    }
    return kept;
  };
}
