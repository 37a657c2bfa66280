/**
 * Models whose plans are held against what trainings took, each with its method and what is asked for.
 */
import { cnn, defineModel, normal, npe, splineCoupling, uniform, type AnyModel } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { twoMoons } from "@amortis/sbibm";

/** A training to be planned. */
export interface Planned {
  readonly method: ReturnType<typeof npe<AnyModel>>;
  /** Nats from the limit, and simulations of the largest short training. */
  readonly target: number;
  readonly pilot: number;
}

const mean = defineModel({
  name: "normal mean",
  parameters: { theta: normal(0, 1) },
  data: { y: [5] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: 5 }, () => theta + random.normal()),
  }),
});

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0.1, 1) },
  data: { y: [10] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 10 }, (_, i) => (slope * i) / 9 + noise * random.normal()),
  }),
});

export const PLANNED: Readonly<Record<string, Planned>> = {
  "normal mean": { method: npe(mean), target: 0.005, pilot: 400 },
  line: { method: npe(line), target: 0.05, pilot: 600 },
  "Gaussian field": {
    method: npe(gaussianField, {
      summary: cnn({ filters: [16, 32], dense: [32] }),
      density: splineCoupling(),
    }),
    target: 0.2,
    pilot: 1000,
  },
  two_moons: { method: npe(twoMoons), target: 0.3, pilot: 600 },
};
