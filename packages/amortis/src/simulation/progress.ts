/**
 * How simulating comes along.
 */

/** Where simulating stands. */
export interface SimulationProgress {
  /** Simulations done, the invalid ones included. */
  readonly done: number;
  readonly total: number;
  /** Invalid ones so far. */
  readonly invalid: number;
  /** Simulations a second, on average since this run began. */
  readonly rate: number;
  /** At that rate. */
  readonly secondsLeft: number;
}

/** Reports are this many milliseconds apart, or more. */
const INTERVAL = 100;

/** Counts, and reports now and then, and at the end. */
export class ProgressReporter {
  readonly #report: ((progress: SimulationProgress) => void) | undefined;
  readonly #total: number;
  readonly #started = performance.now();
  readonly #before: number;
  #done: number;
  #invalid = 0;
  #last = -Infinity;

  /** @param before simulations done by an earlier run. */
  constructor(
    total: number,
    report: ((progress: SimulationProgress) => void) | undefined,
    before = 0,
  ) {
    this.#total = total;
    this.#report = report;
    this.#before = before;
    this.#done = before;
  }

  /** Notes simulations done. */
  add(count: number, invalid: number): void {
    this.#done += count;
    this.#invalid += invalid;
    const now = performance.now();
    const finished = this.#done >= this.#total;
    if (this.#report === undefined || (!finished && now - this.#last < INTERVAL)) return;
    this.#last = now;
    const rate = (this.#done - this.#before) / Math.max((now - this.#started) / 1000, 1e-9);
    this.#report({
      done: this.#done,
      total: this.#total,
      invalid: this.#invalid,
      rate,
      secondsLeft: rate > 0 ? (this.#total - this.#done) / rate : Infinity,
    });
  }
}
