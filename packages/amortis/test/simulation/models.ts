/** Models for the tests of simulation: in a module of their own, so that workers can load them. */
import { normal, uniform } from "../../src/distributions/index.js";
import { defineModel, type AnyModel } from "../../src/model/index.js";

export const coin = defineModel({
  name: "coin",
  parameters: { bias: uniform(0, 1) },
  data: { heads: [] },
  simulate: ({ bias }, random) => ({ heads: random.binomial(10, bias) }),
  module: import.meta.url,
});

export const crashing = defineModel({
  name: "crashing",
  parameters: { a: uniform(0, 1) },
  data: { x: [2] },
  simulate: ({ a }, random) => {
    if (a < 0.3) throw new RangeError("too small");
    return { x: [random.uniform(), a] };
  },
  module: import.meta.url,
});

/** Returns another shape than it says. */
export const misfit = defineModel({
  name: "misfit",
  parameters: { a: uniform(0, 1) },
  data: { x: [2] },
  simulate: () => ({ x: [1, 2, 3] }),
  module: import.meta.url,
});

/** Says that it is here, but is not found by its name. */
export function unexported(): AnyModel {
  return defineModel({
    name: "unexported",
    parameters: { a: uniform(0, 1) },
    data: { x: [] },
    simulate: ({ a }) => ({ x: a }),
    module: import.meta.url,
  });
}

/** Ends the thread that runs it. */
export const exiting = defineModel({
  name: "exiting",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: () => process.exit(3),
  module: import.meta.url,
});

/** Takes about half a millisecond. */
export const slow = defineModel({
  name: "slow",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: (_, random) => {
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += random.uniform();
    return { x: sum };
  },
  module: import.meta.url,
});

/** Two parameters, two arrays, and a tenth of the simulations invalid. In this thread alone. */
export const pair = defineModel({
  name: "pair",
  parameters: { a: uniform(0, 1), b: normal(0, 1) },
  data: { x: [2, 3], count: [] },
  simulate: ({ a, b }, random) => {
    if (a < 0.1) throw new Error("a is too small");
    return { x: [a, b, 1, 2, 3, random.normal()], count: random.poisson(4) };
  },
});

/** As `crashing`, asynchronously. */
export const patient = defineModel({
  name: "patient",
  parameters: { a: uniform(0, 1) },
  data: { x: [2] },
  simulate: async ({ a }, random) => {
    await Promise.resolve();
    if (a < 0.3) throw new RangeError("too small");
    const x = random.uniform();
    if (a > 0.9) await new Promise((resolve) => void setTimeout(resolve, 1));
    return { x: [x, a] };
  },
  module: import.meta.url,
});

/** Never answers. */
export const silent = defineModel({
  name: "silent",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: () => new Promise<{ x: number }>(() => {}),
  module: import.meta.url,
});

/** Never returns. */
export const endless = defineModel({
  name: "endless",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: () => {
    for (;;);
  },
  module: import.meta.url,
});

/** Throws once it has answered. */
export const throwingLate = defineModel({
  name: "throwingLate",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: async ({ a }) => {
    setTimeout(() => {
      throw new Error("too late");
    });
    await new Promise((resolve) => void setTimeout(resolve));
    return { x: a };
  },
  module: import.meta.url,
});

/** Leaves a promise that is rejected. */
export const rejectingLate = defineModel({
  name: "rejectingLate",
  parameters: { a: uniform(0, 1) },
  data: { x: [] },
  simulate: ({ a }) => {
    void Promise.reject(new Error("too late"));
    return { x: a };
  },
  module: import.meta.url,
});

/** In no module that workers could load it from. */
export const inline = defineModel({
  name: "inline",
  parameters: { a: uniform(0, 1) },
  data: { x: [3], count: [] },
  simulate: ({ a }, random) => ({ x: [a, random.normal(), random.normal()], count: 2 }),
});
