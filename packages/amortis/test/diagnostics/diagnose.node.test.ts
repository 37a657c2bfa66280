/**
 * Ranks and what is said of them: of exact posteriors, of ones that are too narrow or shifted, and of a trained estimator.
 */
import { describe, expect, it, test } from "vitest";
import { gaussian, nbe, npe, rawSummary, simulate, stream, train } from "../../src/index.js";
import {
  diagnose,
  expectedLogDensity,
  fractionalRanks,
  uniformity,
} from "../../src/diagnostics/index.js";
import { diagnosisFigure, pairsFigure } from "../../src/figures/index.js";
import { conjugateNormal } from "../conjugate.js";

/** Ranks over n data sets of θ ~ N(0, 1), y ~ N(θ, 1), whose posterior N(y/2, 1/2) is told with another sd and mean. */
function ranksOf(n: number, scale: number, shift: number, seed: number): Float64Array {
  const random = stream("ranks").split(seed);
  const each = 99;
  const truth = new Float64Array(n);
  const draws = new Float64Array(n * each);
  for (let i = 0; i < n; i++) {
    truth[i] = random.normal();
    const y = (truth[i] ?? 0) + random.normal();
    for (let j = 0; j < each; j++) {
      draws[i * each + j] = y / 2 + Math.SQRT1_2 * (shift + scale * random.normal());
    }
  }
  return fractionalRanks(draws, truth, random);
}

describe("the test of ranks", () => {
  it("finds fault with right posteriors as often as it says", () => {
    const runs = 400;
    let alarms = 0;
    for (let run = 0; run < runs; run++)
      if (uniformity(ranksOf(100, 1, 0, run)).pValue < 0.05) alarms++;
    // Binomial with p = 0.05: 20 ± 4.4, three standard errors.
    expect(Math.abs(alarms - 0.05 * runs)).toBeLessThan(3 * Math.sqrt(runs * 0.05 * 0.95));
  });

  it.each([
    ["too narrow by 15 %", 0.85, 0],
    ["too wide by 15 %", 1.15, 0],
    ["shifted by 0.2 sd", 1, 0.2],
  ])("finds a posterior that is %s, of a thousand data sets", (_, scale, shift) => {
    const found = Array.from(
      { length: 20 },
      (_unused, run) => uniformity(ranksOf(1000, scale, shift, 1000 + run)).pValue < 0.01,
    );
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(14);
  });

  it("breaks ties at random: two values, half and half, are no fault", () => {
    const random = stream(4);
    const truth = Float64Array.from({ length: 1000 }, () => random.binomial(1, 0.5));
    const draws = Float64Array.from({ length: 50_000 }, () => random.binomial(1, 0.5));
    expect(uniformity(fractionalRanks(draws, truth, random)).pValue).toBeGreaterThan(0.01);
  });

  it("is of the largest distance in standard errors", () => {
    const { difference, points, pValue } = uniformity([0.9, 0.95, 0.99]);
    expect(difference[11]).toBeCloseTo(-(points[11] ?? 0), 12);
    expect(pValue).toBeLessThan(0.02);
  });
});

test("a trained estimator, its picture and its verdict", async () => {
  const { model } = conjugateNormal(4);
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const quick = { simulations: 4000, epochs: 12, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(method, quick);
  const found = await diagnose(estimator, model, { simulations: 300, samples: 99, workers: 0 });
  const [theta] = found.parameters;
  // The posterior is N(Σ y / 5, 1 / 5) under the prior N(0, 1): contraction 0.8, correlation √0.8. Sampling errors are below 0.03.
  expect(theta?.contraction).toBeCloseTo(0.8, 1);
  expect(Math.abs((theta?.recovery ?? 0) - Math.sqrt(0.8))).toBeLessThan(0.06);
  expect(found.verdict).toHaveLength(1);
  expect(diagnosisFigure(found)).toMatch(/^<svg[\s\S]*theta: recovery[\s\S]*<\/svg>/);
  const posterior = await estimator.given({ y: Float64Array.of(1, 2, 0, 1) });
  expect(pairsFigure(await posterior.sample(200), { truth: [0.8] })).toMatch(/^<svg[\s\S]*<\/svg>/);
  await estimator.release();
});

test("points have no ranks", async () => {
  const { model } = conjugateNormal(2);
  const quick = { simulations: 200, epochs: 1, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(nbe(model, { summary: rawSummary() }), quick);
  await expect(diagnose(estimator, model)).rejects.toThrow(
    "diagnose needs posteriors, but nbe gives points",
  );
  await estimator.release();
});

test("simulations that were trained on are said to be, and are no score", async () => {
  const { model } = conjugateNormal(2);
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const quick = { simulations: 400, epochs: 1, seed: 1, workers: 0, threads: 1 };
  const fitted = await train(method, quick);
  const seen = await diagnose(fitted, model, {
    simulations: 300,
    seed: 1,
    samples: 20,
    workers: 0,
  });
  expect(seen.shared).toBe(300);
  expect(seen.calibrated).toBe(false);
  expect(seen.verdict[0]).toMatch(
    /^300 of the 300 data sets are among the simulations that it was/,
  );
  const fresh = await diagnose(fitted, model, {
    simulations: 30,
    seed: 2,
    samples: 20,
    workers: 0,
  });
  expect(fresh.shared).toBe(0);
  const again = await simulate(model, { simulations: 10, seed: 1, workers: 0 });
  await expect(expectedLogDensity(fitted, again)).rejects.toThrow(
    /10 of the 10 simulations are among those that the estimator was trained on/,
  );
  await fitted.release();
});
