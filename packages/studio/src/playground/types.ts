/**
 * What the page, the checker of types and the trainer tell each other.
 */
import type { TrainingReport } from "amortis";

/** A fault in the code, by places in its text. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly message: string;
  readonly severe: boolean;
}

/** Code that was looked at. */
export interface Checked {
  readonly faults: readonly Fault[];
  /** JavaScript, with imports of the library by their address. */
  readonly javascript: string;
}

/** What might follow at a place. */
export interface Completion {
  readonly label: string;
  readonly kind: string;
}

/** What the checker of types can do. */
export interface CheckerCalls {
  /** Files of types, by path, and the address of the library's module. */
  start(given: {
    readonly files: Readonly<Record<string, string>>;
    readonly library: string;
  }): void;
  check(code: string): Checked;
  complete(asked: { readonly code: string; readonly at: number }): readonly Completion[];
  hover(asked: { readonly code: string; readonly at: number }): string | undefined;
}

/** How long to train. */
export interface TrainingAsked {
  readonly javascript: string;
  readonly simulations: number;
  readonly epochs: number;
  readonly seed: number;
}

/** After an epoch: losses, calibration so far, and the posterior of a data set held out. */
export interface EpochNews {
  readonly kind: "epoch";
  readonly epoch: number;
  readonly trainingLoss: number;
  readonly validationLoss: number;
  /** Ranks of true parameters of simulations held out, [simulations, p]. */
  readonly ranks: Float64Array;
  /** Draws of the posterior of one simulation held out, [draws, p]. */
  readonly draws: Float64Array;
  readonly names: readonly string[];
  readonly truth: readonly number[];
}

export interface ProgressNews {
  readonly kind: "progress";
  readonly report: TrainingReport;
}

export type TrainingNews = EpochNews | ProgressNews;

/** What the trainer can do. */
export interface TrainerCalls {
  train(asked: TrainingAsked): Uint8Array;
}
