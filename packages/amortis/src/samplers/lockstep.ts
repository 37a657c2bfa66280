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
  /** Chains that are under way, ascending, and what each asks about. */
  let pending = transitions.map((_, chain) => chain);
  let asked: Float64Array[] = [];
  let chains = Uint32Array.from(pending);
  for (let points: P | undefined; pending.length > 0;) {
    const [left, next]: [number[], Float64Array[]] = [[], []];
    for (let row = 0; row < pending.length; row++) {
      const chain = pending[row] ?? 0;
      const transition = transitions[chain];
      // A generator's first `next` takes nothing.
      const said = points === undefined ? transition?.next() : transition?.next({ points, row });
      if (said === undefined) continue;
      if (said.done === true) results[chain] = said.value;
      else {
        left.push(chain);
        next.push(said.value);
      }
    }
    if (left.length < pending.length) chains = Uint32Array.from(left);
    [pending, asked] = [left, next];
    if (pending.length === 0) break;
    const position = new Float64Array(pending.length * k);
    for (let row = 0; row < asked.length; row++) {
      const from = asked[row];
      for (let j = 0; j < k; j++) position[row * k + j] = from?.[j] ?? NaN;
    }
    const answer = ask(position, chains);
    points = answer instanceof Promise ? await answer : answer;
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
  const points = {
    position: new Float64Array(count * k),
    parameters: new Float64Array(count * p),
    logDensity: new Float64Array(count),
  };
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    if (place === undefined) continue;
    points.position.set(place.position, i * k);
    points.parameters.set(place.parameters, i * p);
    points.logDensity[i] = place.logDensity;
  }
  return points;
}
