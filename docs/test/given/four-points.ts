/** A straight line through four points. */
import { defineModel, normal } from "amortis";

export const fourPoints = defineModel({
  name: "four-points",
  parameters: { a: normal(0, 1), b: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ a, b }, random) => ({
    y: [0, 1, 2, 3].map((x) => a + b * x + 0.5 * random.normal()),
  }),
});
