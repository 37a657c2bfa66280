/**
 * What a thread is asked, and what it says.
 */
import type { AnswerDocument, ArrayData, TargetOptions } from "amortis/answers";

/** How an answer is to be had: JSON with or without draws, the draws as .npy, or as they are. */
export type Form = "summary" | "draws" | "npy" | "sheet";

/** Options of an answer that requests may have. */
export type QuestionOptions = Pick<
  TargetOptions,
  "samples" | "seed" | "replicates" | "answer" | "method" | "points"
>;

/** What one request asks. */
export interface Question {
  readonly data: Readonly<Record<string, ArrayData>>;
  readonly options: QuestionOptions;
  readonly form: Form;
  /** Draws that are asked for, of all data sets together. */
  readonly draws: number;
}

/** Requests of one estimator that are answered together. */
export interface Batch {
  readonly estimator: string;
  readonly questions: readonly Question[];
}

/** What the check of the data says, in few words. */
export interface Check {
  /** The smallest p-value of the data sets, where the estimator's file can say. */
  readonly typicality?: number;
  readonly warnings: readonly string[];
  /** Data sets that are refused. */
  readonly refused: number;
}

/** One answer. */
export interface Answered {
  readonly check: Check;
  /** JSON, or a .npy file. */
  readonly body?: Uint8Array;
  /** Where asked for as they are. */
  readonly sheet?: {
    readonly document: AnswerDocument;
    readonly shape: readonly number[];
    readonly array: Float32Array | Float64Array;
  };
}

/** Why there is none: whether the data are at fault. */
export interface Failed {
  readonly failed: "data" | "server";
  readonly message: string;
}

/** How one request of a batch ended. */
export type Outcome = Answered | Failed;

/** What a thread has from the beginning. */
export interface ThreadData {
  readonly estimators: readonly {
    readonly name: string;
    readonly digest: string;
    readonly bytes: Uint8Array;
  }[];
  readonly runtime: "wasm" | "native";
}
