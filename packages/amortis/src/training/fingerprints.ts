/**
 * What a training is of, in short: a checkpoint of anything else is not gone on from.
 */
import { digestOf } from "../estimators/contents.js";
import type { Method } from "../methods/method.js";
import type { SimulatedData } from "../simulation/index.js";
import { priorsOf } from "../simulation/origin.js";
import { fingerprintOf } from "./checkpoint.js";
import { fingerprintOfEmulation } from "./emulations.js";
import { dataSetsOf } from "./examples.js";
import type { PlannedMember } from "./members.js";
import type { TrainSettings } from "../settings/training.js";
import type { StoredTraining } from "./stored.js";
import type { Unlabelled } from "./unlabelled.js";

/** Which simulations on disk are trained on, and in what order. */
export function describeStored({ stored, shards, buffered }: StoredTraining): string {
  const { seed, firstIndex, rows, shardSize } = stored.info;
  return JSON.stringify({ seed, firstIndex, rows, shardSize, shards, buffered });
}

/** Which data sets without known parameters are learned from, and how. */
export function describeUnlabelled({ sets, description, batch }: Unlabelled): string {
  const digests = Object.values(sets.feeds()).map(({ data }) =>
    digestOf(Float32Array.from(data, Number)),
  );
  return JSON.stringify({ description, batch, digests });
}

/** What is trained, and on what: a checkpoint of anything else is not gone on from. */
export async function fingerprintsOf(
  { description: own, ensemble, model }: Method,
  members: readonly PlannedMember[],
  settings: TrainSettings,
  training: SimulatedData,
  /** Of the weights that training begins with, where they are another's; of what happens to simulations, where something does. */
  beside: readonly string[],
): Promise<{ readonly now: string; readonly earlier?: string[]; readonly mapped?: string[] }> {
  const { size, parameters } = training;
  const description =
    ensemble === undefined
      ? own
      : [
          own,
          members.map(({ member, settings: { weightDecay, learningRate } }) => [
            member.description,
            weightDecay,
            learningRate,
            ...fingerprintOfEmulation(member.emulation),
          ]),
        ];
  const knownBy = (trainedBy: TrainSettings) => [
    description,
    model.name,
    trainedBy,
    size,
    Array.from(parameters.subarray(0, 16)),
    ...beside,
  ];
  // Members say for themselves how they are trained.
  const [only] = ensemble === undefined ? members : [];
  const known = knownBy(only?.settings ?? settings);
  const firstRows = Object.entries(dataSetsOf(model, training).row(0)).map(([name, values]) => [
    name,
    Array.from(values),
  ]);
  const priors = Object.entries(model.parameters).map(([name, prior]) => [name, prior.toJSON()]);
  const now = await fingerprintOf([...known, firstRows, priors]);
  // Methods had no settings of their own, and the first of all looked at neither the data nor the priors.
  const then = knownBy(settings);
  const first = await fingerprintOf(then);
  // Nor did priors have links, but probit: weights for another map are of no use.
  const before = Object.entries(priorsOf(model));
  if (JSON.stringify(priors).includes("normal-scores")) {
    return { now, mapped: [first, await fingerprintOf([...then, firstRows, before])] };
  }
  return { now, earlier: [await fingerprintOf([...then, firstRows, priors]), first] };
}
