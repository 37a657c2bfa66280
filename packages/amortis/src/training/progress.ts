/**
 * Reports of training in progress.
 */
import type { TrainingReport } from "../progress/report.js";

/** Keeps the clock and the counts, and reports. */
export class ProgressMeter {
  readonly #report: ((report: TrainingReport) => void) | undefined;
  readonly #started: number;
  #state: Omit<TrainingReport, "secondsElapsed" | "secondsLeft" | "stepsPerSecond"> = {
    phase: "simulating",
    epoch: 0,
    epochs: 0,
    step: 0,
    steps: 0,
  };
  #trainingSince = 0;
  #stepsBefore = 0;

  constructor(report?: (report: TrainingReport) => void, started = performance.now()) {
    this.#report = report;
    this.#started = started;
  }

  /** A meter of one of several networks, whose reports are those of the whole while it is the one to watch. */
  ofNetwork(network: number, networks: number, watched: () => boolean): ProgressMeter {
    const own = new ProgressMeter((report) => {
      if (!watched()) return;
      this.#state = report;
      this.#report?.(report);
    }, this.#started);
    own.#state = { ...this.#state, network, networks };
    return own;
  }

  get secondsElapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Notes changes and reports. */
  update(changes: Partial<TrainingReport>): void {
    if (changes.phase === "training" && this.#state.phase !== "training") {
      this.#trainingSince = performance.now();
      this.#stepsBefore = changes.step ?? this.#state.step;
    }
    this.#state = { ...this.#state, ...changes };
    if (changes.phase !== undefined && changes.phase !== "simulating") {
      const { simulated: _, ...rest } = this.#state;
      this.#state = rest;
    }
    const seconds = (performance.now() - this.#trainingSince) / 1000;
    const done = this.#state.step - this.#stepsBefore;
    const stepsPerSecond = done > 0 ? done / seconds : 0;
    const left = this.#state.steps - this.#state.step;
    this.#report?.({
      ...this.#state,
      stepsPerSecond,
      secondsElapsed: this.secondsElapsed,
      secondsLeft: stepsPerSecond > 0 ? left / stepsPerSecond : Number.NaN,
    });
  }
}
