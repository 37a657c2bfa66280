/**
 * A thread that scores samples of one observation.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { FromScorer, ScoringOrder } from "./score-all.js";
import { scoreSamples } from "./scores.js";

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what score-all.ts gives
const { observation, samples, p, classifiers } = workerData as ScoringOrder;
const say = (message: FromScorer): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
};
const scores = await scoreSamples(observation, samples, p, {
  classifiers,
  onProgress: (fraction) => {
    say({ type: "progress", fraction });
  },
});
say({ type: "done", scores });
