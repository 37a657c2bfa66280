/** One replicate, and thirteen of them. */
import { defineModel, normal } from "amortis";

export const one = defineModel({
  name: "one",
  parameters: { theta: normal(0, 1) },
  data: { y: [3] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: 3 }, () => theta + random.normal()),
  }),
});

export const rows = Array.from({ length: 13 }, (_, i) => [0.1 * i, 0.5, -0.1 * i]);
