/**
 * A likelihood of trials whose discrete numbers have values without zero, as choices 1 and 2 do, and whose number varies.
 */
import { expect, test } from "vitest";
import { beta, defineModel, discreteUniform, nle, train } from "../../src/index.js";

test("trials that are not there count for nothing, whatever values the others have", async () => {
  const model = defineModel({
    name: "sides",
    parameters: { p: beta(2, 2) },
    sizes: { m: discreteUniform(1, 4) },
    data: { side: ["m"] },
    simulate: ({ p }, random, { m }) => ({
      side: Array.from({ length: m }, () => (random.uniform() < p ? 2 : 1)),
    }),
  });
  const estimator = await train(nle(model, { replicates: true, discrete: { side: [1, 2] } }), {
    simulations: 2_000,
    epochs: 10,
    batch: 64,
    seed: 1,
    workers: 0,
    threads: 1,
  });
  const sides = [2, 1, 2, 2];
  const all = Number(await estimator.logLikelihood({ side: sides }, [0.7]));
  // A logarithm of each trial that is off by less than a tenth.
  expect(Math.abs(all - 3 * Math.log(0.7) - Math.log(0.3))).toBeLessThan(0.4);
  // In one batch the short one is padded.
  const posteriors = await estimator.givenBatch({ side: [sides, [2]] });
  const alone = await estimator.given({ side: [2] });
  expect(posteriors.mean().p[1]).toBeCloseTo(alone.mean().p, 4);
  // Beta(2 + 3, 2 + 1) and Beta(3, 2).
  expect(Math.abs((posteriors.mean().p[0] ?? 0) - 5 / 8)).toBeLessThan(0.03);
  expect(Math.abs((posteriors.mean().p[1] ?? 0) - 3 / 5)).toBeLessThan(0.03);
  await estimator.release();
});
