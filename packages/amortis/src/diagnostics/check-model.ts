/**
 * What to know of a model before training: what its data look like under the prior, which simulations are invalid and where in θ, which numbers say
 * nothing, how long a simulation takes, and whether the simulator depends on anything but θ and its stream.
 *
 * The prior predictive check is Box's (1980, "Sampling and Bayes' inference in scientific modelling and robustness"): data that no one would expect to
 * see say that the prior or the simulator is wrong, and no training mends that.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { InvalidArgumentError } from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import { runChunk, simulationStream } from "../simulation/chunk.js";
import { simulate, type SimulatedData, type SimulationProgress } from "../simulation/index.js";
import { InvalidTally } from "../simulation/invalid-tally.js";
import type { StopSignal } from "../stop-signal.js";
import { constantPlaces, duplicatePlaces } from "./idle-columns.js";
import { invalidByParameter, type InvalidShares } from "./invalid-shares.js";
import { rerun, unusedParameters, type Rerun } from "./rerun.js";

/** How to check. */
export interface CheckModelOptions {
  /** Simulations at most; 1,000 by default. */
  readonly simulations?: number;
  /** Seconds that simulating may take, about, and making simulations again: of slow simulators there are fewer, 20 at least. 30 by default. */
  readonly seconds?: number;
  readonly seed?: number | string;
  readonly onProgress?: (progress: SimulationProgress) => void;
  readonly signal?: StopSignal;
}

const KNOWN: KnownOptions<CheckModelOptions> = {
  simulations: true,
  seconds: true,
  seed: true,
  onProgress: true,
  signal: true,
};

/** What was found. */
export interface ModelCheck {
  readonly model: string;
  readonly parameterNames: readonly string[];
  readonly specs: ArraySpecs;
  /** Simulations that were made, valid or not. */
  readonly simulations: number;
  /** Seconds that one takes in one thread, in the mean. */
  readonly secondsEach: number;
  /** The valid ones: draws of the prior, and of the data under it. */
  readonly simulated: SimulatedData;
  readonly invalid: {
    readonly count: number;
    /** How many, why, and where in θ they lie; absent where there are none. */
    readonly words?: string;
    /** Of each flat parameter, in bins of equal numbers. */
    readonly byParameter: readonly InvalidShares[];
  };
  /** Numbers of the data that never vary, "y[3]", with their value. */
  readonly constant: readonly { readonly place: string; readonly value: number }[];
  /** Numbers of the data that are always equal, the first of each group first. */
  readonly duplicates: readonly (readonly string[])[];
  /** Simulations made again: with the same θ and stream, and in another order. */
  readonly rerun: Rerun;
  /** Flat parameters that no number of the data depended on, where they alone were changed. */
  readonly unused: readonly string[];
  /** What is wrong, a line each; none where nothing was found. */
  readonly problems: readonly string[];
}

/** Fewer would say nothing. */
const FEWEST = 20;

/** Simulations that tell how long one takes. */
const PROBE = 3;

/**
 * Checks a model before training. It simulates in this thread.
 *
 * @throws InvalidArgumentError where fewer than 20 simulations are asked for; SimulationError where all are invalid, or do not fit the model.
 * @example
 * const { problems, secondsEach } = await checkModel(field);
 * await saveFigure("check.svg", modelCheckFigure(check));
 */
export async function checkModel(
  model: AnyModel,
  options: CheckModelOptions = {},
): Promise<ModelCheck> {
  requireKnown("checkModel", options, KNOWN);
  const { simulations: most = 1000, seconds = 30, seed = "check", signal, onProgress } = options;
  if (!Number.isSafeInteger(most) || most < FEWEST) {
    throw new InvalidArgumentError(
      `checkModel needs ${FEWEST} simulations at least, but ${most} were asked for`,
    );
  }
  const root = simulationStream(seed);
  const first = await runChunk(model, root, { first: 0, count: PROBE });
  const within = Math.floor(seconds / (first.seconds / PROBE));
  const simulations = Math.min(most, Math.max(FEWEST, within));
  const started = performance.now();
  const simulated: SimulatedData = await simulate(model, {
    simulations,
    seed,
    workers: 0,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  const secondsEach = (performance.now() - started) / 1000 / simulations;
  const sets = new DataSets(model.dataSpecs, simulated.size, simulated.data);
  const words = new InvalidTally(model.parameterNames).add(simulated).describe();
  const affordable = Math.floor(seconds / secondsEach);
  const again = await rerun(model, root, simulated, affordable / 4);
  const found = {
    simulations,
    constant: constantPlaces(sets),
    duplicates: duplicatePlaces(sets),
    rerun: again,
    // A simulator that gives other data each time depends on all parameters, as far as can be seen.
    unused:
      again.differ.length > 0 ? [] : await unusedParameters(model, root, simulated, affordable / 2),
    invalid: {
      count: simulated.invalid.length,
      ...(words !== undefined && { words }),
      byParameter: invalidByParameter(simulated, model.parameterNames),
    },
  };
  return {
    model: model.name,
    parameterNames: model.parameterNames,
    specs: model.dataSpecs,
    secondsEach,
    simulated,
    ...found,
    problems: problemsOf(found),
  };
}

type Found = Pick<
  ModelCheck,
  "simulations" | "invalid" | "constant" | "duplicates" | "rerun" | "unused"
>;

/** Places that one line names. */
const NAMED = 4;

function problemsOf({ invalid, constant, duplicates, rerun: again, unused }: Found): string[] {
  const problems: string[] = [];
  if (again.differ.length > 0) {
    problems.push(
      `the simulator depends on more than θ and its stream: simulation ${again.differ[0]}, made twice with the same, gave other data (${again.differ.length} of ${again.tried} did): draw all randomness from the stream that simulate is given, and keep nothing between calls`,
    );
  } else if (again.byOrder.length > 0) {
    problems.push(
      `the simulator remembers: simulation ${again.byOrder[0]} gave other data after other simulations (${again.byOrder.length} of ${again.tried} did): keep nothing between calls`,
    );
  }
  if (invalid.words !== undefined) {
    problems.push(
      `${invalid.words}; what is left out is left out of the prior: mend the simulator, or set a prior that stays where it works`,
    );
  }
  if (unused.length > 0) {
    problems.push(
      `the data do not depend on ${listed(unused)}: changed alone, with the same stream, no number changed, so the posterior is the prior`,
    );
  }
  const [still] = constant;
  if (still !== undefined) {
    problems.push(
      `${listed(constant.map(({ place }) => place))} never ${constant.length === 1 ? "varies" : "vary"} (${still.place} is always ${still.value}): leave ${constant.length === 1 ? "it" : "them"} out`,
    );
  }
  const [equal] = duplicates;
  if (equal !== undefined) {
    const others = duplicates.length === 1 ? "" : `, and ${duplicates.length - 1} more such groups`;
    problems.push(`${listed(equal)} are always equal${others}: leave out all but one`);
  }
  return problems;
}

function listed(places: readonly string[]): string {
  const rest = places.length - NAMED;
  const named = places.slice(0, NAMED).join(", ");
  return rest > 0 ? `${named} and ${rest} more` : named;
}
