/**
 * Exponential moving averages of the weights (Polyak & Juditsky 1992; decay that rises with the steps as in Kingma & Ba 2015, section 7.2).
 *
 *     a ← a + (1 - δₜ) (θ - a),      δₜ = min(δ, (t - 1) / (t + 9))
 *
 * The optimizer goes its own way; the average is a vector beside it, and is what answers.
 */
import { InvalidArgumentError } from "../errors.js";
import { add, mul, sub } from "../operations/elementwise.js";
import type { Optimizer } from "./optimizer.js";

/** Settings of an average. */
export interface AverageOptions {
  /** Share of the average that a step keeps, below one: the average spans about 1 / (1 - decay) steps. */
  readonly decay: number;
}

/**
 * An optimizer that also averages the weights; the average is its last vector.
 *
 * @throws InvalidArgumentError where the decay is not in [0, 1).
 * @example averaged(adamW(), { decay: 0.999 })
 */
export function averaged(optimizer: Optimizer, { decay }: AverageOptions): Optimizer {
  if (!(decay >= 0 && decay < 1)) {
    throw new InvalidArgumentError(`averaged: decay must be in [0, 1), but is ${decay}`);
  }
  return {
    name: `averaged ${optimizer.name}`,
    slots: optimizer.slots + 1,
    scalars: (step, learningRate) => [
      ...optimizer.scalars(step, learningRate),
      1 - Math.min(decay, (step - 1) / (step + 9)),
    ],
    update: (context) => {
      const average = context.slots[optimizer.slots];
      const fresh = context.scalars.at(-1);
      if (!average || !fresh) throw new TypeError("averaged: slots or scalars are missing");
      const { weights, slots } = optimizer.update({
        ...context,
        slots: context.slots.slice(0, -1),
        scalars: context.scalars.slice(0, -1),
      });
      return { weights, slots: [...slots, add(average, mul(sub(weights, average), fresh))] };
    },
  };
}
