/**
 * Predictive checks, and their picture.
 */
import { expect, test } from "vitest";
import { predictiveCheck } from "../../src/diagnostics/index.js";
import { predictiveFigure } from "../../src/figures/index.js";
import { defineModel, normal } from "../../src/index.js";
import { normalQuantile } from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";

const model = defineModel({
  name: "normal",
  parameters: { mu: normal(0, 1) },
  data: { y: [20] },
  simulate: ({ mu }, random) => ({ y: Array.from({ length: 20 }, () => mu + random.normal()) }),
});

const discrepancies = {
  largest: ({ y = new Float64Array() }) => Math.max(...y),
  variance: ({ y = new Float64Array() }, [mu = 0]: Float64Array) =>
    y.reduce((sum, x) => sum + (x - mu) ** 2, 0) / y.length,
};

/** Draws of the posterior N(Σ y / 21, 1 / 21). */
function posteriorOf(y: Float64Array): Float64Array {
  const random = stream("posterior");
  const mean = y.reduce((a, b) => a + b, 0) / 21;
  return Float64Array.from({ length: 400 }, () => mean + random.normal() / Math.sqrt(21));
}

test("data of the model are what it makes; data with heavy tails are not", async () => {
  // As typical as can be: quantiles.
  const y = Float64Array.from({ length: 20 }, (_, i) => 0.5 + normalQuantile((i + 0.5) / 20));
  const options = { discrepancies, workers: 0 };
  for (const { pValue, replicated } of await predictiveCheck(
    model,
    { y },
    { ...options, parameters: posteriorOf(y) },
  )) {
    expect(replicated).toHaveLength(400);
    expect(Math.abs(pValue - 0.5)).toBeLessThan(0.4);
  }
  const heavy = y.map((x, i) => (i < 2 ? 6 * (1 - 2 * i) : x));
  const checks = await predictiveCheck(
    model,
    { y: heavy },
    { ...options, parameters: posteriorOf(heavy) },
  );
  // χ² of 20 with two values 6 off: 20 + 72, beyond 400 draws of 20 ± 6.3.
  expect(checks.map(({ name, pValue }) => [name, pValue < 0.01])).toEqual([
    ["largest", true],
    ["variance", true],
  ]);
  const svg = predictiveFigure(checks);
  expect(svg).toMatch(/largest: p = 0/);
  expect(svg).toMatch(/variance of data that the model makes/);
});

test("under the prior, p-values are uniform", async () => {
  const random = stream("prior-data");
  const pValues: number[] = [];
  for (let run = 0; run < 60; run++) {
    const mu = random.normal();
    const y = Float64Array.from({ length: 20 }, () => mu + random.normal());
    const { largest } = discrepancies;
    const [check] = await predictiveCheck(
      model,
      { y },
      { discrepancies: { largest }, simulations: 200, seed: run, workers: 0 },
    );
    pValues.push(check?.pValue ?? NaN);
  }
  const mean = pValues.reduce((a, b) => a + b, 0) / 60;
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 60));
  await expect(
    predictiveCheck(model, { y: new Float64Array(40) }, { discrepancies, workers: 0 }),
  ).rejects.toThrow(/looks at one data set, but was given 2/);
});
