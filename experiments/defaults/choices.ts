/**
 * The choices that make the defaults of `npe`, each added to the one before: what was the default, and what has come since.
 */
import {
  diffusion,
  flowMatching,
  meanFlow,
  mlpSummary,
  npe,
  rawSummary,
  splineCoupling,
  type AnyModel,
  type TrainOptions,
} from "amortis";
import type { Method } from "amortis/extend";

/** A method and the settings of its training. */
export interface Choice {
  readonly method: Method;
  readonly options: TrainOptions;
}

/** Training of small flows. */
const fast = { learningRate: 2e-3, averaging: 0.99, epochs: 200, patience: 40 } as const;

const earlier = { trend: "none", density: splineCoupling() } as const;
const trend = { summary: rawSummary(), density: splineCoupling() } as const;

/** By name. */
export const choices: Readonly<Record<string, (model: AnyModel, simulations: number) => Choice>> = {
  /** A learned summary, one flow, a learning rate of 5e-4, 60 epochs at most: the default of version 0.1. */
  earlier: (model) => ({
    method: npe(model, { ...earlier, summary: mlpSummary() }),
    options: {},
  }),
  /** The data as they are in the place of the summary. */
  raw: (model) => ({ method: npe(model, { ...earlier, summary: rawSummary() }), options: {} }),
  /** Longer and faster training, and the average of the weights. */
  longer: (model) => ({
    method: npe(model, { ...earlier, summary: rawSummary() }),
    options: { ...fast, weightDecay: 0.1 },
  }),
  /** From the linear trend on. */
  trend: (model) => ({ method: npe(model, trend), options: { ...fast, weightDecay: 0.1 } }),
  /** The same, held back strongly. */
  decay: (model, simulations) => ({
    method: npe(model, trend),
    options: { ...fast, weightDecay: 3_000 / simulations },
  }),
  /** Three networks that are held back more or less, weighted by stacking. */
  networks: (model) => ({ method: npe(model, { emulations: 0 }), options: {} }),
  /** All of it: networks that learn from emulators among them. */
  default: (model) => ({ method: npe(model), options: {} }),
  /** Densities that are learned by regression: see docs/densities.md. */
  flowMatching: (model) => ({ method: npe(model, { density: flowMatching() }), options: {} }),
  diffusion: (model) => ({ method: npe(model, { density: diffusion() }), options: {} }),
  meanFlow: (model) => ({ method: npe(model, { density: meanFlow() }), options: {} }),
  /** Flow matching for 40 epochs, with times near the data and with times all alike. */
  shortFlowMatching: (model) => ({
    method: npe(model, { density: flowMatching() }),
    options: { epochs: 40 },
  }),
  evenFlowMatching: (model) => ({
    method: npe(model, { density: flowMatching({ emphasis: 1 }) }),
    options: { epochs: 40 },
  }),
};
