/**
 * Rounds with truncated proposals (TSNPE): the prior, restricted to where the posterior so far has its mass,
 *
 *     p̃(θ) ∝ p(θ) 1{ q(θ | z_o) ≥ τ },     τ the ε-quantile of q(θ_i | z_o), θ_i ~ q(θ | z_o),
 *
 * with ε = 10⁻⁴. Within the region p̃ is the prior up to a constant, so the usual loss learns the posterior itself: no correction by importance weights or atoms, as other
 * sequential posteriors need. What lies outside the region is lost, which is why ε is small.
 *
 * Reference: Deistler, Gonçalves and Macke (2022), "Truncated proposals for scalable and hassle-free simulation-based inference", arXiv 2210.04815.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { DataInput } from "../data/match-data.js";
import type { EstimatorOf } from "../estimators/kinds.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import { allKeep, drawKept, type Keeps } from "./restricted-prior.js";
import { requireOne, runRounds, type Rounds, type RoundsOptions } from "./rounds.js";

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
