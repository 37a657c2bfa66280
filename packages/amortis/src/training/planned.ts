/**
 * How a method would be trained, before it is.
 */
import type { Method } from "../methods/method.js";
import { heldOut, isRefreshed, type TrainSettings } from "../settings/training.js";
import { planMembers } from "./members.js";
import { defaultEpochs, resolveSettings, type TrainOptions } from "./options.js";

/** Settings of a training, its epochs among them. */
export interface PlannedTraining extends TrainSettings {
  readonly epochs: number;
  /** Simulations that weights are learned from. */
  readonly training: number;
}

/**
 * The settings of training of a method's first network, for so many simulations.
 *
 * @throws InvalidArgumentError where a setting is out of its range.
 */
export function plannedTraining(
  method: Method,
  settings: TrainOptions,
  simulations: number,
): PlannedTraining {
  const options = { ...settings, simulations };
  const general = resolveSettings(options);
  const sized =
    method.sized?.({
      simulations,
      onTheFly: general.onTheFly,
      refreshed: isRefreshed(general),
      fromPrior: true,
    }) ?? method;
  const [first] = planMembers(sized, (usual) => resolveSettings(options, usual));
  const planned = first?.settings ?? general;
  const held = heldOut(simulations, planned.validation);
  const training = simulations - held;
  const batch = Math.max(1, Math.min(planned.batch, training));
  const epochs = planned.epochs ?? defaultEpochs(Math.floor(training / batch));
  return { ...planned, batch, epochs, training };
}
