/**
 * A search in words.
 */
import { count, duration, plural, simulationLine } from "../progress/words.js";
import { trainingLine } from "../progress/index.js";
import type { Plain } from "./plain.js";
import type { TuningReport } from "./progress.js";
import { DEFAULT, FULL, SHARES } from "./racing.js";
import type { Score, TuneReport } from "./report.js";
import type { TrialRecord } from "./trial.js";

/** A line on a search in progress. */
export function tuningLine(report: TuningReport): string {
  const { trials, trialsInAll, seconds, secondsInAll, contestant, share, lead } = report;
  if (report.simulated !== undefined) return simulationLine(report.simulated);
  const parts = [
    `tuning  ${trialsInAll === undefined ? plural(trials, "training") : `training ${trials + 1} of ${count(trialsInAll)}`}`,
    secondsInAll === undefined
      ? duration(seconds)
      : `${duration(seconds)} of ${duration(secondsInAll)}`,
  ];
  if (lead !== undefined) parts.push(`lead ${signed(lead)}`);
  if (contestant !== undefined) {
    parts.push(`${whoAndHow(contestant, share)}:`);
  }
  if (report.training !== undefined) parts.push(trainingLine(report.training));
  return parts.join("  ");
}

/** A training that is done, in a line. */
export function trialInWords(trial: TrialRecord): string {
  const { contestant, rung, configuration, score, seconds, failed } = trial;
  const result = score === null ? `failed: ${failed ?? "no score"}` : score.toFixed(3);
  return `${whoAndHow(contestant, SHARES[rung])}: ${result}, ${duration(seconds)}: ${settingsInWords(configuration)}`;
}

/** "the default", "contestant 3 for 1/9". */
function whoAndHow(contestant: number, share = 1): string {
  const who = contestant === DEFAULT ? "the default" : `contestant ${contestant}`;
  return share < 1 ? `${who} for 1/${Math.round(1 / share)}` : who;
}

/** What a search found, a few lines. */
export function tuneInWords(report: TuneReport): readonly string[] {
  const { chosen, configuration, gain, selectionGain, trials, simulations, seconds } = report;
  const contestants = new Set(trials.map(({ contestant }) => contestant)).size;
  const whole = trials.filter(({ rung }) => rung === FULL).length;
  const failed = trials.filter((trial) => trial.failed !== undefined).length;
  const ending = {
    budget: "",
    interrupted: "; interrupted",
    exhausted: "; nothing else is left to vary",
  }[report.endedBy];
  const tried = `${plural(contestants, "configuration")}, ${plural(trials.length, "training")} (${whole} of them in whole${failed > 0 ? `, ${failed} failed` : ""}) in ${duration(seconds)}${ending}`;
  const on = `on ${plural(simulations.test, "simulation")} that nothing was chosen by`;
  if (chosen === DEFAULT) {
    return [
      `the default stays: ${tried}; none led it by more than a standard error`,
      `its log posterior density ${on}: ${plusMinus(report.test.default)}`,
    ];
  }
  return [
    `chosen: ${settingsInWords(configuration)}`,
    `gain over the default: ${signed(gain.value)} ± ${gain.standardError.toFixed(3)} nats a data set, ${on}${verdict(gain)}`,
    `(${signed(selectionGain.value)} on those that it was chosen by)`,
    `log posterior density: ${plusMinus(report.test.chosen)}, the default's ${plusMinus(report.test.default)}`,
    tried,
  ];
}

/** Standard errors from which a gain is told from none. */
const CLEAR = 2;

function verdict({ value, standardError }: Score): string {
  if (value > CLEAR * standardError) return "";
  return value > 0
    ? ": too little to be told from none"
    : ": none, so the default is as good or better";
}

/** Settings in a line: `npe, density splineCoupling (layers 8), learningRate 0.002`. */
export function settingsInWords(configuration: Plain): string {
  const { method, training, ...rest } = configuration;
  const all = { ...rest, ...Object(training) } as Plain;
  const parts = Object.entries(all).map(([name, value]) => `${name} ${valueInWords(value)}`);
  return [typeof method === "string" ? method : "npe", ...parts].join(", ");
}

function valueInWords(value: Plain[string]): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  const { kind, ...settings } = value as Plain;
  const inner = Object.entries(settings).map(([name, item]) => `${name} ${valueInWords(item)}`);
  return `${typeof kind === "string" ? kind : ""}${inner.length > 0 ? ` (${inner.join(", ")})` : ""}`.trim();
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function plusMinus({ value, standardError }: Score): string {
  return `${value.toFixed(3)} ± ${standardError.toFixed(3)}`;
}
