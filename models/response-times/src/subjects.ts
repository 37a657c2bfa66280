/**
 * Subjects under a group: each has a line of drifts, a separation and a non-decision time of their own, and all share where evidence begins.
 *
 *     (v0, v1, log a, log t0)_j ~ N(μ, diag τ²),      v_ij = v0_j + v1_j x_ij.
 *
 * Positive ones are logarithms. Locals are learned without their centres and scales (docs/hierarchies.md).
 */
import { beta, defineModel, dependent, discreteLogUniform, halfNormal, normal } from "amortis";
import { drawLine, TRIALS, WORDS, type Line } from "./trials.js";

/** Parameters of a subject, with positive ones by their logarithms. */
export interface Subject {
  readonly v0: number;
  readonly v1: number;
  readonly logSeparation: number;
  readonly logNonDecision: number;
}

/** What a subject's trials are drawn from. */
export function lineOf({ v0, v1, logSeparation, logNonDecision }: Subject, start: number): Line {
  return {
    v0,
    v1,
    separation: Math.exp(logSeparation),
    start,
    nonDecision: Math.exp(logNonDecision),
  };
}

const standard = normal(0, 1);

/** Subjects who tell words from nonwords. */
export const lexicalSubjects = defineModel({
  name: "lexical-subjects",
  parameters: {
    meanV0: normal(0, 1),
    sdV0: halfNormal(0.5),
    meanV1: normal(1.5, 1),
    sdV1: halfNormal(0.5),
    meanLogSeparation: normal(Math.log(1.5), 0.4),
    sdLogSeparation: halfNormal(0.3),
    meanLogNonDecision: normal(Math.log(0.35), 0.4),
    sdLogNonDecision: halfNormal(0.2),
    start: beta(10, 10),
  },
  groups: {
    subject: {
      count: discreteLogUniform(3, 20),
      parameters: {
        v0: dependent(["meanV0", "sdV0"], standard, (all) => ({
          shift: all.meanV0,
          scale: all.sdV0,
        })),
        v1: dependent(["meanV1", "sdV1"], standard, (all) => ({
          shift: all.meanV1,
          scale: all.sdV1,
        })),
        logSeparation: dependent(["meanLogSeparation", "sdLogSeparation"], standard, (all) => ({
          shift: all.meanLogSeparation,
          scale: all.sdLogSeparation,
        })),
        logNonDecision: dependent(["meanLogNonDecision", "sdLogNonDecision"], standard, (all) => ({
          shift: all.meanLogNonDecision,
          scale: all.sdLogNonDecision,
        })),
      },
    },
  },
  sizes: { trials: TRIALS },
  data: { time: ["trials"], choice: ["trials"], x: ["trials"] },
  simulate: ({ start, ...subject }, random, { trials }) =>
    drawLine(WORDS, trials, lineOf(subject, start), random),
  module: import.meta.url,
});
