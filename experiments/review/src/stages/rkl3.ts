/**
 * rKL3: the summary is learned, by maximising the Jensen-Shannon bound of its mutual information with θ, and then frozen.
 */
import { mlp, mutualInformationSummary } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { gaussianFields } from "../fields.js";
import { trainingSeconds, within, type Stage } from "../stage.js";
import { trainOnce } from "../training.js";
import { fieldNetwork, ofGaussian } from "./direct.js";
import { SMALL_STEP_SECONDS, syntheticMethods, type SyntheticRecord } from "./synthetic.js";

/** rKL3: a learned summary. */
export const rkl3Stage: Stage = {
  name: "rkl3",
  title: "rKL3",
  settings: ({ gaussian }) => ofGaussian(gaussian, "information", "binding", "variational"),
  seconds: ({ gaussian }) =>
    8 +
    trainingSeconds(gaussian.information, gaussian.training, 0.0055) +
    trainingSeconds(gaussian.binding, gaussian.training, SMALL_STEP_SECONDS) +
    trainingSeconds(gaussian.variational, gaussian.training, 2 * SMALL_STEP_SECONDS),
  run: async (context): Promise<SyntheticRecord> => {
    const { fitted, cost } = await trainOnce(context, {
      name: "rkl3-summary",
      method: mutualInformationSummary(gaussianField, {
        network: fieldNetwork(),
        size: 1,
        critic: mlp({ hidden: [16, 16], activation: "silu" }),
      }),
      plan: context.settings.gaussian.information,
      data: () => gaussianFields.training(context),
      report: within(context, 0, 0.8),
    });
    return syntheticMethods(context, "rkl3", fitted.transform(), [cost], within(context, 0.8, 1));
  },
};
