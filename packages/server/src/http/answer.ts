/**
 * A question put to the threads, and its answer as a response.
 */
import type { FastifyReply } from "fastify";
import type { Batcher } from "../queue/batcher.js";
import { Problem } from "../problems.js";
import type { Answered, Question } from "../questions.js";

/** Puts questions to the threads. */
export type Ask = (estimator: string, question: Question, reply: FastifyReply) => Promise<Answered>;

/**
 * What asks a batcher.
 *
 * @param onAnswer hears of each answer.
 */
export function asker(
  batcher: Batcher,
  onAnswer: (estimator: string, answered: Answered) => void,
): Ask {
  return async (estimator, question, reply) => {
    const gone = new AbortController();
    // A client that is gone waits for nothing.
    const onClose = (): void => {
      if (!reply.raw.writableFinished) gone.abort();
    };
    reply.raw.once("close", onClose);
    try {
      const outcome = await batcher.ask(estimator, question, gone.signal);
      if ("failed" in outcome) {
        if (outcome.failed === "data") throw new Problem("bad-data", outcome.message);
        throw new Error(outcome.message);
      }
      onAnswer(estimator, outcome);
      return outcome;
    } finally {
      reply.raw.off("close", onClose);
    }
  };
}
