/**
 * Arrays of a model may have any name: programs of training have others.
 */
import { expect, test } from "vitest";
import { defineModel, gaussian, normal, npe, rawSummary, train } from "../../src/index.js";
import { quick } from "./quick.js";

test("an array may be called as what training computes of it", async () => {
  const model = defineModel({
    name: "named",
    parameters: { theta: normal(0, 1) },
    data: { features: [2] },
    simulate: ({ theta }, random) => ({ features: [theta + random.normal(), random.normal()] }),
  });
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const estimator = await train(method, { ...quick, simulations: 128, epochs: 1 });
  expect((await estimator.given({ features: [0, 0] })).mean().theta).toBeTypeOf("number");
  await estimator.release();
});
