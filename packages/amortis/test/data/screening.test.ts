/** Screening of the numbers of data sets: which tell of the parameters. */
import { expect, test } from "vitest";
import { vector } from "../../src/index.js";
import { DataSets } from "../../src/data/data-sets.js";
import { tellingPlaces } from "../../src/data/screening.js";
import { stream } from "../../src/random/index.js";

const N = 900;

/** Parameters uniform on [-3, 3]², and data sets of 20 numbers, the first of which are made of them. */
function simulated(
  make: (theta: readonly [number, number], noise: () => number) => readonly number[],
  seed: number,
): readonly [DataSets, Float64Array] {
  const random = stream(seed);
  const noise = () => random.normal();
  const parameters = Float64Array.from({ length: 2 * N }, () => 6 * random.uniform() - 3);
  const x = Float64Array.from({ length: N }, (_, row) => row).map(() => 0);
  const values = Array.from(x.keys()).flatMap((row) => {
    const first = make([parameters[2 * row] ?? 0, parameters[2 * row + 1] ?? 0], noise);
    return [...first, ...Array.from({ length: 20 - first.length }, noise)];
  });
  return [new DataSets({ x: vector(20) }, N, { x: Float64Array.from(values) }), parameters];
}

test("a location, a scale, a turning point and a product of two are seen, and noise is not", () => {
  const [sets, parameters] = simulated(
    ([a, b], noise) => [
      a + 2 * noise(),
      (0.5 + Math.abs(b)) * noise(),
      a * a + 3 * noise(),
      Math.sign(a * b) + 2 * noise(),
      Math.exp(5 * noise()) * (1 + Math.exp(b)),
    ],
    1,
  );
  expect(tellingPlaces(sets, parameters)).toEqual([0, 1, 2, 3, 4]);
});

test("what tells nothing is taken to tell something once in a hundred screenings", () => {
  let wrong = 0;
  for (let seed = 10; seed < 70; seed++) {
    if (tellingPlaces(...simulated(() => [], seed)).length > 0) wrong++;
  }
  // Binomial(60, 0.01) is above 5 once in 20,000 times.
  expect(wrong).toBeLessThanOrEqual(5);
});

test("constants and whole numbers are borne", () => {
  const [sets, parameters] = simulated(([a]) => [7, Math.round(a), a > 0 ? 1 : 0], 3);
  expect(tellingPlaces(sets, parameters)).toEqual([1, 2]);
});
