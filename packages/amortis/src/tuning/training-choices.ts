/**
 * Settings of training that contestants may have, around those of the default.
 */
import type { Stream } from "../random/index.js";
import type { PlannedTraining } from "../training/planned.js";
import { pick, scaled, type Plain } from "./plain.js";

/** Smallest number of minibatches in an epoch. */
const LEAST_BATCHES = 4;

/**
 * Settings of training.
 *
 * @param usual those that the default is trained with.
 * @param named whether networks are named, for which the trainer would not choose as it does for its own: then all are said.
 */
export function drawTraining(random: Stream, usual: PlannedTraining, named: boolean): Plain {
  const { learningRate, weightDecay, averaging, batch, epochs, patience } = usual;
  const changed = (chance: number): boolean => random.uniform() < chance;
  const rounded = Number(weightDecay.toPrecision(2));
  const longer = pick(random, [0.5, 2]);
  const largest = Math.max(1, Math.floor(usual.training / LEAST_BATCHES));
  return {
    ...(named && { learningRate, weightDecay: rounded, averaging, batch, epochs, patience }),
    ...(changed(0.6) && { learningRate: scaled(random, learningRate, 1 / 4, 4) }),
    // An ensemble's members each have a decay of their own, which one for all would take from them.
    ...(changed(named ? 0.6 : 0.2) && {
      weightDecay: scaled(random, Math.max(weightDecay, 1e-3), 0.1, 30),
    }),
    ...(changed(0.3) && { averaging: pick(random, [0, 0.99, 0.995]) }),
    ...(changed(0.3) && { batch: Math.min(largest, pick(random, [32, 64, 128, 256])) }),
    ...(changed(0.3) && {
      epochs: Math.max(1, Math.round(epochs * longer)),
      patience: Math.max(1, Math.round(patience * longer)),
    }),
  };
}
