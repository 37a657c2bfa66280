/**
 * Stages: the parts of the comparison, each with a result of its own that is kept.
 */
import type { SimulationProgress, TrainingReport } from "amortis";
import type { ReviewSettings } from "./settings.js";

/** What a stage is doing. */
export type StageDetail =
  | { readonly kind: "training"; readonly report: TrainingReport }
  | { readonly kind: "simulating"; readonly progress: SimulationProgress }
  | {
      readonly kind: "counting";
      readonly what: string;
      readonly done: number;
      readonly total: number;
    };

/** What a stage is given to work with. */
export interface StageContext {
  readonly settings: ReviewSettings;
  readonly seed: number;
  /** Where all results are. */
  readonly directory: string;
  /** Ends the stage early: it then throws, and what it has written is gone on from. */
  readonly signal: AbortSignal;
  /** Says how far the stage is, of 1. */
  report(fraction: number, detail?: StageDetail): void;
}

/** A part of the comparison. */
export interface Stage {
  /** Name of its file. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  /** The settings that its result depends on. */
  settings(settings: ReviewSettings): unknown;
  /** About how long it takes, on two idle cores, to tell how much time is left. */
  seconds(settings: ReviewSettings): number;
  /** Its result, as JSON has it. */
  run(context: StageContext): Promise<unknown>;
}

/** Seconds of training, by what a step and an example of the validation take. */
export function trainingSeconds(
  { epochs, batch }: { readonly epochs: number; readonly batch: number },
  simulations: number,
  secondsPerStep: number,
): number {
  return 4 + 1.1 * epochs * Math.floor(simulations / batch) * secondsPerStep;
}

/** A report from within a part of a stage. */
export function within(
  context: StageContext,
  from: number,
  to: number,
): (fraction: number, detail?: StageDetail) => void {
  return (fraction, detail) => {
    context.report(from + (to - from) * fraction, detail);
  };
}
