/**
 * The networks of a method with the settings that each is trained by, for the simulations that there are.
 */
import type { Method } from "../methods/method.js";
import type { TrainSettings } from "../settings/training.js";
import { asManySteps } from "./emulations.js";
import type { TrainingData } from "./gather.js";
import { planMembers, type PlannedMember } from "./members.js";
import { resolveSettings, type TrainOptions } from "./options.js";

/** Settings whose minibatch is never larger than what there is. */
export function fittingBatch(settings: TrainSettings, data: TrainingData): TrainSettings {
  const { onTheFly, batch } = settings;
  const size = data.stored?.size ?? data.training.size;
  return { ...settings, batch: onTheFly ? batch : Math.min(batch, size) };
}

/** The networks of a method, each with its settings: what the user says, else what is usual for it. */
export function plannedMembers(
  method: Method,
  options: TrainOptions,
  data: TrainingData,
): readonly PlannedMember[] {
  return planMembers(method, (usual, emulations) => ({
    ...fittingBatch(resolveSettings(options, usual), data),
    ...(emulations > 0 &&
      data.stored === undefined &&
      asManySteps(options, data.training, emulations)),
  }));
}
