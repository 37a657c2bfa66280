/**
 * Neural ratio estimation in the first experiment: one ratio, answered on a grid and by importance resampling.
 */
import { nre, stream, type RatioEstimator } from "amortis";
import { gaussianField, MAX_RANGE } from "@amortis/gaussian-field";
import { answersOfDraws, kernelDensity } from "../answers.js";
import { closeFields, testFields, trainingFields } from "../fields.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce, type TrainingCost } from "../training.js";
import { fieldNetwork, ofGaussian } from "./direct.js";
import {
  answerFields,
  CLOSE_GRID,
  costOf,
  trainingNote,
  type GaussianRecord,
  type Range,
} from "./gaussian.js";

/** Draws of the prior that are weighed for each field. */
const PROPOSALS = 4_000;
/** Fields weighed at a time. */
const BLOCK = 100;

/** What this stage leaves. */
export interface NreRecord {
  readonly grid: GaussianRecord;
  readonly importance: GaussianRecord;
}

/** Draws of the prior, resampled in proportion to the ratio: systematically, so that no draw comes in more often than it must. */
async function resample(
  fitted: RatioEstimator<Range>,
  z: Float32Array,
  samples: number,
  seed: number,
): Promise<{ readonly draws: Float64Array; readonly effective: Float64Array }> {
  const size = z.length / 256;
  const random = stream(`review/importance/${seed}`);
  const draws = new Float64Array(size * samples);
  const effective = new Float64Array(size);
  for (let start = 0; start < size; start += BLOCK) {
    const count = Math.min(BLOCK, size - start);
    const proposals = Float32Array.from(
      { length: count * PROPOSALS },
      () => MAX_RANGE * random.uniform(),
    );
    const logRatios = await fitted.logRatio(
      { z: z.subarray(256 * start, 256 * (start + count)) },
      proposals,
    );
    for (let i = 0; i < count; i++) {
      const logs = logRatios.subarray(i * PROPOSALS, (i + 1) * PROPOSALS);
      // NaN is said of what lies outside the prior by rounding.
      const largest = logs.reduce((a, b) => (b > a ? b : a), -Infinity);
      const weights = logs.map((value) => (value <= largest ? Math.exp(value - largest) : 0));
      const total = weights.reduce((a, b) => a + b, 0);
      effective[start + i] = total ** 2 / weights.reduce((a, b) => a + b * b, 0);
      let next = (random.uniform() * total) / samples;
      let [passed, at] = [weights[0] ?? 0, 0];
      for (let k = 0; k < samples; k++) {
        while (passed < next && at < PROPOSALS - 1) passed += weights[++at] ?? 0;
        draws[(start + i) * samples + k] = proposals[i * PROPOSALS + at] ?? Number.NaN;
        next += total / samples;
      }
    }
  }
  return { draws, effective };
}

async function byImportance(
  context: StageContext,
  fitted: RatioEstimator<Range>,
  cost: TrainingCost,
): Promise<GaussianRecord> {
  const { seed, settings } = context;
  const { samples, close } = settings.gaussian;
  const test = await testFields(context);
  const looked = await resample(fitted, (await closeFields(context)).data.z, samples, seed);
  const started = performance.now();
  const { draws, effective } = await resample(fitted, test.data.z, samples, seed);
  const seconds = (performance.now() - started) / 1000;
  const sorted = effective.toSorted();
  return {
    answers: answersOfDraws(draws, test.parameters),
    cost: costOf(cost, seconds / test.size),
    closeDensities: close.map((_, i) =>
      kernelDensity(looked.draws.subarray(i * samples, (i + 1) * samples), CLOSE_GRID),
    ),
    notes: [
      `${PROPOSALS} draws of the prior a field; effective sample size ${sorted[sorted.length >> 1]?.toFixed(0)} in the median, ${sorted[0]?.toFixed(0)} at least`,
    ],
  };
}

/** One ratio, two ways to answer. */
export const nreStage: Stage = {
  name: "nre",
  title: "NRE",
  settings: ({ gaussian }) => ofGaussian(gaussian, "nre"),
  seconds: ({ gaussian }) => 15 + trainingSeconds(gaussian.nre, gaussian.training, 0.0055),
  run: async (context): Promise<NreRecord> => {
    const { fitted, cost } = await trainOnce(context, {
      name: "nre",
      method: nre(gaussianField, { summary: fieldNetwork() }),
      plan: context.settings.gaussian.nre,
      data: () => trainingFields(context),
      report: within(context, 0, 0.95),
    });
    const grid = await answerFields(
      context,
      cost,
      (z, samples) => fitted.givenBatch({ z }, { samples }),
      [trainingNote(cost)],
    );
    return { grid, importance: await byImportance(context, fitted, cost) };
  },
};
