import type { TrainingReport } from "../../src/index.js";

/** Options of a training that is interrupted as soon as an epoch is complete. */
export function stopAfter(epoch: number): {
  readonly signal: AbortSignal;
  readonly onProgress: (report: TrainingReport) => void;
} {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress: (report) => {
      if (report.epoch === epoch) stop.abort();
    },
  };
}
