/** Models that web workers simulate in tests: a module of their own, which the worker imports and the page too. */
import { defineModel, normal, uniform } from "../../src/index.js";

export const spring = defineModel({
  name: "spring",
  parameters: { frequency: uniform(0.5, 3), damping: uniform(0, 1) },
  data: { y: [10], count: [] },
  simulate: ({ frequency, damping }, random) => ({
    y: Array.from({ length: 10 }, (_, i) => {
      const swing = Math.cos(2 * Math.PI * frequency * (i / 8));
      return Math.exp((-damping * i) / 8) * swing + 0.2 * random.normal();
    }),
    count: random.poisson(4),
  }),
});

/** Takes its time, and throws where its parameter is small. */
export const crashing = defineModel({
  name: "crashing",
  parameters: { a: uniform(0, 1) },
  data: { x: [2] },
  simulate: async ({ a }, random) => {
    await Promise.resolve();
    if (a < 0.3) throw new RangeError("too small");
    return { x: [random.uniform(), a] };
  },
});

/** Returns another shape than it says. */
export const misfit = defineModel({
  name: "misfit",
  parameters: { a: normal(0, 1) },
  data: { x: [2] },
  simulate: () => ({ x: [1, 2, 3] }),
});

/** Never comes back. */
export const endless = defineModel({
  name: "endless",
  parameters: { a: normal(0, 1) },
  data: { x: [] },
  simulate: ({ a }) => {
    for (;;) if (Number.isNaN(a)) return { x: a };
  },
});

/** Throws where nobody hears it. */
export const unheard = defineModel({
  name: "unheard",
  parameters: { a: normal(0, 1) },
  data: { x: [] },
  simulate: () =>
    new Promise<{ x: number }>(() => {
      setTimeout(() => {
        throw new Error("thrown later");
      });
    }),
});
