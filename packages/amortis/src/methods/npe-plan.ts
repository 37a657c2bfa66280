/**
 * Which networks neural posterior estimation trains where the user names none, and how: one rule, from the sizes of data and parameters and the number of
 * simulations alone. What each choice gains is in docs/defaults.md.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ConditionalDensity } from "../densities/density.js";
import { splineCoupling } from "../densities/index.js";
import type { ArraySpecs } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import {
  defaultSummary,
  rawSummary,
  transformedSpecs,
  type DataTransform,
} from "../networks/index.js";
import type { SummaryNetwork } from "../networks/network.js";
import type { TrainSettings } from "../training/options.js";

/** A summary network and a density that are trained together. */
export interface PlannedNetwork {
  readonly summary: SummaryNetwork;
  readonly density: ConditionalDensity;
  /** Settings of their training, where the user says nothing else. */
  readonly training: Partial<TrainSettings>;
}

/** What the user has named. */
export interface NamedNetworks {
  readonly transform?: DataTransform | undefined;
  readonly summary?: SummaryNetwork | undefined;
  readonly density?: ConditionalDensity | undefined;
  readonly members?: number | undefined;
}

/** Numbers of a data set up to which densities are given them as they are. */
const FEW = 128;

/** Simulations at which `weightDecay` is as said: it stands for a prior of the weights, which more simulations outweigh. */
const DECAY_AT = 1_000;

/** Training of densities given few numbers: fast, and averaged over its last hundred steps. */
const FAST = { learningRate: 2e-3, averaging: 0.99 } as const;

/** Steps that are enough, and simulations from which minibatches are larger. */
const STEPS = 30_000;
const REGRESSION_STEPS = 12_000;
const MANY = 30_000;

/** The networks to train, one or more. */
export function npePlan(
  model: AnyModel,
  { transform, summary, density, members }: NamedNetworks,
  simulations: number,
  onTheFly: boolean,
): readonly PlannedNetwork[] {
  const specs = transformedSpecs(model.dataSpecs, transform);
  const few = summary === undefined && areFew(specs);
  const seen = summary ?? (few ? rawSummary() : defaultSummary(specs));
  const count = members ?? (few && density === undefined && !onTheFly ? 3 : 1);
  if (onTheFly && count > 1) {
    throw new InvalidArgumentError(
      `npe: ${count} members are trained on the same simulations, but onTheFly makes fresh ones for every step: leave out one of the two`,
    );
  }
  return Array.from({ length: count }, (_, k) => ({
    summary: seen,
    density:
      density ?? (few ? smallFlow(k, model.prior.bijection.unconstrainedSize) : splineCoupling()),
    training: onTheFly ? {} : usualTraining(k, few, density, simulations),
  }));
}

/** Whether all arrays are plain numbers, and few: neither grids nor series nor sets. */
function areFew(specs: ArraySpecs): boolean {
  const all = Object.values(specs);
  const plain = all.every(
    ({ kind, shape }) => kind === "vector" || (kind === "array" && shape.length < 2),
  );
  return plain && all.reduce((total, { shape }) => total + sizeOf(shape), 0) <= FEW;
}

/** Flows of d coordinates for member k. */
function smallFlow(k: number, d: number): ConditionalDensity {
  if (k % 3 === 2) return splineCoupling();
  return splineCoupling({
    hidden: [48, 48],
    layers: Math.max(6, 2 * Math.ceil(Math.log2(d))),
    activation: k % 3 === 1 ? "silu" : "relu",
  });
}

/** Settings of member k. */
function usualTraining(
  k: number,
  few: boolean,
  density: ConditionalDensity | undefined,
  simulations: number,
): Partial<TrainSettings> {
  if (density?.loss !== undefined) return regressionTraining(simulations);
  return few && density === undefined ? trainingOf(k, simulations) : {};
}

/** Training of densities that are learned by regression: gradients are noisy, so weights are averaged for long, and they overfit late. */
function regressionTraining(simulations: number): Partial<TrainSettings> {
  const batch = simulations < MANY ? 64 : 256;
  const epochs = Math.min(300, Math.max(20, Math.round((REGRESSION_STEPS * batch) / simulations)));
  return {
    learningRate: 3e-3,
    averaging: 0.999,
    batch,
    epochs,
    patience: Math.max(20, Math.round(epochs / 4)),
    weightDecay: 0.01,
  };
}

/** Members differ in how strongly they are held back: which suits, the data say. */
function trainingOf(k: number, simulations: number): Partial<TrainSettings> {
  const decay = [0.1, 1, 3][k % 3] ?? 1;
  const batch = simulations < MANY ? 64 : 256;
  const epochs = Math.min(200, Math.max(20, Math.round((STEPS * batch) / simulations)));
  return {
    ...FAST,
    batch,
    epochs,
    patience: Math.round(epochs / 5),
    weightDecay: (decay * DECAY_AT) / simulations,
  };
}
