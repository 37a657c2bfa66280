/**
 * Likelihood rounds (SNLE, SNRE): parameters are drawn from the posterior so far; what is learned, p(z | θ), does not depend on how θ was proposed.
 *
 * References: Papamakarios, Sterratt and Murray (2019), "Sequential neural likelihood", arXiv 1805.07226; Durkan, Murray and Papamakarios (2020), arXiv 2002.03712 (ratios).
 */
import { InvalidArgumentError } from "@amortis/graph";
import { takeRows } from "../data/data-sets.js";
import type { DataInput } from "../data/match-data.js";
import type { EstimatorOf } from "../estimators/kinds.js";
import type { TargetEstimator } from "../estimators/target-estimator.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import { chooseBy, disagreement } from "./committee.js";
import { allKeep } from "./restricted-prior.js";
import { requireOne, runRounds, type Rounds, type RoundsOptions } from "./rounds.js";

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
  const { committee = 1, seed = 1 } = options;
  if (!Number.isInteger(committee) || committee < 1 || committee > MOST_MEMBERS) {
    throw new InvalidArgumentError(
      `committee must be a whole number of networks from 1 to ${MOST_MEMBERS}, but is ${committee}`,
    );
  }
  const random = stream(seed).split("committee");
  return runRounds(method, options, async (estimator, { count, round, valid, another }) => {
    const { size } = method.model.prior;
    const samples = (committee === 1 ? 2 : CANDIDATES) * count;
    const draws = await estimator.givenBatch(data, { samples, seed: round });
    requireOne(draws.size);
    const [refusal] = draws.answers.flatMap((answer) => answer.refusal ?? []);
    if (refusal !== undefined) throw refusal;
    const all = Float64Array.from(draws.draws);
    const rowsOf = (places: readonly number[]): Float64Array => takeRows(all, size, places);
    // A posterior knows little of what fails, so that more are drawn than are needed.
    const kept = await allKeep(size, valid)(all);
    const places = [...kept.keys()].filter((i) => kept[i] === 1);
    if (committee > 1 && places.length > count) {
      const candidates = rowsOf(places);
      const logs = [await logsOf(estimator, data, candidates)];
      for (let k = 1; k < committee; k++) {
        const member = await another(seed + k);
        logs.push(await logsOf(member, data, candidates));
        await member.release();
      }
      const chosen = chooseBy(disagreement(logs), count, random.split(round));
      return { theta: rowsOf(chosen.map((i) => places[i] ?? 0)) };
    }
    // Where too few are kept, they are taken more than once: the likelihood is learned at any θ.
    return {
      theta: rowsOf(Array.from({ length: count }, (_, i) => places[i % places.length] ?? i)),
    };
  });
}

/** Networks of a committee, at most; and candidates for each simulation that it chooses. */
const MOST_MEMBERS = 16;
const CANDIDATES = 5;

/** Log posterior densities of one data set at θ [n, p], up to a constant. */
async function logsOf(
  estimator: Pick<TargetEstimator, "target">,
  data: DataInput,
  theta: Float64Array,
): Promise<Float64Array> {
  return (await estimator.target(data)).logDensity(theta, 0, 1);
}
