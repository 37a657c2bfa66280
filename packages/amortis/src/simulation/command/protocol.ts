/**
 * What goes through the pipes of a program.
 */
import type { ExternalOutcome, ExternalRequest } from "../../model/external.js";

/** Reads the answers to some requests. */
export interface AnswerReader {
  /**
   * Takes what the program wrote.
   *
   * @throws JunkError where that is no answer.
   */
  take(bytes: Uint8Array): void;
}

/** A way to ask. */
export interface Protocol {
  /** Whether an answer comes as soon as its simulation is done, so that the first without one is to blame. */
  readonly oneByOne: boolean;
  /** What the program is sent. */
  encode(requests: readonly ExternalRequest[]): Uint8Array;
  /** @param answer is told what came of request i, once for each. */
  read(
    requests: readonly ExternalRequest[],
    answer: (i: number, outcome: ExternalOutcome) => void,
  ): AnswerReader;
}

/** A program wrote what is no answer. */
export class JunkError extends Error {}
