/** A line through noise, as a user defines it. */
import { defineModel, normal, uniform } from "amortis";

declare global {
  // No types of a host are installed: what this model needs of it, it says.
  interface ImportMeta {
    readonly url: string;
  }
}

export const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0.1, 1) },
  data: { y: [8] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 8 }, (_, i) => (slope * i) / 8 + noise * random.normal()),
  }),
  module: import.meta.url,
});
