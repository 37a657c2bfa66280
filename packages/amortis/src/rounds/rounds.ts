/**
 * Rounds of simulations for one data set: each proposes parameters by what the rounds before learned of it, and learns from all of them.
 *
 * The estimator that they end with is made for the one data set. Of others it knows what the first round taught it, and where these lie outside of the last proposals, nothing.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { EstimatorOf } from "../estimators/kinds.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { train, type TrainOptions } from "../training/index.js";
import { Gathered } from "./gathered.js";
import type { Keeps } from "./restricted-prior.js";
import { validRegion } from "./valid-region.js";

/** How rounds are made. */
export interface RoundsOptions {
  /** Simulations of all rounds together; each has an equal share. 2,000 by default. */
  readonly simulations?: number;
  /** 5 by default. The first draws from the prior. */
  readonly rounds?: number;
  readonly seed?: number;
  /** Share of the posterior's draws that a region may leave out: 1e-4 by default. Of truncated rounds. */
  readonly epsilon?: number;
  /** Whether proposals leave out parameters at which simulations fail, where some do: true by default. */
  readonly avoidInvalid?: boolean;
  /**
   * Networks that choose the simulations of likelihood rounds, 1 by default, which takes draws of the posterior as they come. With more, each round trains so many, and simulates where they disagree.
   */
  readonly committee?: number;
  /** Threads that simulate; as `simulate` has them. */
  readonly workers?: number;
  /** Of each round's training, beside its simulations. */
  readonly training?: Omit<
    TrainOptions,
    "simulations" | "data" | "validation" | "from" | "seed" | "onTheFly" | "checkpoint"
  >;
  /** Hears of each round once it is done. */
  readonly onRound?: (round: RoundReport) => void;
}

const KNOWN: KnownOptions<RoundsOptions> = {
  simulations: true,
  rounds: true,
  seed: true,
  epsilon: true,
  avoidInvalid: true,
  committee: true,
  workers: true,
  training: true,
  onRound: true,
};

/** What a round did. */
export interface RoundReport {
  /** From 1. */
  readonly round: number;
  /** Valid ones of this round, and those that were not. */
  readonly simulations: number;
  readonly invalid: number;
  /** Share of the prior's draws that were proposed: 1 in the first round; undefined where proposals are draws of a posterior. */
  readonly accepted?: number;
  readonly validationLoss: number;
}

/** What rounds lead to. */
export interface Rounds<E> {
  /** Of the last round: ask it about the one data set. */
  readonly estimator: E;
  /** All simulations. */
  readonly simulations: SimulatedData;
  readonly rounds: readonly RoundReport[];
}

/** What proposes the parameters of a round. */
type Propose<E> = (
  estimator: E,
  asked: {
    readonly count: number;
    readonly round: number;
    readonly valid: readonly Keeps[];
    /** Trains another one on the same simulations. */
    readonly another: (seed: number) => Promise<E>;
  },
) => Promise<{ readonly theta: Float64Array; readonly accepted?: number }>;

/** Simulates, learns, proposes, and so on. */
export async function runRounds<M extends AnyModel, K extends "posterior" | "likelihood" | "ratio">(
  method: Method<M, K>,
  options: RoundsOptions,
  propose: Propose<EstimatorOf<K, M["parameters"]>>,
): Promise<Rounds<EstimatorOf<K, M["parameters"]>>> {
  requireKnown("rounds", options, KNOWN);
  const { simulations = 2_000, rounds: count = 5, seed = 1, workers } = options;
  const each = Math.floor(simulations / count);
  if (!Number.isInteger(count) || count < 1 || !(each >= FEWEST)) {
    throw new InvalidArgumentError(
      `rounds must be a whole number from 1 on, of ${FEWEST} simulations or more each, but ${simulations} simulations in ${count} rounds were asked for`,
    );
  }
  const gathered = new Gathered(method.model, { seed, workers, validation: HELD });
  const first = await gathered.add(simulations - (count - 1) * each);
  const reports: RoundReport[] = [];
  let estimator = await learn(method, gathered, options);
  report(first, 1);
  for (let round = 2; round <= count; round++) {
    const valid = await regionsOf(method.model, gathered, options);
    const another = (own: number) => learn(method, gathered, { ...options, seed: own });
    const { theta, accepted } = await propose(estimator, { count: each, round, valid, another });
    const made = await gathered.add(each, theta);
    await estimator.release();
    estimator = await learn(method, gathered, options);
    report(made, round, accepted);
  }
  return { estimator, simulations: gathered.all, rounds: reports };

  function report(
    made: SimulatedData,
    round: number,
    accepted = round === 1 ? 1 : undefined,
  ): void {
    const { bestValidationLoss } = estimator.details.training;
    const done: RoundReport = {
      round,
      simulations: made.size,
      invalid: made.invalid.length,
      ...(accepted !== undefined && { accepted }),
      validationLoss: bestValidationLoss,
    };
    reports.push(done);
    options.onRound?.(done);
  }
}

/** Simulations of a round, at least; and the share of them that is held out. */
const FEWEST = 20;
const HELD = 0.1;

/** What of the prior's note is known to be so. */
const MEANT = /simulated at parameters that were given/;

async function learn<M extends AnyModel, K extends "posterior" | "likelihood" | "ratio">(
  method: Method<M, K>,
  gathered: Gathered,
  { training = {}, seed = 1 }: RoundsOptions,
): Promise<EstimatorOf<K, M["parameters"]>> {
  const { onWarning = console.warn } = training;
  return train(method, {
    ...training,
    ...gathered.split,
    seed,
    allowOtherPrior: true,
    onWarning: (message) => {
      if (!MEANT.test(message)) onWarning(message);
    },
  });
}

/** Where simulations are valid, where some were not and that is to be avoided. */
async function regionsOf(
  model: AnyModel,
  gathered: Gathered,
  { avoidInvalid = true, seed = 1 }: RoundsOptions,
): Promise<readonly Keeps[]> {
  const { all } = gathered;
  if (!avoidInvalid || all.invalid.length === 0) return [];
  const region = await validRegion(model, all, { seed });
  return region === undefined ? [] : [region.keeps];
}

/** @throws InvalidArgumentError where there is not one data set. */
export function requireOne(sets: number): void {
  if (sets === 1) return;
  throw new InvalidArgumentError(
    `rounds are for one data set, but ${sets} were given: train one estimator for all of them`,
  );
}
