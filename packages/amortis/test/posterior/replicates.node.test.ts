/**
 * Posteriors of replicates from what was learned of one: against the exact posterior of a conjugate model.
 */
import { describe, expect, it, test } from "vitest";
import {
  defineModel,
  diffusion,
  modulatedResidual,
  gaussian,
  normal,
  npe,
  nre,
  stream,
  syntheticLikelihood,
  train,
} from "../../src/index.js";
import { describeAdded, groupsOf, summedTerms } from "../../src/posterior/replicates.js";

/** θ ~ N(0, 1), y ~ N(θ, 1): of m replicates N(Σ y / (m + 1), 1 / (m + 1)). */
const model = defineModel({
  name: "one-replicate",
  parameters: { theta: normal(0, 1) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
});

const small = modulatedResidual({ blocks: 1, width: 32 });

const quick = { simulations: 8000, epochs: 25, seed: 1, workers: 0, threads: 1 };

describe("log terms of replicates", () => {
  it("add up, group by group", async () => {
    // Of data set i the term at θ is (i + 1) θ.
    const asked: number[] = [];
    const terms = summedTerms(
      (theta, start, end) => {
        asked.push(end - start);
        const m = theta.length / (end - start);
        return Promise.resolve(
          Float64Array.from(theta, (t, at) => (start + Math.floor(at / m) + 1) * t),
        );
      },
      groupsOf([2, 1, 3], 6),
    );
    const found = await terms(Float64Array.of(1, 10, 2, 20, 3, 30), 0, 3);
    expect([...found]).toEqual([3, 30, 6, 60, 45, 450]);
    expect([...(await terms(Float64Array.of(1, 2), 2, 3))]).toEqual([15, 30]);
    expect(Math.max(...asked)).toBe(2);
  });

  it("are warned of where there are more than was learned well enough for", () => {
    expect(describeAdded(groupsOf([1, 20, 3], 24), 2000)).toBeUndefined();
    expect(describeAdded(groupsOf([1, 21, 3], 25), 2000)).toMatch(
      /21 replicates .* 2100 simulations/,
    );
    // Nothing is added.
    expect(describeAdded(groupsOf([1, 1], 2), 50)).toBeUndefined();
  });

  it("are of counts that add up", () => {
    expect(groupsOf("all", 3).bounds).toEqual([[0, 3]]);
    for (const counts of [[1, 1], [3, 0], [1.5, 1.5], []]) {
      expect(() => groupsOf(counts, 3)).toThrow(/add up to the 3 that are given/);
    }
  });
});

test.each([
  ["a likelihood", () => syntheticLikelihood(model)],
  ["a ratio", () => nre(model)],
  ["a posterior", () => npe(model, { density: gaussian(), members: 1 })],
  ["scores", () => npe(model, { density: diffusion({ field: small }), members: 1 })],
] as const)("%s of one answers many", async (_, method) => {
  const estimator = await train(method(), quick);
  const random = stream(7);
  const counts = [1, 3, 10, 30];
  let [error, scale] = [0, 0];
  const y = counts.map((m) => {
    const theta = random.normal();
    return Array.from({ length: m }, () => theta + random.normal());
  });
  const posteriors = await estimator.givenBatch({ y: y.flat() }, { replicates: counts });
  expect(posteriors.size).toBe(4);
  for (const [i, values] of y.entries()) {
    const k = values.length + 1;
    const mean = values.reduce((a, b) => a + b, 0) / k;
    error += (((posteriors.mean().theta[i] ?? Number.NaN) - mean) ** 2 * k) / y.length;
    scale += ((posteriors.sd().theta[i] ?? Number.NaN) * Math.sqrt(k)) / y.length;
  }
  // In posterior standard deviations: 0.03 is the error of 1,000 draws, the rest is training, of which errors add up; terms that do not add up cost 1 and more.
  expect(Math.sqrt(error)).toBeLessThan(0.5);
  expect(Math.abs(scale - 1)).toBeLessThan(0.2);
  const alone = await estimator.given({ y: y[2] ?? [] }, { replicates: "all" });
  expect(alone.mean().theta).toBeCloseTo(posteriors.mean().theta[2] ?? Number.NaN, 1);
  await estimator.release();
});
