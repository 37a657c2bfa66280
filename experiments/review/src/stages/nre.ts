/**
 * Neural ratio estimation in the first experiment: one ratio, answered on a grid and by importance resampling.
 */
import { nre } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { gaussianFields } from "../fields.js";
import { trainingSeconds, within, type Stage } from "../stage.js";
import { trainOnce } from "../training.js";
import { fieldNetwork, ofGaussian } from "./direct.js";
import { answerFields, trainingNote, type GaussianRecord } from "./gaussian.js";

/** What this stage leaves. */
export interface NreRecord {
  readonly grid: GaussianRecord;
  readonly importance: GaussianRecord;
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
    const answer = (method: "grid" | "importance") =>
      answerFields(context, cost, (z, samples) => fitted.givenBatch({ z }, { samples, method }), [
        trainingNote(cost),
      ]);
    return { grid: await answer("grid"), importance: await answer("importance") };
  },
};
