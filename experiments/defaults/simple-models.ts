/**
 * Small models whose posteriors are known, and the general settings of training.
 */
import { constant, div, log, mul, square, squeeze, sub, sum, type Tensor } from "@amortis/graph";
import { defineModel, normal, uniform, type AnyModel, type TrainOptions } from "amortis";

const PLACES = Array.from({ length: 20 }, (_, i) => i / 20);

/** log of a normal density but for its constant; of numbers [...]. */
function logNormal(residual: Tensor, sd: Tensor): Tensor {
  return sub(mul(square(div(residual, sd)), -0.5), log(sd));
}

/** By name. */
export const simpleModels: Readonly<Record<string, AnyModel>> = {
  /** A bound cuts posteriors off. */
  bound: defineModel({
    name: "bound",
    parameters: { theta: uniform(-1, 1) },
    data: { x: [] },
    simulate: ({ theta }, random) => ({ x: theta + 0.05 * random.normal() }),
    graphLogLikelihood: ({ theta }, { x }) =>
      mul(square(mul(sub(x, squeeze(theta, [-1])), 1 / 0.05)), -0.5),
  }),
  /** The README's. */
  line: defineModel({
    name: "line",
    parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
    data: { y: [20] },
    simulate: ({ slope, noise }, random) => ({
      y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()),
    }),
    graphLogLikelihood: ({ slope, noise }, { y }) =>
      sum(logNormal(sub(y, mul(slope, constant(PLACES, [20]))), noise), { axes: [-1] }),
  }),
  /** A scale near zero. */
  scale: defineModel({
    name: "scale",
    parameters: { sd: uniform(0, 2) },
    data: { y: [20] },
    simulate: ({ sd }, random) => ({ y: Array.from({ length: 20 }, () => sd * random.normal()) }),
  }),
};

/** As methods without settings of their own are trained. */
export const general = (simulations: number): TrainOptions => ({
  learningRate: 5e-4,
  averaging: 0,
  batch: 64,
  patience: 15,
  weightDecay: 0.5,
  epochs: Math.min(60, Math.max(8, Math.round(768_000 / simulations))),
});
