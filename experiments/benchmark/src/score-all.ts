/**
 * Scores samples of many observations, several at once, each in a thread of its own.
 */
import { Worker } from "node:worker_threads";
import type { Observation } from "./observations.js";
import { scoreSamples, type ClassifierName, type Scores } from "./scores.js";

/** What a thread is given. */
export interface ScoringOrder {
  readonly observation: Observation;
  /** [n, p] */
  readonly samples: Float32Array;
  readonly p: number;
  readonly classifiers: readonly ClassifierName[];
}

/** What a thread says. */
export type FromScorer =
  | { readonly type: "progress"; readonly fraction: number }
  | { readonly type: "done"; readonly scores: Scores };

/** How many are scored at once, and who is told. */
export interface ScoreAllOptions {
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  /** How far all of them are, of 1. */
  readonly onProgress: (fraction: number) => void;
  /** Each score as it comes. */
  readonly onScores: (scores: Scores) => Promise<void>;
}

/** Scores all orders; one at a time, where one job is asked for, without another thread. */
export async function scoreAll(
  orders: readonly ScoringOrder[],
  { jobs, signal, onProgress, onScores }: ScoreAllOptions,
): Promise<void> {
  const fractions = orders.map(() => 0);
  const waiting = [...orders.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, order] = next;
      signal?.throwIfAborted();
      const tell = (fraction: number): void => {
        fractions[at] = fraction;
        onProgress(fractions.reduce((a, b) => a + b, 0) / orders.length);
      };
      const one = jobs === 1 ? scoreHere(order, signal, tell) : scoreInThread(order, signal, tell);
      await onScores(await one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, orders.length) }, work));
}

function scoreHere(
  { observation, samples, p, classifiers }: ScoringOrder,
  signal: AbortSignal | undefined,
  onProgress: (fraction: number) => void,
): Promise<Scores> {
  return scoreSamples(observation, samples, p, { classifiers, signal, onProgress });
}

async function scoreInThread(
  order: ScoringOrder,
  signal: AbortSignal | undefined,
  onProgress: (fraction: number) => void,
): Promise<Scores> {
  const worker = new Worker(new URL("score-worker.js", import.meta.url), { workerData: order });
  const stop = (): void => {
    void worker.terminate();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<Scores>((resolve, reject) => {
      worker.on("message", (message: FromScorer) => {
        if (message.type === "done") resolve(message.scores);
        else onProgress(message.fraction);
      });
      worker.on("error", reject);
      worker.on("exit", () => {
        // After a result this says nothing any more.
        reject(signal?.aborted === true ? asError(signal.reason) : new Error("a scorer has ended"));
      });
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
