/** Asynchronous successive halving: who goes on, and who is the last. */
import { describe, expect, test } from "vitest";
import {
  challengerIn,
  FULL,
  lastHeat,
  nextHeat,
  type HeatResult,
} from "../../src/tuning/racing.js";

/** A race of so many trainings, where contestant k scores `score(k, rung)`. */
function race(
  trainings: number,
  score: (contestant: number, rung: number) => number,
): readonly HeatResult[] {
  const results: HeatResult[] = [];
  while (results.length < trainings) {
    const heat = nextHeat(results);
    results.push({ ...heat, score: score(heat.contestant, heat.rung) });
  }
  return results;
}

describe("a race", () => {
  test("begins with the whole training of the default", () => {
    expect(nextHeat([])).toEqual({ contestant: 0, rung: FULL });
  });

  test("lets the best third go on as soon as there is one", () => {
    const heats = race(9, (k) => [0, 3, 1, 2, 9, 4, 5][k] ?? 0).map(({ contestant, rung }) => [
      contestant,
      rung,
    ]);
    // Of 1, 2, 3 the first leads; 4 goes ahead of it, and with it makes two of six.
    expect(heats).toEqual([
      [0, 2],
      [1, 0],
      [2, 0],
      [3, 0],
      [1, 1],
      [4, 0],
      [4, 1],
      [5, 0],
      [6, 0],
    ]);
  });

  test("trains few in whole, the best of all among them", () => {
    const best = 17;
    const results = race(60, (k, rung) => (k === best ? 10 : -((k * 7) % 11)) + rung);
    const whole = results.filter(({ rung }) => rung === FULL).map(({ contestant }) => contestant);
    expect(whole).toContain(best);
    expect(whole.length).toBeLessThan(8);
    expect(challengerIn(results)).toBe(best);
    const pairs = results.map(({ contestant, rung }) => `${contestant} ${rung}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  test("lets nobody go on who failed", () => {
    const results = race(20, () => -Infinity);
    expect(results.slice(1).every(({ rung }) => rung === 0)).toBe(true);
    expect(lastHeat(results)).toBeUndefined();
    expect(challengerIn(results)).toBeUndefined();
  });

  test("ends with the leader in whole, where nobody is yet", () => {
    const results = race(6, (k) => k);
    const highest = Math.max(...results.slice(1).map(({ rung }) => rung));
    const leader = results.filter(({ rung }) => rung === highest).at(-1);
    expect(lastHeat(results)).toEqual({ contestant: leader?.contestant, rung: FULL });
    const ended = [...results, { contestant: 2, rung: FULL, score: 0 }];
    expect(lastHeat(ended)).toBeUndefined();
  });
});
