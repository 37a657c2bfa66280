/** Estimators as they are after each epoch. */
import { expect, it } from "vitest";
import { defineModel, load, normal, npe, splineCoupling, train } from "../../src/index.js";

const model = defineModel({
  name: "normal-mean",
  parameters: { mu: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ mu }, random) => ({ y: [mu + random.normal(), mu + random.normal()] }),
});
const method = npe(model, { density: splineCoupling({ layers: 2 }) });
const settings = { simulations: 600, epochs: 4, seed: 3, progress: false, workers: 0 } as const;

it("each epoch has an estimator, and watching changes nothing", async () => {
  const seen: { epoch: number; loss: number; mean: number }[] = [];
  const watched = await train(method, {
    ...settings,
    onSnapshot: async (estimator, epoch) => {
      if (estimator.kind !== "posterior") throw new TypeError("npe answers with posteriors");
      const { history, bestEpoch, bestValidationLoss } = estimator.details.training;
      expect([history.length, bestEpoch]).toEqual([epoch, epoch]);
      const mean = Number((await estimator.given({ y: [1, 2] })).mean()["mu"]);
      // It is a whole estimator: its file answers the same.
      const again = await load(await estimator.toBytes());
      if (again.kind !== "posterior") throw new TypeError("the same kind");
      expect(Number((await again.given({ y: [1, 2] })).mean()["mu"])).toBe(mean);
      seen.push({ epoch, loss: bestValidationLoss, mean });
    },
  });
  const alone = await train(method, settings);
  expect(watched.contents.weights).toEqual(alone.contents.weights);
  expect(seen.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  expect(seen.map(({ loss }) => loss)).toEqual(
    watched.history.map(({ validationLoss }) => validationLoss),
  );
  // The snapshot of the best epoch answers as the estimator does.
  const best = seen[watched.details.training.bestEpoch - 1];
  expect(best?.mean).toBe((await watched.given({ y: [1, 2] })).mean()["mu"]);
});

it("an ensemble has none before its end, and says so", async () => {
  const several = npe(model, { members: 2, density: splineCoupling({ layers: 2 }) });
  await expect(train(several, { ...settings, onSnapshot: () => {} })).rejects.toThrow(
    /onSnapshot is of one network, but this method trains 2/u,
  );
});
