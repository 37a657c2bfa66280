/**
 * Whether simulations may be learned from: under which prior their parameters were drawn, and whether they were seen before.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Method } from "../methods/method.js";
import {
  otherPrior,
  sharedSimulations,
  trainingOrigin,
  type OtherPrior,
} from "../simulation/origin.js";
import type { SimulatedData } from "../simulation/index.js";
import type { TrainOptions } from "./options.js";

/**
 * Whether a method learns the likelihood, up to a factor without θ, which is then put together with the model's prior: so simulations
 * may have any θ. All others learn the prior of their simulations as well.
 */
export function learnsLikelihood({ answers: { kind } }: Pick<Method, "answers">): boolean {
  return kind === "ratio" || kind === "likelihood";
}

/**
 * Refuses simulations under another prior than the model's, unless that is allowed. Of likelihoods, parameters that were given are no
 * more than noted.
 *
 * @param option which of the options they are, for the message.
 * @throws InvalidArgumentError
 */
export function checkPrior(
  method: Method,
  { origin }: SimulatedData,
  option: "data" | "validation",
  { allowOtherPrior = false, onWarning = console.warn }: TrainOptions,
): void {
  const other = otherPrior(origin, method.model);
  if (other === undefined) return;
  const what = `train: ${option} ${inWords(other)}`;
  const likelihood = learnsLikelihood(method);
  if (allowOtherPrior || (likelihood && other.simulated === "given")) {
    onWarning(
      likelihood
        ? `${what}: the answer is under the prior of the model, and good where the simulations are many`
        : `${what}: the answer is under the prior of the simulations, whatever the file says`,
    );
    return;
  }
  throw new InvalidArgumentError(
    `${what}: simulate with the prior of the model, or give the model that of the simulations (or say allowOtherPrior, --allow-other-prior, where you know what you do)`,
  );
}

function inWords({ parameter, simulated, model }: OtherPrior): string {
  return simulated === "given"
    ? `was simulated at parameters that were given, and are no draws of the prior, which for ${parameter} is ${model}`
    : `was simulated under another prior: ${parameter} was drawn from ${simulated}, but the model has ${model}`;
}

/** Says so where validation would be by simulations that are trained on. */
export function checkShared(
  training: SimulatedData,
  validation: SimulatedData,
  { onWarning = console.warn }: TrainOptions,
): void {
  const shared = sharedSimulations(trainingOrigin(training), validation);
  if (shared === 0) return;
  onWarning(
    `train: ${shared} of the ${validation.size} simulations of validation are among those that are trained on (seed ${training.origin?.seed?.value}): the best weights would be those that know them by heart; simulate them with another seed`,
  );
}

/**
 * Says, at any share, what leaving simulations out makes of the answers. What learns a likelihood from the valid ones learns p(Z | θ, valid), and p(valid | θ)
 * is learned beside. Posteriors and estimates that are learned directly have it: they answer for p(θ | Z, valid).
 */
export function noteInvalid(
  method: Method,
  { count, total }: { readonly count: number; readonly total: number },
  { onWarning = console.warn }: TrainOptions,
): void {
  const consequence = learnsLikelihood(method)
    ? `${method.name} learns from the others, and p(valid | parameters) beside, by a classifier of the parameters: its answers are those given that the data are valid`
    : `${method.name} learns from the others: its answers are those given that the data are valid`;
  onWarning(
    `train: ${count} of ${total} simulations were invalid and are left out; ${consequence}`,
  );
}
