import { defineModel, normal } from "amortis";

/** A line through 1,000 noisy numbers: 8 kB a simulation on disk. */
export const line = defineModel({
  name: "long-line",
  parameters: { slope: normal(0, 1), offset: normal(0, 1) },
  data: { y: [1000] },
  simulate: ({ slope, offset }, random) => {
    const y = new Float64Array(1000);
    random.fillNormal(y);
    for (let i = 0; i < y.length; i++) y[i] = (y[i] ?? 0) + offset + (slope * i) / 1000;
    return { y };
  },
  module: import.meta.url,
});
