/**
 * How far something is, in words.
 */
import type { SimulationProgress } from "../simulation/progress.js";
import type { TrainingReport } from "./report.js";

/** Seconds as "8 s", "1:05" or "2:03:04"; "?" where they are not known. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (whole < 60) return seconds < 10 ? `${Number(seconds.toFixed(1))} s` : `${whole} s`;
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** A whole number with its thousands apart: 20,000. */
export function count(n: number): string {
  return Math.round(n).toLocaleString("en-US");
}

/** "1 data set", "2 data sets". */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** A rate a second: 0.35, 8.2, 1,240. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? count(perSecond) : perSecond.toPrecision(2);
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

/** A line on answering. */
export function answeringLine(done: number, total: number, seconds: number): string {
  const left = done < total ? `  ${duration((seconds / done) * (total - done))} left` : "";
  const part =
    total === 1 ? `${Math.round(100 * done)} %` : `${count(done)} of ${count(total)} data sets`;
  return `answering  ${part}${left}`;
}

/** A line on training. */
export function trainingLine(report: TrainingReport): string {
  const { phase, simulated, network, networks, epoch, epochs, step, steps, secondsElapsed } =
    report;
  if (phase === "simulating") {
    if (simulated === undefined) return "simulating";
    const { done, total, invalid, rate: perSecond } = simulated;
    const secondsLeft = perSecond > 0 ? (total - done) / perSecond : Number.NaN;
    return simulationLine({ done, total, invalid, rate: perSecond, secondsLeft });
  }
  if (phase === "compiling") return "compiling the networks";
  if (phase === "done") {
    if (networks !== undefined) {
      return `trained ${networks} networks in ${duration(secondsElapsed)}`;
    }
    return `trained for ${plural(epoch, "epoch")}, ${plural(step, "step")}, in ${duration(secondsElapsed)}${losses(report)}`;
  }
  const now = Math.min(epoch + 1, epochs);
  const which = networks === undefined ? "" : `  network ${network} of ${networks}`;
  const parts = [
    `${phase === "emulating" ? "learning an emulator" : "training"}${which}  epoch ${now} of ${epochs}  step ${count(step)} of ${count(steps)}`,
  ];
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
