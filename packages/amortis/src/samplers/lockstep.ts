/**
 * Transitions of many chains side by side.
 *
 * A transition of one chain is written by itself, as a generator that asks about one position after the other. All that chains ask at a time goes to the target in
 * one call, whatever the number of questions that each has: a thousand posteriors take as many calls as the longest transition among them.
 */
import type { ChainSpace, Points } from "./target.js";

/** A transition of one chain: asks about positions [k], hears answers, and ends with a result. */
export type Transition<A, R> = Generator<Float64Array, R, A>;

/** What the target says of one chain at a position. */
export interface Place {
  /** u, [k]. */
  readonly position: Float64Array;
  /** θ, [p]. */
  readonly parameters: Float64Array;
  readonly logDensity: number;
}

/** The same with the gradient of the log density in u, [k]. */
export interface SlopedPlace extends Place {
  readonly gradient: Float64Array;
}

/**
 * Runs the transitions of all chains to their ends.
 *
 * @param ask what the target says at positions [n, k] of some chains, ascending.
 * @param answer of it what one row, by its number, is told.
 * @returns the result of each chain.
 */
export async function inLockstep<P extends Points, A, R>(
  transitions: readonly Transition<A, R>[],
  k: number,
  ask: (position: Float64Array, chains: Uint32Array) => Promise<P>,
  answer: (points: P, row: number) => A,
): Promise<readonly R[]> {
  const results: R[] = [];
  const begun = transitions.map((transition, chain) => ({
    transition,
    chain,
    asked: transition.next(),
  }));
  for (let pending = begun; ;) {
    const left: typeof begun = [];
    for (const one of pending) {
      if (one.asked.done === true) results[one.chain] = one.asked.value;
      else left.push(one);
    }
    if (left.length === 0) return results;
    const position = new Float64Array(left.length * k);
    for (const [row, { asked }] of left.entries()) {
      if (asked.done !== true) position.set(asked.value, row * k);
    }
    const points = await ask(
      position,
      Uint32Array.from(left, ({ chain }) => chain),
    );
    for (const [row, one] of left.entries()) one.asked = one.transition.next(answer(points, row));
    pending = left;
  }
}

/** What points say of one row. */
export function placeOf({ k, p }: ChainSpace, points: Points, row: number): Place {
  return {
    position: points.position.subarray(row * k, (row + 1) * k),
    parameters: points.parameters.subarray(row * p, (row + 1) * p),
    logDensity: points.logDensity[row] ?? NaN,
  };
}

/** Places of all chains as points. */
export function pointsOf({ k, p, count }: ChainSpace, places: readonly Place[]): Points {
  const position = new Float64Array(count * k);
  const parameters = new Float64Array(count * p);
  for (const [i, place] of places.entries()) {
    position.set(place.position, i * k);
    parameters.set(place.parameters, i * p);
  }
  return { position, parameters, logDensity: Float64Array.from(places, (at) => at.logDensity) };
}
