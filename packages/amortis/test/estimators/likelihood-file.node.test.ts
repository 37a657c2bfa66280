/**
 * Files of likelihoods: what is kept in them of typical data is numbers, though there is no learned summary to be near to.
 */
import { expect, it } from "vitest";
import { defineModel, load, normal, nle, train, type AnyModel } from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const scalar = defineModel({
  name: "scalar",
  parameters: { theta: normal(0, 1) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
});

it.each<readonly [string, AnyModel]>([
  ["replicates", conjugateNormal(5).model],
  ["one number", scalar],
])(
  "a likelihood of %s is loaded from its own bytes, with many simulations held out",
  async (_, model) => {
    const fitted = await train(nle(model), {
      simulations: 1_000,
      epochs: 1,
      seed: 1,
      progress: false,
    });
    const loaded = await load(await fitted.toBytes(), { model });
    expect(loaded.kind).toBe("likelihood");
  },
);
