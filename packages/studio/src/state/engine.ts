/**
 * The worker that answers, started once.
 */
import { connect, type Remote } from "../protocol/rpc.js";
import type { AnswerCalls } from "../protocol/types.js";

let started: Remote<AnswerCalls> | undefined;

/** Its calls. */
export function engine(): Remote<AnswerCalls> {
  started ??= connect<AnswerCalls>(
    new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" }),
  );
  return started;
}
