/** Settings of training by the number of simulations. */
import { describe, expect, it, test } from "vitest";
import { defineModel, nle, normal, type NleOptions } from "../../src/index.js";
import type { Budget } from "../../src/methods/method.js";
import { densityTraining } from "../../src/methods/usual-training.js";
import { resolveSettings } from "../../src/training/options.js";
import { plannedTraining } from "../../src/training/planned.js";

const model = defineModel({
  name: "trials",
  parameters: { theta: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: 4 }, () => theta + random.normal()),
  }),
});

describe("training of a density", () => {
  it.each([
    [50, 200],
    [1_000, 200],
    [10_000, 192],
    [20_000, 96],
    [100_000, 77],
    [1_000_000, 20],
  ])("of %i simulations takes %i epochs: 30,000 steps, if these are 20 to 200", (n, epochs) => {
    const settings = densityTraining(n, 1);
    const steps = (settings.epochs ?? 0) * Math.ceil(n / (settings.batch ?? 1));
    expect(settings).toMatchObject({ epochs, patience: Math.ceil(epochs / 5) });
    expect(steps <= 30_300 || epochs === 20).toBe(true);
  });

  it("is held back by a prior of the weights that simulations outweigh: decay times their number is the same", () => {
    for (const simulations of [100, 1_000, 100_000]) {
      const { weightDecay = 0 } = densityTraining(simulations, 3);
      expect(weightDecay * simulations).toBeCloseTo(3_000, 9);
    }
  });
});

describe("nle", () => {
  const budget: Budget = { simulations: 1_000, onTheFly: false, fromPrior: true };
  const general = resolveSettings({});
  const learningRateOf = (options: NleOptions, own: Partial<Budget> = {}): number => {
    const method = nle(model, options);
    const sized = method.sized?.({ ...budget, ...own }) ?? method;
    const settings = sized.ensemble?.members.map((member) => member.settings) ?? [sized.usual];
    const rates = new Set(settings.map((each) => each?.learningRate ?? general.learningRate));
    expect(rates.size).toBe(1);
    return Math.max(...rates);
  };

  test("is trained so, each of its members too", () => {
    const { learningRate } = densityTraining(1_000, 1);
    expect(learningRateOf({})).toBe(learningRate);
    expect(learningRateOf({ members: 2 })).toBe(learningRate);
    expect(plannedTraining(nle(model), {}, 1_000)).toMatchObject(densityTraining(1_000, 1));
  });

  test("has the general settings for trials, and for simulations that are made for every step", () => {
    expect(learningRateOf({ replicates: true })).toBe(general.learningRate);
    expect(learningRateOf({}, { onTheFly: true })).toBe(general.learningRate);
    expect(() => nle(model, { members: 2 }).sized?.({ ...budget, onTheFly: true })).toThrow(
      /nle: 2 members/,
    );
  });

  test("takes what the user says", () => {
    expect(plannedTraining(nle(model), { epochs: 3, weightDecay: 0.2 }, 1_000)).toMatchObject({
      epochs: 3,
      weightDecay: 0.2,
      learningRate: 2e-3,
    });
  });
});
