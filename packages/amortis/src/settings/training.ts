/**
 * Settings of training, and their defaults: those that a configuration may say, and a method may have its own of.
 */
import * as z from "zod";

/** The settings. */
export const trainingSchema = z.object({
  /** Simulations to train on, validation included. */
  simulations: z.int().min(2).default(20_000),
  /** Share of the simulations held out to choose the best weights. */
  validation: z.number().gt(0).lt(1).default(0.1),
  /** Fresh simulations for every step, made in workers while the network trains. */
  onTheFly: z.boolean().default(false),
  /** Epochs after which the data of all simulations are drawn anew given the same parameters, of which `precompute` of the model is kept. By default never. */
  refreshData: z.int().min(1).optional(),
  /** Epochs after which parameters are drawn anew, and data with them. By default never. */
  refreshParameters: z.int().min(1).optional(),
  seed: z.int().min(0).default(1),
  /** Passes over the training set. By default enough for about 12,000 steps, between 8 and 60. */
  epochs: z.int().min(1).optional(),
  /** Examples in a minibatch; all of them, where there are fewer. */
  batch: z.int().min(1).default(64),
  /** Highest learning rate. */
  learningRate: z.number().gt(0).default(5e-4),
  schedule: z.enum(["cosine", "constant"]).default("cosine"),
  /** Share of the steps in which the learning rate rises from zero. */
  warmUp: z.number().min(0).max(1).default(0.05),
  /** Decoupled weight decay (AdamW). Strong, because a simulator's data are noisy: with 0.01 the summary network learns its training set by heart. */
  weightDecay: z.number().min(0).default(0.5),
  /**
   * Share of the weights' running average that a step keeps; the average is what is validated, kept and answers. 0 for the weights
   * as they are.
   */
  averaging: z.number().min(0).lt(1).default(0),
  /** Largest global norm of a gradient. */
  clipNorm: z.number().gt(0).default(5),
  /** Epochs without a better validation loss after which training stops. */
  patience: z.int().min(1).default(15),
});

/** Settings of training, complete. */
export type TrainSettings = z.infer<typeof trainingSchema>;

/** Settings as users give them. */
export type TrainSettingsInput = z.input<typeof trainingSchema>;

/** How many of so many simulations are held out: two at least, where there are four, for methods that pair data sets with the parameters of others. */
export function heldOut(simulations: number, share: number): number {
  return Math.max(simulations < 4 ? 1 : 2, Math.round(simulations * share));
}

/** Whether simulations are drawn anew while networks learn. */
export function isRefreshed({ refreshData, refreshParameters }: TrainSettings): boolean {
  return refreshData !== undefined || refreshParameters !== undefined;
}
