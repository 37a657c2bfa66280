/**
 * Posteriors of ranks, against closed forms.
 */
import { describe, expect, test } from "vitest";
import { normalCdf } from "../../src/math/normal.js";
import {
  defineModel,
  discrete,
  load,
  RankEstimator,
  rankPosterior,
  RankPosteriorBatch,
  train,
  uniform,
} from "../../src/index.js";
import { answerSheet } from "../../src/extend.js";
import { conjugateNormal } from "../conjugate.js";

describe("the posterior of ranks", () => {
  const { model, fresh } = conjugateNormal(4);

  test("is that of the exact posterior, also from its file", async () => {
    const settings = { simulations: 8000, epochs: 15, seed: 1, workers: 0, threads: 1 };
    const fitted = await train(rankPosterior(model), settings);
    const { y, exactMeans } = await fresh(200);
    const ranks = await fitted.ranksBatch({ y });
    // θ | y ~ N(m, 1/5), and u = Φ(θ): E u = Φ(m / √(1 + 1/5)), its median Φ(m), and P(u < 1/2) = P(θ < 0).
    const [mean, median] = [ranks.mean().theta, ranks.quantile(0.5).theta];
    const below = ranks.probabilityBelow(0.5).theta;
    const errors = exactMeans.map((m, i) => [
      ((mean[i] ?? 0) - normalCdf(m / Math.sqrt(1.2))) ** 2,
      ((median[i] ?? 0) - normalCdf(m)) ** 2,
      ((below[i] ?? 0) - normalCdf(-m * Math.sqrt(5))) ** 2,
    ]);
    const [one = 1, two = 1, three = 1] = [0, 1, 2].map((k) =>
      Math.sqrt(errors.reduce((total, all) => total + (all[k] ?? 0), 0) / 200),
    );
    // Of the prior's they are 0.27, 0.29 and 0.41; a bin is 0.02 wide, and the rest is training.
    expect(one).toBeLessThan(0.04);
    expect(two).toBeLessThan(0.06);
    expect(three).toBeLessThan(0.1);
    const single = await fitted.ranks({ y: y.subarray(0, 4) });
    expect(single.mean().theta).toBeCloseTo(mean[0] ?? 0, 5);
    expect(single.sd().theta).toBeLessThan(0.29);
    const loaded = await load(await fitted.toBytes(), { model });
    if (!(loaded instanceof RankEstimator)) throw new Error("it answers with ranks");
    expect((await loaded.ranksBatch({ y })).probabilities).toEqual(ranks.probabilities);
    const { document, shape } = await answerSheet(loaded, { y });
    expect(shape).toEqual([200, 1, 50]);
    expect(document.datasets[0]?.mean?.["theta"]).toBe(mean[0]);
    await expect(loaded.ranks({ y })).rejects.toThrow("use ranksBatch for a batch");
    await fitted.release();
    await loaded.release();
  });

  test("of discrete parameters has the highest rank of those that tie, and of useless data is the prior", async () => {
    const coins = defineModel({
      name: "coins",
      parameters: { kind: discrete([0, 1, 2], [0.5, 0.25, 0.25]), other: uniform(5, 6) },
      data: { y: [] },
      simulate: ({ kind }, random) => ({ y: kind + 0.01 * random.normal() }),
    });
    const schedule = { epochs: 25, learningRate: 2e-3 };
    const settings = { simulations: 3000, ...schedule, seed: 1, workers: 0, threads: 1 };
    const fitted = await train(rankPosterior(coins, { bins: 5 }), settings);
    const ranks = await fitted.ranksBatch({ y: [0, 1, 2] });
    for (const [i, bin] of [2, 3, 4].entries()) {
      const known = ranks.at(i).probabilities;
      expect(known[bin]).toBeGreaterThan(0.95);
      for (const share of known.subarray(5)) expect(Math.abs(share - 0.2)).toBeLessThan(0.06);
    }
    await fitted.release();
  });
});

test("summaries of histograms are exact", () => {
  const slots = [
    { name: "a", shape: [], offset: 0, size: 1 },
    { name: "b", shape: [2], offset: 1, size: 2 },
  ];
  const probabilities = Float32Array.of(0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25, 0, 0, 0, 1);
  const batch = new RankPosteriorBatch(slots, probabilities, 4);
  expect(batch.size).toBe(1);
  expect(batch.mean()).toEqual({ a: Float64Array.of(0.25), b: Float64Array.of(0.5, 0.875) });
  expect(batch.quantile(0.5)).toEqual({ a: Float64Array.of(0.25), b: Float64Array.of(0.5, 0.875) });
  expect(batch.quantile(0.25)["b"]).toEqual(Float64Array.of(0.25, 0.8125));
  expect(batch.probabilityBelow(0.375)["a"]).toEqual(Float64Array.of(0.75));
  // Uniform on (0, 1/2), and on (0, 1).
  expect(batch.sd()["a"]?.[0]).toBeCloseTo(0.5 / Math.sqrt(12), 7);
  expect(batch.sd()["b"]?.[0]).toBeCloseTo(1 / Math.sqrt(12), 7);
  expect(() => batch.quantile(2)).toThrow("a level must lie between 0 and 1, but is 2");
  expect(() => batch.at(1)).toThrow("there are 1 data sets, but 1 was asked for");
});
