/**
 * Which training is next: asynchronous successive halving.
 *
 * Contestants are trained for a small share of their epochs; of those that reached a rung the best third goes on to the next, for three times as many,
 * as soon as there are enough to have a best third. So most of the time goes to what looks good, and whenever the time is over there is an answer. What starts slowly
 * and ends well is lost by it: that is its price.
 *
 * Reference: Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht & Talwalkar (2018), "A system for massively parallel hyperparameter tuning", arXiv 1810.05934.
 */

/** One in so many goes on. */
const REDUCTION = 3;

/** Share of its epochs that a contestant is trained for on each rung. */
export const SHARES: readonly number[] = [1 / REDUCTION ** 2, 1 / REDUCTION, 1];

/** The last rung, where contestants are trained for all of their epochs. */
export const FULL = SHARES.length - 1;

/** The default's number: all others are compared with it. */
export const DEFAULT = 0;

/** A training: of a contestant, by its number, on a rung. */
export interface Heat {
  readonly contestant: number;
  readonly rung: number;
}

/** A training that is done: its mean log density of what it is selected by; -Infinity where it failed. */
export interface HeatResult extends Heat {
  readonly score: number;
}

/** The next training: the default's whole one first, then whoever may go on, from the top rung down, and else a new contestant. */
export function nextHeat(results: readonly HeatResult[]): Heat {
  if (!has(results, { contestant: DEFAULT, rung: FULL }))
    return { contestant: DEFAULT, rung: FULL };
  for (let rung = FULL - 1; rung >= 0; rung--) {
    const ranked = rankedOn(results, rung);
    const going = ranked.slice(0, Math.floor(ranked.length / REDUCTION));
    const next = going.find(({ contestant }) => !has(results, { contestant, rung: rung + 1 }));
    if (next !== undefined) return { contestant: next.contestant, rung: rung + 1 };
  }
  return { contestant: 1 + Math.max(...results.map(({ contestant }) => contestant)), rung: 0 };
}

/**
 * The training that ends a race in which nobody but the default was trained in whole: of the leader on the highest rung there is.
 *
 * @returns undefined where somebody was, or there is nobody.
 */
export function lastHeat(results: readonly HeatResult[]): Heat | undefined {
  if (rankedOn(results, FULL).length > 0) return undefined;
  for (let rung = FULL - 1; rung >= 0; rung--) {
    const [leader] = rankedOn(results, rung);
    if (leader !== undefined) return { contestant: leader.contestant, rung: FULL };
  }
  return undefined;
}

/** The best of those that were trained in whole, the default aside. */
export function challengerIn(results: readonly HeatResult[]): number | undefined {
  return rankedOn(results, FULL)[0]?.contestant;
}

/** Contestants on a rung that did not fail, the best first; of equals, the earlier. */
function rankedOn(results: readonly HeatResult[], rung: number): readonly HeatResult[] {
  return results
    .filter((r) => r.rung === rung && r.contestant !== DEFAULT && r.score > -Infinity)
    .toSorted((a, b) => b.score - a.score || a.contestant - b.contestant);
}

function has(results: readonly HeatResult[], { contestant, rung }: Heat): boolean {
  return results.some((r) => r.contestant === contestant && r.rung === rung);
}
