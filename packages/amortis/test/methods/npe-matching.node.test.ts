/**
 * `npe` with densities that are learned by regression, from no trend on: to the posteriors N(Σy / (n + 1), 1 / (n + 1)).
 */
import { beforeAll, describe, expect, test } from "vitest";
import {
  flowMatching,
  load,
  modulatedResidual,
  npe,
  rawSummary,
  train,
  type PosteriorEstimator,
} from "../../src/index.js";
import type { ConditionalDensity } from "../../src/densities/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model, exactSd, fresh } = conjugateNormal(4);

const field = modulatedResidual({ width: 32, blocks: 2, embedding: 16 });
const families: readonly (readonly [string, ConditionalDensity])[] = [
  ["flow matching", flowMatching({ field })],
];

const training = {
  simulations: 2_000,
  epochs: 25,
  learningRate: 3e-3,
  averaging: 0.99,
  weightDecay: 0,
  workers: 0,
  seed: 3,
  onWarning: () => {},
} as const;

function trained(density: ConditionalDensity, members = 1) {
  return train(npe(model, { density, summary: rawSummary(), trend: "none", members }), training);
}

describe.each(families)("%s", (_, density) => {
  let estimator: PosteriorEstimator<(typeof model)["parameters"]>;
  beforeAll(async () => {
    estimator = await trained(density);
  }, 120_000);

  test("learns means and spreads, and validation losses that fall", async () => {
    const { y, exactMeans } = await fresh(200);
    const batch = await estimator.givenBatch({ y }, { samples: 500 });
    const { theta: means } = batch.mean();
    const { theta: sds } = batch.sd();
    const off = exactMeans.map((mean, i) => ((means[i] ?? 0) - mean) / exactSd);
    const rmse = Math.sqrt(off.reduce((sum, z) => sum + z * z, 0) / off.length);
    // A twentieth is of 500 draws; the rest of 1,800 simulations, which leave about as much to any method.
    expect(rmse).toBeLessThan(0.2);
    const spread = sds.reduce((sum, sd) => sum + sd / exactSd, 0) / sds.length;
    expect(Math.abs(spread - 1)).toBeLessThan(0.08);
    const losses = estimator.details.training.history.map(({ validationLoss }) => validationLoss);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  });

  test("answers as its file does", async () => {
    const again = await load(await estimator.toBytes());
    expect(again.details.description).toEqual(estimator.details.description);
    await again.release();
  });

  test("has log-densities near the exact ones", async () => {
    const { rows, exactMeans, parameters } = await fresh(40);
    let total = 0;
    for (const [i, y] of rows.entries()) {
      const theta = parameters[i] ?? 0;
      const posterior = await estimator.given({ y }, { samples: 2 });
      const exact =
        -0.5 * ((theta - (exactMeans[i] ?? 0)) / exactSd) ** 2 -
        Math.log(exactSd * Math.sqrt(2 * Math.PI));
      total += (await posterior.logDensity({ theta })) - exact;
    }
    expect(Math.abs(total / rows.length)).toBeLessThan(0.06);
  });
});

test("members count alike, since their losses are no log-densities", async () => {
  const both = await train(
    npe(model, {
      density: flowMatching({ field, steps: 4 }),
      summary: rawSummary(),
      members: 2,
    }),
    { ...training, simulations: 300, epochs: 2 },
  );
  expect(both.details.training.members?.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
  const { theta } = (await both.given({ y: [0, 0, 0, 0] }, { samples: 10 })).mean();
  expect(theta).toBeLessThan(1);
  await both.release();
});
