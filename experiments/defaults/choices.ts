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
  splineAutoregressive,
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

/** For about 20,000 steps of 64, of as many simulations as an emulator would make: what flows can learn at all. */
const endless = (simulations: number) =>
  ({
    ...fast,
    epochs: Math.max(1, Math.round(1_280_000 / simulations)),
    batch: 64,
    weightDecay: 0.01,
    calibrate: false,
  }) as const;
const coupling = splineCoupling({ layers: 6, hidden: [48, 48], activation: "silu" });
const autoregressive = splineAutoregressive({ layers: 3, activation: "silu" });
const beside = mlpSummary({ activation: "silu", skip: true });

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
  /** With `--simulations 150000`: flows of the data alone, and with a learned summary beside them. */
  coupling: (model, n) => ({
    method: npe(model, { density: coupling, summary: rawSummary() }),
    options: endless(n),
  }),
  couplingSummary: (model, n) => ({
    method: npe(model, { density: coupling, summary: beside }),
    options: endless(n),
  }),
  autoregressive: (model, n) => ({
    method: npe(model, { density: autoregressive, summary: rawSummary() }),
    options: endless(n),
  }),
  autoregressiveSummary: (model, n) => ({
    method: npe(model, { density: autoregressive, summary: beside }),
    options: endless(n),
  }),
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
