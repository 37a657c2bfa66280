/**
 * Trials of one subject, independent given the parameters, in any number.
 *
 * `decisions` are those of one condition. In `regression` each trial has a covariate x, of which the drift is a line,
 *
 *     v_i = v0 + v1 x_i,
 *
 * while separation, start and non-decision time are the same in all trials. x is known, and an array of the data like others.
 */
import {
  beta,
  defineModel,
  discreteLogUniform,
  InvalidArgumentError,
  logNormal,
  normal,
  type Stream,
} from "amortis";
import { decisionLogDensity, drawDecision, type Decision } from "./decision.js";

/** Trials of a subject, at least and at most, in simulations: as many data sets with 10 to 24 as with 25 to 60. */
export const TRIALS = discreteLogUniform(10, 60);

const boundaries = {
  separation: logNormal(Math.log(1.5), 0.4),
  start: beta(10, 10),
  nonDecision: logNormal(Math.log(0.35), 0.4),
};
const units = { separation: "√s", nonDecision: "s", time: "s" };

/** Trials of one condition. */
export const decisions = defineModel({
  name: "decisions",
  parameters: { drift: normal(0, 2), ...boundaries },
  sizes: { trials: TRIALS },
  data: { time: ["trials"], choice: ["trials"] },
  units,
  simulate: (values, random, { trials }) => drawTrials(trials, random, () => values),
  logLikelihood: (values, { time, choice }) => sumOf(time, choice, () => values),
  module: import.meta.url,
});

/** Parameters of a line of drifts. */
export interface Line extends Omit<Decision, "drift"> {
  readonly v0: number;
  readonly v1: number;
}

/** The diffusion of a trial with a covariate. */
export function decisionAt({ v0, v1, separation, start, nonDecision }: Line, x: number): Decision {
  return { drift: v0 + v1 * x, separation, start, nonDecision };
}

/**
 * Trials with a covariate, in an experiment that has it at these levels, each as often.
 *
 * @throws InvalidArgumentError where there are none, or one is no number.
 * @example
 * train(npe(decisionRegression([0, 0.25, 0.5, 1])), { simulations: 10_000 });
 */
export function decisionRegression(levels: readonly number[]) {
  if (levels.length === 0 || !levels.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      `decisionRegression needs the levels of the covariate, numbers such as [-1, 1], but was given [${levels.join(", ")}]`,
    );
  }
  return defineModel({
    name: "decision-regression",
    parameters: { v0: normal(0, 1), v1: normal(1.5, 1), ...boundaries },
    sizes: { trials: TRIALS },
    data: { time: ["trials"], choice: ["trials"], x: ["trials"] },
    units,
    simulate: (values, random, { trials }) => drawLine(levels, trials, values, random),
    logLikelihood: (values, { time, choice, x }) =>
      sumOf(time, choice, (i) => decisionAt(values, x[i] ?? 0)),
  });
}

/** Words and nonwords: x is 1 for a word and -1 for a nonword, and choice is 1 for "word". */
export const WORDS = [-1, 1] as const;

/** Trials of one subject who tells words from nonwords. */
export const lexical = decisionRegression(WORDS);

/** Trials with a covariate at levels that are drawn. */
export function drawLine(
  levels: readonly number[],
  trials: number,
  line: Line,
  random: Stream,
): { readonly time: number[]; readonly choice: number[]; readonly x: number[] } {
  const x = Array.from({ length: trials }, () => levels[random.integer(levels.length)] ?? 0);
  return { ...drawTrials(trials, random, (i) => decisionAt(line, x[i] ?? 0)), x };
}

function drawTrials(
  trials: number,
  random: Stream,
  of: (i: number) => Decision,
): { readonly time: number[]; readonly choice: number[] } {
  const all = Array.from({ length: trials }, (_, i) => drawDecision(of(i), random));
  return { time: all.map(({ time }) => time), choice: all.map(({ choice }) => choice) };
}

function sumOf(
  time: ArrayLike<number>,
  choice: ArrayLike<number>,
  of: (i: number) => Decision,
): number {
  let total = 0;
  for (let i = 0; i < time.length; i++) {
    // Rooms beyond the last trial are no numbers.
    if (Number.isNaN(time[i])) continue;
    total += decisionLogDensity(time[i] ?? 0, choice[i] ?? 0, of(i));
    if (total === -Infinity) break;
  }
  return total;
}
