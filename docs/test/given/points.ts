/** A point estimator of a mean of many numbers. */
import { defineModel, nbe, normal, set, train } from "amortis";

export const model = defineModel({
  name: "many",
  parameters: { mu: normal(0, 1) },
  data: { y: set({ upTo: 40 }) },
  simulate: ({ mu }, random) => ({ y: Array.from({ length: 40 }, () => mu + random.normal()) }),
});

export const estimator = await train(nbe(model), {
  simulations: 200,
  epochs: 1,
  workers: 0,
  progress: false,
});

export const y = Array.from({ length: 40 }, (_, i) => Math.sin(7 * i));
