/** Trainings of a search that others do: the search is the one that it is at home. */
import { expect, test } from "vitest";
import {
  defineModel,
  normal,
  openTrials,
  simulate,
  tune,
  type TrialRecord,
  type TuneOptions,
} from "../../src/index.js";
import type { TrialAsked } from "../../src/tuning/index.js";

const model = defineModel({
  name: "line",
  parameters: { theta: normal(0, 1) },
  data: { x: [2] },
  simulate: ({ theta }, random) => ({ x: [theta + random.normal(), theta + random.normal()] }),
});
const data = await simulate(model, { simulations: 300, seed: 3, workers: 0 });

const settings = {
  data,
  trials: 5,
  seed: 1,
  threads: 1,
  configuration: { method: "npe", density: "gaussian", training: { epochs: 6, batch: 64 } },
  onWarning: () => {},
} satisfies TuneOptions;

const timeless = (trials: readonly TrialRecord[]): readonly TrialRecord[] =>
  trials.map((trial) => ({ ...trial, seconds: 0 }));

test("it has the bits of home, whoever trains and whenever they are done", async () => {
  const home = await tune(model, settings);
  const trials = await openTrials(model, settings);
  const asked: TrialAsked[] = [];
  let [under, most] = [0, 0];
  const apart = await tune(model, {
    ...settings,
    trainings: {
      width: 3,
      train: async (one, signal) => {
        asked.push(one);
        most = Math.max(most, ++under);
        const bytes = await trials.run(one, signal).finally(() => under--);
        // The later ones come first.
        await new Promise((resolve) => setTimeout(resolve, 300 / (1 + one.contestant)));
        return bytes;
      },
    },
  });
  expect(most).toBe(3);
  expect(timeless(apart.report.trials)).toEqual(timeless(home.report.trials));
  expect({ ...apart.report, trials: [], seconds: 0 }).toEqual({
    ...home.report,
    trials: [],
    seconds: 0,
  });
  expect(apart.estimator.contents.weights).toEqual(home.estimator.contents.weights);
  // Nothing is trained twice, and no more than there is room for but for what the end leaves over.
  const names = asked.map(({ contestant, rung }) => `${contestant}-${rung}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeLessThan(5 + 3);
  await Promise.all([home.estimator.release(), apart.estimator.release()]);
});

test("other searches, and what is no training, are refused", async () => {
  const other = await openTrials(model, { ...settings, seed: 2 });
  const by = (train: (asked: TrialAsked) => Promise<Uint8Array>) =>
    tune(model, { ...settings, trainings: { width: 2, train } });
  await expect(by((asked) => other.run(asked))).rejects.toThrow(
    "the search is another than that of who asks",
  );
  await expect(by(async () => new Uint8Array(3))).rejects.toThrow(
    /the training of contestant 0 is damaged/u,
  );
  const own = await openTrials(model, settings);
  await expect(by((asked) => own.run({ ...asked, contestant: 1, rung: 0 }))).rejects.toThrow(
    "of another contestant",
  );
  await expect(
    tune(model, { ...settings, trainings: { width: 0, train: async () => new Uint8Array() } }),
  ).rejects.toThrow("width must be a whole number of trainings from 1 on, but is 0");
});
