/**
 * Reports of a search in progress.
 */
import type { TrainingReport } from "../progress/report.js";
import type { SimulationProgress } from "../simulation/index.js";

/** Where a search stands. */
export interface TuningReport {
  /** Trainings that are done. */
  readonly trials: number;
  /** Of so many, where they are numbered. */
  readonly trialsInAll?: number;
  /** Time that training and scoring took, by earlier runs too, and that they may take. */
  readonly seconds: number;
  readonly secondsInAll?: number;
  /** Who is in training, and for what share of its epochs; 0 is the default. */
  readonly contestant?: number;
  readonly share?: number;
  /** Best score of those that were trained in whole, over the default's, by what contestants are chosen by. */
  readonly lead?: number;
  readonly training?: TrainingReport;
  /** While simulating. */
  readonly simulated?: SimulationProgress;
}
