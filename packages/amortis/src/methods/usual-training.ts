/**
 * Training of densities by maximum likelihood, by the number of simulations: fast, long, and held back the more the fewer there are. What it gains over the general
 * settings is in docs/defaults.md.
 */
import type { TrainSettings } from "../settings/training.js";

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

/**
 * Settings for so many simulations.
 *
 * @param decay weight decay for a thousand simulations.
 */
export function densityTraining(simulations: number, decay: number): Partial<TrainSettings> {
  const batch = usualBatch(simulations);
  const epochs = Math.min(200, Math.max(20, Math.round((STEPS * batch) / simulations)));
  return {
    ...FAST,
    batch,
    epochs,
    patience: Math.ceil(epochs / 5),
    weightDecay: (decay * DECAY_AT) / simulations,
  };
}
