/** Contestants: what is drawn can be built, and depends on seed and number alone. */
import { describe, expect, test } from "vitest";
import {
  defaultSummary,
  defineModel,
  grid,
  methodOf,
  normal,
  readConfiguration,
  set,
  type AnyModel,
  type DataSpec,
} from "../../src/extend.js";
import { plannedTraining } from "../../src/training/planned.js";
import { contestant, type Field } from "../../src/tuning/contestants.js";
import { densityChoices } from "../../src/tuning/density-choices.js";
import { methodChoices } from "../../src/tuning/method-choices.js";
import type { Plain } from "../../src/tuning/plain.js";
import { summaryChoices } from "../../src/tuning/summary-choices.js";

function modelOf(data: DataSpec): AnyModel {
  return defineModel({
    name: "any",
    parameters: { a: normal(0, 1), b: normal(0, 1) },
    data,
    simulate: () => ({}),
  });
}
const models: Readonly<Record<string, AnyModel>> = {
  mlpSummary: modelOf({ x: [3] }),
  cnn: modelOf({ z: grid(8, 8) }),
  deepSet: modelOf({ trials: set({ upTo: 5 }) }),
};
const numbers = modelOf({ x: [3] });

/** Builds the method: whatever is wrong throws. */
async function built(configuration: Plain, model: AnyModel) {
  return methodOf(readConfiguration(configuration), model);
}

async function fieldOf(model: AnyModel, base: Plain, method = "npe"): Promise<Field> {
  const usual = {
    [method]: plannedTraining(await built({ ...base, method }, model), {}, 1_000),
  };
  return { base, methods: [method], data: model.dataSpecs, usual, seed: 4 };
}

describe("what may be drawn", () => {
  test("is valid, each by itself", async () => {
    for (const [kind, choices] of Object.entries(densityChoices)) {
      for (const [name, values] of Object.entries(choices)) {
        for (const value of values) await built({ density: { kind, [name]: value } }, numbers);
      }
    }
    for (const [method, choices] of Object.entries(methodChoices)) {
      for (const [name, values] of Object.entries(choices)) {
        for (const value of values) await built({ method, [name]: value }, numbers);
      }
    }
    for (const [usual, kinds] of Object.entries(summaryChoices)) {
      const model = models[usual];
      if (model === undefined) throw new Error(`there is no model for ${usual}`);
      expect(defaultSummary(model.dataSpecs).describe()).toMatchObject({ kind: usual });
      for (const [kind, choices] of Object.entries(kinds)) {
        for (const [name, values] of Object.entries(choices)) {
          for (const value of values) await built({ summary: { kind, [name]: value } }, model);
        }
      }
    }
  });

  test("is so together", async () => {
    for (const model of Object.values(models)) {
      const field = await fieldOf(model, {});
      for (let k = 1; k <= 100; k++) {
        const drawn = contestant(k, field);
        if (drawn === undefined) throw new Error("something is left to vary");
        const { training, ...configuration } = readConfiguration(drawn);
        const { epochs, batch } = plannedTraining(
          await methodOf(configuration, model),
          training,
          1_000,
        );
        expect(epochs).toBeGreaterThanOrEqual(1);
        // An epoch has some steps left.
        expect(batch).toBeLessThanOrEqual(900 / 4);
      }
    }
  });
});

test("contestants depend on seed and number, and differ", async () => {
  const field = await fieldOf(numbers, {});
  const all = Array.from({ length: 40 }, (_, k) => JSON.stringify(contestant(k, field)));
  expect(new Set(all).size).toBe(40);
  expect(contestant(7, field)).toEqual(contestant(7, await fieldOf(numbers, {})));
  expect(contestant(7, { ...field, seed: 5 })).not.toEqual(contestant(7, field));
});

test("what the base says, all have; the default has nothing else", async () => {
  const base = { density: "gaussian", training: { learningRate: 0.01 } };
  const field = await fieldOf(numbers, base);
  expect(contestant(0, field)).toEqual({ ...base, method: "npe" });
  for (let k = 1; k < 30; k++) {
    const drawn = contestant(k, field);
    expect(drawn).toMatchObject(base);
    expect(drawn).not.toEqual(contestant(0, field));
  }
});
