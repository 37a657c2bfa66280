import { describe, expect, it } from "vitest";
import { askedOf, placesOf, scatter, shares } from "../../src/estimators/drawing.js";

const WEIGHTS = [0.485, 0.298, 0.217];
const MEMBERS = WEIGHTS.map((weight, k) => ({
  program: `sample${k}`,
  weight,
  noise: { normal: 2, uniform: 0 },
}));

describe("members' draws", () => {
  it("are so many by weight, to three, and are asked for alike whatever the seed", () => {
    const ways = [10, 1_000, 20_000].map((draws) => {
      const asked = Array.from({ length: 50 }, (_, seed) => {
        const who = shares(MEMBERS, draws, seed);
        return WEIGHTS.map((weight, k) => {
          const { length } = placesOf(who, k);
          expect(Math.abs(length - weight * draws)).toBeLessThanOrEqual(3);
          return askedOf(weight, draws, length, 30_000);
        }).join();
      });
      return new Set(asked).size;
    });
    // Of a few draws a member may have none, and is then not asked.
    expect(ways.slice(1)).toEqual([1, 1]);
  });

  it("are no more than needed where nothing is gained", () => {
    expect(askedOf(0.2, 3, 0, 100)).toBe(0);
    expect(askedOf(0.5, 1_000, 501, 100)).toBe(501);
    expect(askedOf(0.5, 1_000, 499, 500)).toBe(500);
    expect(askedOf(0.5, 1_000, 499, 1_000)).toBe(503);
  });

  it("come where they belong, and those of no place are left out", () => {
    const into = new Float32Array(2 * 4 * 1);
    // Two data sets, three draws each, of which the last two have places: the second and third of four.
    scatter(Float32Array.of(1, 2, 9, 3, 4, 9), into, Uint32Array.of(0, 1, 2), {
      set: 0,
      sets: 2,
      first: 1,
      draws: 4,
      p: 1,
    });
    expect([...into]).toEqual([0, 1, 2, 0, 0, 3, 4, 0]);
  });
});
