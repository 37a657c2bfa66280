import { defineModel, uniform } from "amortis";

/** Takes about 0.2 ms. */
export const walk = defineModel({
  name: "walk",
  parameters: { drift: uniform(-1, 1) },
  data: { x: [16] },
  simulate: ({ drift }, random) => {
    let at = 0;
    const x = Array.from({ length: 16 }, () => {
      for (let i = 0; i < 256; i++) at += 0.1 * drift + random.normal();
      return at;
    });
    return { x };
  },
  module: import.meta.url,
});
