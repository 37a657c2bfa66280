/**
 * Regression adjustment, against closed forms.
 */
import { expect, it } from "vitest";
import { adjusted, effectiveOf, kernelWeights } from "../../src/abc/adjust.js";
import { learnScale, scaled } from "../../src/abc/distance.js";
import { nearestRows } from "../../src/abc/nearest.js";
import { tableInMemory } from "../../src/abc/reference-table.js";
import { stream } from "../../src/index.js";

const rows = 400;

/** Offsets in two numbers, and u = 1 + 2 s₀ - s₁ + σ(s) ε. */
function examples(sd: (first: number) => number) {
  const random = stream("adjust");
  const offsets = Float64Array.from({ length: 2 * rows }, () => random.uniform() - 0.5);
  const noise = Float64Array.from({ length: rows }, () => random.normal());
  const values = noise.map((e, i) => {
    const [a = 0, b = 0] = offsets.subarray(2 * i, 2 * i + 2);
    return 1 + 2 * a - b + sd(a) * e;
  });
  return { offsets, values, noise };
}

const even = new Float64Array(rows).fill(1 / rows);

it("without noise every adjusted draw is the value at the summary that was observed", () => {
  const { offsets, values } = examples(() => 0);
  const made = adjusted(values, offsets, even, "linear");
  for (const u of made?.values ?? []) expect(u).toBeCloseTo(1, 6);
  expect(made?.explained[0]).toBeCloseTo(1, 10);
});

it("a linear adjustment takes the slope away and keeps the residuals, but for their degrees of freedom", () => {
  const { offsets, values, noise } = examples(() => 0.3);
  const made = adjusted(values, offsets, even, "linear")?.values ?? new Float64Array();
  const sd = (all: Float64Array): number => {
    const mean = all.reduce((a, b) => a + b, 0) / rows;
    return Math.sqrt(all.reduce((sum, u) => sum + (u - mean) ** 2, 0) / rows);
  };
  // Three coefficients of 400 residuals: the sample's own standard deviation up to a part in a hundred.
  expect(sd(made) / (0.3 * sd(noise))).toBeCloseTo(1, 2);
  // Uncorrelated with what it was adjusted by, to the last digits.
  const along = made.reduce((sum, u, i) => sum + (u - 1) * (offsets[2 * i] ?? 0), 0) / rows;
  const mean = made.reduce((a, b) => a + b, 0) / rows;
  const middle = offsets.reduce((sum, s, at) => (at % 2 === 0 ? sum + s / rows : sum), 0);
  expect(along - (mean - 1) * middle).toBeCloseTo(0, 6);
});

it("a heteroscedastic adjustment scales residuals to the spread at the summary that was observed", () => {
  const { offsets, values } = examples((a) => 0.3 * Math.exp(2 * a));
  const made = adjusted(values, offsets, even, "heteroscedastic")?.values ?? new Float64Array();
  const half = (side: (a: number) => boolean): number => {
    const own = made.filter((_, i) => side(offsets[2 * i] ?? 0));
    return Math.sqrt(own.reduce((sum, u) => sum + (u - 1) ** 2, 0) / own.length);
  };
  // Of 200 draws a half, standard deviations are within 5 % each; without the adjustment they would be e apart.
  expect(half((a) => a < 0) / half((a) => a > 0)).toBeGreaterThan(1 / 1.3);
  expect(half((a) => a < 0) / half((a) => a > 0)).toBeLessThan(1.3);
  expect(half(() => true)).toBeCloseTo(0.3, 1);
});

it("too few draws for so many numbers are not adjusted, and summaries that say the same are", () => {
  const few = new Float64Array(8).fill(1 / 8);
  expect(adjusted(new Float64Array(8), new Float64Array(16), few, "linear")).toBeUndefined();
  const { offsets, values } = examples(() => 0);
  const twice = Float64Array.from({ length: 3 * rows }, (_, at) =>
    at % 3 === 2
      ? (offsets[2 * Math.floor(at / 3)] ?? 0)
      : (offsets[2 * Math.floor(at / 3) + (at % 3)] ?? 0),
  );
  const made = adjusted(values, twice, even, "linear");
  for (const u of made?.values ?? []) expect(u).toBeCloseTo(1, 5);
});

it("Epanechnikov's weights fall to zero where the tolerance ends, and are worth 5/6 of uniform ones", () => {
  const distance = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  const weights = kernelWeights(distance);
  expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  expect(weights.at(-1)).toBeLessThan(1e-5);
  // (∫ 1 - t²)² / ∫ (1 - t²)² = (2/3)² / (8/15) = 5/6.
  expect(effectiveOf(weights) / 1000).toBeCloseTo(5 / 6, 2);
  expect([...kernelWeights(new Float64Array(4))]).toEqual([0.25, 0.25, 0.25, 0.25]);
});

it("the nearest rows are those that sorting all finds, whatever the blocks", async () => {
  const random = stream("nearest");
  const [n, s] = [10_000, 3];
  const summaries = Float32Array.from({ length: n * s }, () => random.normal());
  const parameters = Float32Array.from({ length: n }, (_, i) => i);
  const observed = Float32Array.from([0.1, -0.2, 0.3, 1, 1, 1]);
  for (const kind of ["mad", "mahalanobis"] as const) {
    const scale = learnScale(summaries, s, kind);
    const table = tableInMemory(n, parameters, summaries);
    const found = await nearestRows(table, observed, scale, 50);
    const [white, at] = [scaled(summaries, scale, s), scaled(observed, scale, s)];
    for (const set of [0, 1]) {
      const all = Array.from({ length: n }, (_, i) =>
        Math.hypot(...[0, 1, 2].map((j) => (white[i * s + j] ?? 0) - (at[set * s + j] ?? 0))),
      );
      const order = Array.from(all.keys()).toSorted((a, b) => (all[a] ?? 0) - (all[b] ?? 0));
      expect([...(found[set]?.parameters ?? [])]).toEqual(order.slice(0, 50));
      expect(found[set]?.distance[49]).toBeCloseTo(all[order[49] ?? 0] ?? NaN, 12);
    }
  }
});

it("scales are those of a normal's, whatever its units, and of covariances", () => {
  const random = stream("scale");
  const summaries = Float32Array.from({ length: 40_000 }, (_, at) =>
    at % 2 === 0 ? 3 * random.normal() : 7,
  );
  const [first = 0, second] = learnScale(summaries, 2, "mad");
  // The standard error of a median absolute deviation of 20,000 normals is 1.2 / √20,000.
  expect(Math.abs(1 / first - 3)).toBeLessThan(0.1);
  // What never changes has no part in distances.
  expect(second).toBe(0);
});
