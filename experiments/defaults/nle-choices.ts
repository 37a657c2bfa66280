/**
 * The choices that make the defaults of `nle`.
 */
import { nle, splineAutoregressive, splineCoupling, type AnyModel } from "amortis";
import type { Choice } from "./choices.js";

/** The general settings of training, in the place of a method's own. */
const general = {
  learningRate: 5e-4,
  averaging: 0,
  batch: 64,
  patience: 15,
  weightDecay: 0.5,
} as const;

/** By name. */
export const nleChoices: Readonly<
  Record<string, (model: AnyModel, simulations: number) => Choice>
> = {
  /** 60 epochs at most, or 12,000 steps, at a learning rate of 5e-4: the default of version 0.1. */
  general: (model, simulations) => ({
    method: nle(model),
    options: { ...general, epochs: Math.min(60, Math.max(8, Math.round(768_000 / simulations))) },
  }),
  default: (model) => ({ method: nle(model), options: {} }),
  /** Held back less, and more. */
  decay01: (model, simulations) => ({
    method: nle(model),
    options: { weightDecay: 100 / simulations },
  }),
  decay3: (model, simulations) => ({
    method: nle(model),
    options: { weightDecay: 3_000 / simulations },
  }),
  /** Other flows. */
  silu: (model) => ({
    method: nle(model, { density: splineAutoregressive({ activation: "silu" }) }),
    options: {},
  }),
  coupling: (model) => ({
    method: nle(model, {
      density: splineCoupling({ hidden: [48, 48], layers: 8, activation: "silu" }),
    }),
    options: {},
  }),
};
