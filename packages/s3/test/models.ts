import { defineModel, normal } from "amortis";

/** Invalid where the slope is large. */
export const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), offset: normal(0, 1) },
  data: { y: [5], last: [] },
  simulate: ({ slope, offset }, random) => {
    if (slope > 1.5) throw new Error("too steep");
    const y = Float64Array.from({ length: 5 }, (_, i) => slope * i + offset + random.normal());
    return { y, last: y[4] ?? 0 };
  },
  module: import.meta.url,
});
