import { defineModel, normal } from "amortis";

/** Takes about a millisecond; a tenth is invalid. */
export const steps = defineModel({
  name: "steps",
  parameters: { mu: normal(0, 1) },
  data: { y: [8] },
  simulate: ({ mu }, random) => {
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += random.uniform();
    if (sum < 0 || random.uniform() < 0.1) throw new Error("no luck");
    return { y: Array.from({ length: 8 }, () => mu + random.normal()) };
  },
  module: import.meta.url,
});
