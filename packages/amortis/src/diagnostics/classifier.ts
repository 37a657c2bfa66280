import type { StopSignal } from "../stop-signal.js";
/**
 * Classifiers that tell two samples apart.
 */

/** Rows with a label each. */
export interface LabelledRows {
  /** [n, d], row-major. */
  readonly x: Float32Array;
  /** [n], zeros and ones. */
  readonly labels: Uint8Array;
  readonly d: number;
}

/** What a classifier says of test rows. */
export interface Classified {
  /** [m], zeros and ones. */
  readonly labels: Uint8Array;
  /** [m], larger for rows that look more like label one. */
  readonly scores: Float64Array;
  /** Epochs it was trained for, where it has any. */
  readonly epochs?: number;
}

/** How a classifier is trained. */
export interface ClassifyOptions {
  readonly seed: number;
  readonly signal?: StopSignal | undefined;
}

/** A classifier of two classes, trained anew for each call. */
export interface Classifier {
  readonly name: string;
  /** Learns from rows, and labels others, [m, d]. */
  classify(
    training: LabelledRows,
    test: Float32Array,
    options: ClassifyOptions,
  ): Promise<Classified>;
  /** Frees what it holds; it may be used again. */
  release(): Promise<void>;
}
