/**
 * Which networks neural posterior estimation trains where the user names none, and how: one rule, from the sizes of data and parameters and the number of
 * simulations alone. What each choice gains is in docs/defaults.md.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ConditionalDensity } from "../densities/density.js";
import { gaussian, splineAutoregressive, splineCoupling } from "../densities/index.js";
import { mayLack } from "../data/array-spec.js";
import type { AnyModel } from "../model/index.js";
import {
  defaultSummary,
  mlpSummary,
  rawSummary,
  transformedSpecs,
  type DataTransform,
  type RawSummaryOptions,
} from "../networks/index.js";
import type { SummaryNetwork } from "../networks/network.js";
import type { Budget } from "./method.js";
import type { TrainSettings } from "../settings/training.js";
import { areFew, densityTraining, FAST, usualBatch } from "./usual-training.js";

/** A summary network and a density that are trained together. */
export interface PlannedNetwork {
  readonly summary: SummaryNetwork;
  readonly density: ConditionalDensity;
  /** Settings of their training, where the user says nothing else. */
  readonly training: Partial<TrainSettings>;
  /** An emulator whose simulations they learn from beside the others. */
  readonly emulation?: PlannedEmulation;
}

/** An emulator, how many simulations of it there are, and places of the numbers that are emulated: all, where that is left out. */
export interface PlannedEmulation {
  readonly kind: EmulatorKind;
  readonly simulations: number;
  readonly only?: readonly number[];
}

/** What an emulator is: normal distributions with a mean and a covariance that depend on the parameters, as what simulators make often is; or flows. */
export type EmulatorKind = "normal" | "flows";
const EMULATORS = ["normal", "flows"] as const;

/** What the user has named. */
export interface NamedNetworks {
  readonly transform?: DataTransform | undefined;
  readonly summary?: SummaryNetwork | undefined;
  readonly density?: ConditionalDensity | undefined;
  readonly members?: number | undefined;
  readonly emulations?: number | undefined;
}

/** Weight decay of what has examples without end. */
const LEAST_DECAY = 0.01;

/** Steps that are enough for densities that are learned by regression. */
const REGRESSION_STEPS = 12_000;

/** Simulations from which an emulator may be learned. */
const LEAST = 50;

/** Numbers of a data set up to which they are emulated, and what is emulated beside so many simulations. */
const EMULATED = 32;
const EMULATIONS = { times: 6, least: 60_000, most: 300_000 } as const;

/** Steps of what learns from an emulator, which never has too few examples: fewer, where few simulations have taught it. */
const EMULATED_STEPS = { few: 12_000, enough: 20_000 } as const;

/** Simulations from which one network fewer learns from them alone, and those of emulators, which are good by then, are larger. */
const ENOUGH = 5_000;

/** The networks to train, one or more. */
export function npePlan(
  model: AnyModel,
  named: NamedNetworks,
  budget: Budget,
): readonly PlannedNetwork[] {
  const { transform, summary, density } = named;
  const specs = transformedSpecs(model.dataSpecs, transform);
  const few = areFew(specs);
  const raw = few && summary === undefined;
  // What suits few simulations is of no use where there are always others.
  const fresh = budget.onTheFly || budget.refreshed === true;
  const own = raw && density === undefined && !fresh;
  const only = own && transform === undefined ? emulatedPlaces(model, budget) : [];
  const { count, emulations } = numbersOf(named, budget, own, only);
  const d = model.prior.bijection.unconstrainedSize;
  // Of the networks the last learn from emulators, but the first from simulations alone.
  const first = emulations > 0 ? Math.max(1, count - EMULATORS.length) : count;
  const enough = budget.simulations >= ENOUGH;
  return Array.from({ length: count }, (_, k) => {
    const kind = k < first ? undefined : EMULATORS[k - first];
    const some = kind !== undefined && only !== undefined && only.length > 0 ? { only } : {};
    return {
      summary:
        summary ?? (raw ? smallSummary(kind !== undefined && enough, some) : defaultSummary(specs)),
      density: density ?? (raw ? smallDensity(k, kind, d, enough) : splineCoupling()),
      training: fresh
        ? {}
        : usualTraining(k, few, named, budget.simulations, kind ? emulations : 0),
      ...(kind && { emulation: { kind, simulations: emulations, ...some } }),
    };
  });
}

/**
 * Places of the numbers of a data set that are emulated: all (undefined) where they are few, else those that tell of the parameters, if they are few; none where values
 * may be missing.
 */
function emulatedPlaces(
  { dataSpecs }: AnyModel,
  { fromPrior, telling }: Budget,
): readonly number[] | undefined {
  if (Object.values(dataSpecs).some(mayLack)) return [];
  if (areFew(dataSpecs, EMULATED)) return undefined;
  const places = fromPrior && areFew(dataSpecs) ? (telling?.() ?? []) : [];
  return places.length > EMULATED ? [] : places;
}

/**
 * How many networks there are, and how many simulations of emulators the last of them have beside the others.
 *
 * @throws InvalidArgumentError where what the user says of them does not go together.
 */
function numbersOf(
  { members, emulations: wanted }: NamedNetworks,
  { simulations, onTheFly, refreshed, fromPrior }: Budget,
  own: boolean,
  only: readonly number[] | undefined,
): { readonly count: number; readonly emulations: number } {
  const enough = fromPrior && simulations >= LEAST;
  const emulable = own && members !== 1 && enough && only?.length !== 0;
  const { times, least, most } = EMULATIONS;
  const emulations =
    wanted ?? (emulable ? Math.max(least, Math.min(most, times * simulations)) : 0);
  if (emulations > 0 && onTheFly) {
    throw new InvalidArgumentError(
      "npe: an emulator makes simulations where there are few, but onTheFly makes fresh ones for every step: leave out one of the two",
    );
  }
  if (emulations > 0 && refreshed === true) {
    throw new InvalidArgumentError(
      "npe: an emulator makes simulations where there are few, but refreshData and refreshParameters draw them anew: leave out one of the two",
    );
  }
  if (emulations > 0 && !fromPrior) {
    throw new InvalidArgumentError(
      "npe: an emulator makes simulations at draws of the model's prior, but those given are not known to be at such draws, or some were left out as invalid: leave out emulations",
    );
  }
  const usual = emulations > 0 && simulations < ENOUGH ? 4 : 3;
  const count = members ?? (own ? usual : emulations > 0 ? 2 : 1);
  if (onTheFly && count > 1) {
    throw new InvalidArgumentError(
      `npe: ${count} members are trained on the same simulations, but onTheFly makes fresh ones for every step: leave out one of the two`,
    );
  }
  if (emulations > 0 && count === 1) {
    throw new InvalidArgumentError(
      "npe: what an emulator makes is for a network beside one that learns from simulations alone, but there is one network: leave out emulations, or give members: 2 or more",
    );
  }
  return { count, emulations };
}

/** The networks of an emulator. */
export function emulatorPlan(
  kind: EmulatorKind,
  { prior: { bijection } }: AnyModel,
  { simulations }: Budget,
): readonly PlannedNetwork[] {
  const summary = rawSummary();
  const trained = (k: number, density: ConditionalDensity): PlannedNetwork => ({
    summary,
    density,
    training: trainingOf(k, simulations, 0),
  });
  // Covariances of many numbers take many simulations to learn; where the numbers are independent given the parameters, these are not to be learned.
  if (kind === "normal") {
    return (["full", "diagonal"] as const).map((covariance) =>
      trained(0, gaussian({ hidden: [64, 64], covariance })),
    );
  }
  const sizes = simulations < ENOUGH ? [0, 1, 2] : [0, 2];
  return sizes.map((k) => trained(k, smallFlow(k, bijection.unconstrainedSize)));
}

/**
 * The summary of few numbers: the numbers themselves. Where a good emulator makes examples without end a network says more of them, such as their squares and products,
 * which every layer of a flow would else find for itself: it cannot learn its training set by heart.
 */
function smallSummary(isTaughtWell: boolean, some: RawSummaryOptions): SummaryNetwork {
  return isTaughtWell ? mlpSummary({ activation: "silu", skip: true, ...some }) : rawSummary(some);
}

/**
 * The density of member k, of d coordinates. What normal distributions emulate has posteriors that few layers learn, in half the time and, one coordinate after another, more exactly;
 * what flows emulate may have edges and crescents.
 */
function smallDensity(
  k: number,
  kind: EmulatorKind | undefined,
  d: number,
  enough: boolean,
): ConditionalDensity {
  if (kind === "normal") {
    return splineAutoregressive(enough ? { layers: 3, activation: "silu" } : { layers: 2 });
  }
  return smallFlow(kind === undefined ? k : 1, d);
}

/** Flows of d coordinates for member k. */
function smallFlow(k: number, d: number): ConditionalDensity {
  if (k % 3 === 2) return splineCoupling();
  return splineCoupling({
    hidden: [48, 48],
    layers: Math.max(6, 2 * Math.ceil(Math.log2(d))),
    activation: k % 3 === 1 ? "silu" : "relu",
  });
}

/** Settings of member k. */
function usualTraining(
  k: number,
  few: boolean,
  { summary, density }: NamedNetworks,
  simulations: number,
  emulations: number,
): Partial<TrainSettings> {
  if (density?.loss !== undefined) return regressionTraining(simulations);
  if (!few) return {};
  return density === undefined && summary === undefined
    ? trainingOf(k, simulations, emulations)
    : densityTraining(simulations);
}

/** Training of densities that are learned by regression: gradients are noisy, so weights are averaged for long, and they overfit late. */
function regressionTraining(simulations: number): Partial<TrainSettings> {
  const batch = usualBatch(simulations);
  const epochs = Math.min(300, Math.max(20, Math.round((REGRESSION_STEPS * batch) / simulations)));
  return {
    learningRate: 3e-3,
    averaging: 0.999,
    batch,
    epochs,
    patience: Math.max(20, Math.round(epochs / 4)),
    weightDecay: 0.01,
  };
}

/** Members differ in how strongly they are held back: which suits, the data say. What has an emulator's simulations beside needs little. */
function trainingOf(k: number, simulations: number, emulations: number): Partial<TrainSettings> {
  if (emulations === 0) return densityTraining(simulations, [0.1, 1, 3][k % 3] ?? 1);
  const batch = usualBatch(simulations);
  const steps = simulations < ENOUGH ? EMULATED_STEPS.few : EMULATED_STEPS.enough;
  const all = Math.round((steps * batch) / (simulations + emulations));
  const epochs = Math.min(200, Math.max(1, all));
  return { ...FAST, batch, epochs, patience: Math.ceil(epochs / 6), weightDecay: LEAST_DECAY };
}
