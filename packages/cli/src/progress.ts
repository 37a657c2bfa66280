/**
 * Progress on standard error: one live line in a terminal, a plain line now and then in a log.
 */
import { printable, type SimulationProgress, type TrainingReport } from "amortis";
import { count, duration, plural, rate } from "./format.js";

/** Where progress goes. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Seconds between plain lines. */
const PLAIN_SECONDS = 10;
/** Seconds between redrawings of the live line. */
const LIVE_SECONDS = 0.1;

/** Shows how far something is. */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #live: boolean;
  readonly #quiet: boolean;
  #shown = -Infinity;
  #latest = "";
  #printed = "";

  constructor(stream: ProgressStream = process.stderr, quiet = false) {
    this.#stream = stream;
    this.#live = stream.isTTY === true;
    this.#quiet = quiet;
  }

  /** Shows a line in place of the one before, unless that was just now. */
  show(line: string): void {
    if (this.#quiet) return;
    this.#latest = line;
    const now = performance.now() / 1000;
    if (now - this.#shown < (this.#live ? LIVE_SECONDS : PLAIN_SECONDS)) return;
    this.#shown = now;
    this.#draw();
  }

  /** Shows the latest line, and keeps it. */
  finish(): void {
    if (this.#latest === "") return;
    if (this.#latest !== this.#printed) this.#draw();
    if (this.#live) this.#stream.write("\n");
    this.#latest = "";
    this.#printed = "";
    this.#shown = -Infinity;
  }

  /** Prints a line that stays; also where progress is not wanted. */
  note(line: string): void {
    const latest = this.#latest;
    if (this.#live && latest !== "") this.#stream.write("\r\u001B[2K");
    this.#stream.write(`${printable(line)}\n`);
    if (this.#live && latest !== "") this.#draw();
  }

  #draw(): void {
    this.#printed = this.#latest;
    if (!this.#live) {
      this.#stream.write(`${printable(this.#latest)}\n`);
      return;
    }
    // A line that wraps cannot be drawn over.
    const room = Math.max(20, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\u001B[2K${printable(this.#latest).slice(0, room)}`);
  }
}

/** A line on simulating. */
export function simulationLine({
  done,
  total,
  invalid,
  rate: perSecond,
  secondsLeft,
}: SimulationProgress): string {
  const parts = [`simulating  ${count(done)} of ${count(total)}`];
  if (perSecond > 0) parts.push(`${rate(perSecond)}/s`);
  if (invalid > 0) parts.push(`${count(invalid)} invalid`);
  if (done < total && Number.isFinite(secondsLeft)) parts.push(`${duration(secondsLeft)} left`);
  return parts.join("  ");
}

/** A line on training. */
export function trainingLine(report: TrainingReport): string {
  const { phase, simulated, epoch, epochs, step, steps, secondsElapsed } = report;
  if (phase === "simulating") {
    if (simulated === undefined) return "simulating";
    const { done, total, invalid, rate: perSecond } = simulated;
    const secondsLeft = perSecond > 0 ? (total - done) / perSecond : Number.NaN;
    return simulationLine({ done, total, invalid, rate: perSecond, secondsLeft });
  }
  if (phase === "compiling") return "compiling the networks";
  if (phase === "done") {
    return `trained for ${plural(epoch, "epoch")}, ${plural(step, "step")}, in ${duration(secondsElapsed)}${losses(report)}`;
  }
  const now = Math.min(epoch + 1, epochs);
  const parts = [`training  epoch ${now} of ${epochs}  step ${count(step)} of ${count(steps)}`];
  if (report.stepsPerSecond > 0) parts.push(`${rate(report.stepsPerSecond)} steps/s`);
  return `${parts.join("  ")}${losses(report)}  ${duration(report.secondsLeft)} left`;
}

function losses({ trainingLoss, validationLoss, bestValidationLoss }: TrainingReport): string {
  const parts: string[] = [];
  if (trainingLoss !== undefined) parts.push(`loss ${trainingLoss.toFixed(4)}`);
  if (validationLoss !== undefined) {
    const best = bestValidationLoss === undefined ? "" : ` (best ${bestValidationLoss.toFixed(4)})`;
    parts.push(`validation ${validationLoss.toFixed(4)}${best}`);
  }
  return parts.length === 0 ? "" : `  ${parts.join("  ")}`;
}
