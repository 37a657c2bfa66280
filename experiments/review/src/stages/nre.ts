/**
 * Neural ratio estimation in the first experiment: one ratio, answered on a grid and by importance resampling.
 */
import { nre, type RatioEstimator } from "amortis";
import { medianOf } from "amortis/diagnostics";
import { gaussianField } from "@amortis/gaussian-field";
import { gaussianFields } from "../fields.js";
import type { WeightDiagnostics } from "../results.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce } from "../training.js";
import { fieldNetwork, ofGaussian } from "./direct.js";
import {
  answerFields,
  CLOSE_GRID,
  trainingNote,
  type GaussianRecord,
  type Range,
} from "./gaussian.js";

/** Draws of the prior that the library weights. */
const PROPOSALS = 20_000;

/** What this stage leaves. */
export interface NreRecord {
  readonly grid: GaussianRecord;
  readonly importance: GaussianRecord;
}

/**
 * What proposals are worth: (∫ r p)² / ∫ r² p of them, with r the ratio and p the flat prior, on a grid; the library's own draws give as
 * much up to their number.
 */
async function weightsOf(
  context: StageContext,
  fitted: RatioEstimator<Range>,
): Promise<WeightDiagnostics> {
  const { data, size } = await gaussianFields.test(context);
  const cells = CLOSE_GRID.length;
  const theta = Float32Array.from({ length: size * cells }, (_, i) => CLOSE_GRID[i % cells] ?? 0);
  const logs = await fitted.logRatio({ z: data.z }, theta);
  const sizes = Array.from({ length: size }, (_, i) => {
    const row = logs.subarray(i * cells, (i + 1) * cells);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = row.map((value) => Math.exp(value - largest));
    const sum = weights.reduce((a, b) => a + b, 0);
    return (PROPOSALS * sum ** 2) / (cells * weights.reduce((a, b) => a + b * b, 0));
  });
  return {
    kind: "weights",
    proposals: PROPOSALS,
    essMedian: medianOf(sizes),
    essSmallest: Math.min(...sizes),
  };
}

/** One ratio, two ways to answer. */
export const nreStage: Stage = {
  name: "nre",
  title: "NRE",
  settings: ({ gaussian }) => ofGaussian(gaussian, "nre"),
  seconds: ({ gaussian }) => 8 + trainingSeconds(gaussian.nre, gaussian.training, 0.0055),
  run: async (context): Promise<NreRecord> => {
    const { fitted, cost } = await trainOnce(context, {
      name: "nre",
      method: nre(gaussianField, { summary: fieldNetwork() }),
      plan: context.settings.gaussian.nre,
      data: () => gaussianFields.training(context),
      report: within(context, 0, 0.9),
    });
    const answer = (method: "grid" | "importance", notes: readonly string[]) =>
      answerFields(context, cost, (z, samples) => fitted.givenBatch({ z }, { samples, method }), {
        notes: [trainingNote(cost), ...notes],
        stratified: true,
      });
    const grid = await answer("grid", []);
    const weights = await weightsOf(context, fitted);
    const importance = await answer("importance", [
      `${PROPOSALS.toLocaleString("en-US")} weighted draws of the prior are worth ${weights.essMedian.toFixed(0)} of the posterior in the median, ${weights.essSmallest.toFixed(0)} at least`,
    ]);
    return { grid, importance: { ...importance, diagnostics: weights } };
  },
};
