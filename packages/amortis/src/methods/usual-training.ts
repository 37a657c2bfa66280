/**
 * Training of networks of few numbers, by the number of simulations: fast and long; of the flows that `npe` and `nle` plan themselves held back the more the fewer there are. What it gains over
 * the general settings is in docs/defaults.md.
 */
import type { AnswerKind } from "../estimators/kinds.js";
import type { ArraySpecs } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import type { TrainSettings } from "../settings/training.js";
import type { Budget, Method } from "./method.js";

/** Fast, and averaged over its last hundred steps. */
export const FAST = { learningRate: 2e-3, averaging: 0.99 } as const;

/** Simulations from which minibatches are larger. */
const MANY = 30_000;

/** Steps that are enough. */
const STEPS = 30_000;

/** Simulations at which `weightDecay` is as said: it stands for a prior of the weights, which more simulations outweigh. */
const DECAY_AT = 1_000;

/** Examples in a minibatch. */
export function usualBatch(simulations: number): number {
  return simulations < MANY ? 64 : 256;
}

/** Numbers of a data set up to which they are few. */
export const FEW = 128;

/** Whether all arrays are plain numbers, and few: neither grids nor series nor sets. */
export function areFew(specs: ArraySpecs, most = FEW): boolean {
  const all = Object.values(specs);
  const plain = all.every(
    ({ kind, shape }) => kind === "vector" || (kind === "array" && shape.length < 2),
  );
  return plain && all.reduce((total, { shape }) => total + sizeOf(shape), 0) <= most;
}

/** Settings for so many simulations, with the weight decay of the general ones: networks that make means and quantiles of noisy data need it at any number. */
export function longTraining(simulations: number): Partial<TrainSettings> {
  const batch = usualBatch(simulations);
  const epochs = Math.min(200, Math.max(20, Math.round((STEPS * batch) / simulations)));
  return { ...FAST, batch, epochs, patience: Math.ceil(epochs / 5) };
}

/**
 * Settings for densities and ratios that are learned from so many simulations.
 *
 * @param decay weight decay for a thousand simulations.
 */
export function densityTraining(simulations: number, decay = 1): Partial<TrainSettings> {
  return { ...longTraining(simulations), weightDecay: (decay * DECAY_AT) / simulations };
}

/**
 * A method that is trained for long where its data are few numbers, and by the general settings elsewhere and where simulations are drawn anew.
 *
 * @param specs of the data that its networks see.
 * @param training settings for so many simulations.
 * @param build the method, trained by such settings where the user says nothing else.
 */
export function trainedForLong<M extends AnyModel, K extends AnswerKind>(
  specs: ArraySpecs,
  training: (simulations: number) => Partial<TrainSettings>,
  build: (usual?: Partial<TrainSettings>) => Method<M, K>,
): Method<M, K> {
  const sized = (budget: Budget): Method<M, K> => {
    const fresh = budget.onTheFly || budget.refreshed === true;
    const made = build(fresh || !areFew(specs) ? undefined : training(budget.simulations));
    return made.sized?.(budget) ?? made;
  };
  return { ...build(), sized };
}
