/**
 * Rounds of simulations for one data set: each proposes parameters by what the rounds before learned of it, and learns from all of them.
 *
 * **Truncated proposals** (`truncatedRounds`), for posteriors. The prior, restricted to where the posterior so far has its mass,
 *
 *     p̃(θ) ∝ p(θ) 1{ q(θ | z_o) ≥ τ },     τ the ε-quantile of q(θ_i | z_o), θ_i ~ q(θ | z_o),
 *
 * with ε = 10⁻⁴. Within the region p̃ is the prior up to a constant, so the usual loss learns the posterior itself: no correction by importance weights or atoms, as other
 * sequential posteriors need. What lies outside the region is lost, which is why ε is small.
 *
 * **Likelihood rounds** (`likelihoodRounds`), for likelihoods and ratios. Parameters are drawn from the posterior so far; what is learned, p(z | θ), does not depend on how θ was
 * proposed.
 *
 * The estimator that they end with is made for the one data set. Of others it knows what the first round taught it, and where these lie outside of the region, nothing.
 *
 * References: Deistler, Gonçalves and Macke (2022), "Truncated proposals for scalable and hassle-free simulation-based inference", arXiv 2210.04815; Papamakarios, Sterratt and
 * Murray (2019), "Sequential neural likelihood", arXiv 1805.07226; Durkan, Murray and Papamakarios (2020), arXiv 2002.03712 (ratios).
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { DataInput } from "../data/match-data.js";
import type { EstimatorOf } from "../estimators/kinds.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { train, type TrainOptions } from "../training/index.js";
import { Gathered } from "./gathered.js";
import { allKeep, drawKept, type Keeps } from "./restricted-prior.js";
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

/** Draws by which a region is found, and its threshold. */
const DRAWS = 10_000;

/**
 * Rounds with truncated proposals (TSNPE).
 *
 * @param method of posteriors with a density, such as `npe`.
 * @param data one data set.
 * @throws InvalidArgumentError where there are several data sets, too few simulations, or the posterior has no density; UnsupportedError where the posterior becomes so narrow that the
 * prior hardly meets it.
 * @example
 * const { estimator } = await truncatedRounds(npe(model), observed, { simulations: 2_000, rounds: 5, seed: 1 });
 * (await estimator.given(observed)).mean();
 */
export async function truncatedRounds<M extends AnyModel>(
  method: Method<M, "posterior">,
  data: DataInput,
  options: RoundsOptions = {},
): Promise<Rounds<EstimatorOf<"posterior", M["parameters"]>>> {
  const { epsilon = 1e-4 } = options;
  if (!(epsilon > 0 && epsilon < 1)) {
    throw new InvalidArgumentError(`epsilon must lie between 0 and 1, but is ${epsilon}`);
  }
  const random = stream(options.seed ?? 1).split("proposals");
  return runRounds(method, options, async (estimator, { count, round, valid }) => {
    const posterior = await estimator.givenBatch(data, { samples: DRAWS, seed: round });
    requireOne(posterior.size);
    const own = (await posterior.logDensity(posterior.draws)).toSorted();
    const threshold = own[Math.floor(epsilon * own.length)] ?? -Infinity;
    const within: Keeps = async (theta) =>
      Uint8Array.from(await posterior.logDensity(theta), (value) => Number(value >= threshold));
    const { prior } = method.model;
    const keeps = allKeep(prior.size, [within, ...valid]);
    const { theta, share } = await drawKept(prior, count, keeps, random.split(round));
    return { theta, accepted: share };
  });
}

/**
 * Rounds whose parameters are draws of the posterior so far (SNLE, SNRE).
 *
 * @param method of likelihoods or ratios, such as `nle` and `nre`.
 * @param data one data set.
 * @throws InvalidArgumentError where there are several data sets, or too few simulations; Refusal where a round's posterior is refused.
 * @example
 * const { estimator } = await likelihoodRounds(nle(model), observed, { simulations: 2_000, rounds: 5, seed: 1 });
 */
export async function likelihoodRounds<M extends AnyModel, K extends "likelihood" | "ratio">(
  method: Method<M, K>,
  data: DataInput,
  options: RoundsOptions = {},
): Promise<Rounds<EstimatorOf<K, M["parameters"]>>> {
  return runRounds(method, options, async (estimator, { count, round, valid }) => {
    const { size } = method.model.prior;
    const keeps = allKeep(size, valid);
    // A posterior by chains knows nothing of what fails, but what the likelihood learned of it: some are drawn anew.
    const draws = await estimator.givenBatch(data, { samples: 2 * count, seed: round });
    requireOne(draws.size);
    const [refusal] = draws.answers.flatMap((answer) => answer.refusal ?? []);
    if (refusal !== undefined) throw refusal;
    const all = Float64Array.from(draws.draws);
    const kept = await keeps(all);
    const places = [...kept.keys()].filter((i) => kept[i] === 1);
    // Where too few are kept, what is left is taken more than once: the likelihood is learned at any θ.
    const rows = Array.from({ length: count }, (_, i) => places[i % places.length] ?? i);
    return {
      theta: Float64Array.from(rows.flatMap((i) => [...all.subarray(i * size, (i + 1) * size)])),
    };
  });
}

/** What proposes the parameters of a round. */
type Propose<E> = (
  estimator: E,
  asked: { readonly count: number; readonly round: number; readonly valid: readonly Keeps[] },
) => Promise<{ readonly theta: Float64Array; readonly accepted?: number }>;

async function runRounds<M extends AnyModel, K extends "posterior" | "likelihood" | "ratio">(
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
    const { theta, accepted } = await propose(estimator, { count: each, round, valid });
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

function requireOne(sets: number): void {
  if (sets === 1) return;
  throw new InvalidArgumentError(
    `rounds are for one data set, but ${sets} were given: train one estimator for all of them`,
  );
}
