/**
 * Transitions of many chains side by side.
 *
 * A transition of one chain is written by itself, as a generator that asks about one position after the other. All that chains ask at a time goes to the target in
 * one call, whatever the number of questions that each has: a thousand posteriors take as many calls as the longest transition among them.
 */
import type { ChainSpace, Points } from "./target.js";

/** Where an answer is: a row of what the target said. */
export interface Row<P extends Points> {
  readonly points: P;
  readonly row: number;
}

/** A transition of one chain: asks about positions [k], hears where the answers are, and ends with a result. */
export type Transition<P extends Points, R> = Generator<Float64Array, R, Row<P>>;

/**
 * Runs the transitions of all chains to their ends.
 *
 * @param ask what the target says at positions [n, k] of some chains, ascending.
 * @returns the result of each chain.
 */
export async function inLockstep<P extends Points, R>(
  transitions: readonly Transition<P, R>[],
  k: number,
  ask: (position: Float64Array, chains: Uint32Array) => P | Promise<P>,
): Promise<readonly R[]> {
  const results: R[] = [];
  /** What each chain that is under way asks about, in the order of the chains. */
  const asked: Float64Array[] = [];
  let pending = Uint32Array.from(transitions.keys());
  const goOn = (chain: number, answer?: Row<P>): boolean => {
    // A generator's first `next` takes nothing.
    const next =
      answer === undefined ? transitions[chain]?.next() : transitions[chain]?.next(answer);
    if (next === undefined) return false;
    if (next.done === true) results[chain] = next.value;
    else asked.push(next.value);
    return next.done !== true;
  };
  pending = pending.filter((chain) => goOn(chain));
  while (pending.length > 0) {
    const position = new Float64Array(pending.length * k);
    for (let row = 0; row < asked.length; row++) {
      const from = asked[row];
      for (let j = 0; j < k; j++) position[row * k + j] = from?.[j] ?? NaN;
    }
    asked.length = 0;
    const answer = ask(position, pending);
    const points = answer instanceof Promise ? await answer : answer;
    let [left, row] = [0, 0];
    for (const chain of pending) {
      if (goOn(chain, { points, row })) left++;
      row++;
    }
    if (left < pending.length) pending = pending.filter((chain) => !(chain in results));
  }
  return results;
}

/** What the target says of one chain at a position. */
export interface Place {
  /** u, [k]. */
  readonly position: Float64Array;
  /** θ, [p]. */
  readonly parameters: Float64Array;
  readonly logDensity: number;
}

/** What points say of one row. */
export function placeOf({ k, p }: ChainSpace, { points, row }: Row<Points>): Place {
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
