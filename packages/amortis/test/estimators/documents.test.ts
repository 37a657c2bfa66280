/**
 * Documents of answers: what they say of a data set that is refused.
 */
import { expect, test } from "vitest";
import { defineModel, modelPosterior, normal, type DataInput } from "../../src/index.js";
import { posteriorSheet } from "../../src/estimators/documents.js";

const model = defineModel({
  name: "root",
  parameters: { mu: normal(0, 1) },
  data: { y: [] },
  simulate: ({ mu }, random) => ({ y: mu + random.normal() }),
  // No number for negative data.
  logLikelihood: ({ mu }, { y: { 0: y = 0 } }) => -0.5 * (Math.sqrt(y) - mu) ** 2,
});

test("a refused data set has its reason in the place of numbers, and stops no other", async () => {
  const fitted = {
    parameterNames: model.parameterNames,
    givenBatch: (data: DataInput) => modelPosterior(model, data, { samples: 50 }),
  };
  const { document, shape, array } = await posteriorSheet(fitted, { y: [-1, 4] }, {});
  expect(shape).toEqual([2, 50, 1]);
  expect(array.subarray(0, 50).every(Number.isNaN)).toBe(true);
  expect(document.datasets[0]).toEqual({
    status: "refused",
    cause: "the likelihood is no number",
    note: expect.stringMatching(/data set 0 is NaN at mu = /),
  });
  expect(document.datasets[1]?.status).toBe("grid");
  // N(0, 1) and 2 ± 1: a half of each.
  expect(document.datasets[1]?.mean?.mu).toBeCloseTo(1, 1);
});
