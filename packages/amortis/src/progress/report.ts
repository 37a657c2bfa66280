/**
 * Where a training stands, as whoever watches it is told.
 */
import type { SimulationProgress } from "../simulation/progress.js";

/** Why training ended: all epochs done, early stopping, the signal, or a loss that was no number. */
export type EndedBy = "complete" | "patience" | "interrupted" | "diverged";

/** Where training stands; `emulating` is the training of an emulator, whose epochs and steps are meant then. */
export interface TrainingReport {
  readonly phase: "simulating" | "compiling" | "emulating" | "training" | "done";
  /**
   * Of an ensemble: which network is in training, from 1, and how many there are; the epochs and steps are its own. Where several are trained at once, the first of
   * them is told of.
   */
  readonly network?: number;
  readonly networks?: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** Mean over the latest stretch of steps. */
  readonly trainingLoss?: number;
  /** After the latest epoch. */
  readonly validationLoss?: number;
  readonly bestValidationLoss?: number;
  readonly secondsElapsed: number;
  /** By the present rate, were no epoch saved by early stopping. */
  readonly secondsLeft: number;
  /** While simulating. */
  readonly simulated?: Pick<SimulationProgress, "done" | "total" | "invalid" | "rate">;
  /** Why it ended, once done. */
  readonly endedBy?: EndedBy;
}
