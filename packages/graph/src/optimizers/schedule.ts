/**
 * Learning-rate schedules: functions of the step.
 */
import { InvalidArgumentError } from "../errors.js";

/** The learning rate at a step, counted from 1. */
export type Schedule = (step: number) => number;

/** The same rate throughout. */
export function constantSchedule(rate: number): Schedule {
  return () => rate;
}

/** Settings of a warm-up followed by a cosine decay. */
export interface CosineOptions {
  /** The highest rate. */
  readonly peak: number;
  /** Steps in all. */
  readonly steps: number;
  /** Steps of linear warm-up from zero. */
  readonly warmUp?: number;
  /** The last rate, as a share of the peak. */
  readonly floor?: number;
}

/**
 * Linear warm-up, then a half cosine from the peak to `floor` · peak (Loshchilov & Hutter 2017, arXiv 1608.03983).
 *
 * @throws InvalidArgumentError where the warm-up is longer than the whole.
 */
export function warmUpCosine({ peak, steps, warmUp = 0, floor = 0 }: CosineOptions): Schedule {
  if (warmUp > steps || warmUp < 0) {
    throw new InvalidArgumentError(
      `warmUpCosine: a warm-up of ${warmUp} steps does not fit into ${steps} steps`,
    );
  }
  return (step) => {
    if (step <= warmUp) return (peak * step) / Math.max(warmUp, 1);
    const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}
