/** A coin, whose simulator is worth no worker: a page simulates it in two. */
import { defineModel, uniform } from "amortis";

export const coin = defineModel({
  name: "coin",
  parameters: { p: uniform(0, 1) },
  data: { heads: [1] },
  simulate: ({ p }, random) => ({
    heads: [Array.from({ length: 20 }).filter(() => random.uniform() < p).length],
  }),
});
