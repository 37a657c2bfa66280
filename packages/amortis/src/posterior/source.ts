/**
 * Posteriors from a likelihood (or a ratio) and a prior, by the method that is asked for or by those that suit the parameters.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Moments } from "../data/moments.js";
import type { Distribution } from "../distributions/index.js";
import type { Smc } from "../samplers/smc.js";
import { chainPosterior, type ChainSampler, type ChainTarget } from "./chain-posterior.js";
import { smcPosterior } from "./smc-posterior.js";
import { enumerableValues, enumeratedPosterior } from "./enumeration.js";
import { gridPosterior } from "./grid-posterior.js";
import { importancePosterior } from "./importance-posterior.js";
import { rejectionPosterior } from "./rejection-posterior.js";
import type { PosteriorSource } from "./posterior.js";
import type { TermsTarget } from "./target.js";
import { usualMethods, usualPosterior, type PosteriorMethod } from "./usual-posterior.js";

/** Of what a posterior is made. */
export interface SourceTarget extends TermsTarget {
  readonly prior: Distribution;
  /** The prior of what the terms were learned from, where that is another: grids lie and chains walk where it has mass. */
  readonly trained?: Distribution;
  /** Moments of that prior in unconstrained space. */
  readonly unconstrained: () => Moments | undefined;
  /** Whether terms are known beyond where the prior has its mass. */
  readonly beyond?: boolean;
  /** Cells of a grid along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number | undefined;
  /** What chains are made by, by default random walks; or tempered populations. */
  readonly sampler?: PosteriorSampler | undefined;
}

/** What draws of a posterior can be made by. */
export type PosteriorSampler = ChainSampler | Smc;

function sampledPosterior(target: ChainTarget, sampler?: PosteriorSampler): PosteriorSource {
  if (sampler !== undefined && "populations" in sampler) return smcPosterior(target, sampler);
  return chainPosterior(target, sampler);
}

/**
 * @param given the method, by default those that `usualMethods` names; of a sampler, chains.
 * @throws UnsupportedError where a method cannot answer for such parameters.
 */
export function posteriorSource(
  { trained, points, sampler, beyond = false, ...target }: SourceTarget,
  given?: PosteriorMethod,
): PosteriorSource {
  const method = sampler === undefined ? given : (given ?? "mcmc");
  if (sampler !== undefined && method !== "mcmc") {
    throw new InvalidArgumentError(
      `a sampler makes Markov chains, but "${method}" is the method: leave out one of the two`,
    );
  }
  const { prior, flatNames } = target;
  const region = trained ?? prior;
  const methods = {
    grid: () => {
      const values = enumerableValues(region);
      if (values !== undefined) return enumeratedPosterior({ ...target, values });
      return gridPosterior({
        ...target,
        beyond,
        prior: {
          support: region.support,
          ...(region.parts !== undefined && { parts: region.parts }),
          get bijection() {
            return region.bijection;
          },
          logDensity: (theta) => prior.logDensity(theta),
        },
        ...(points !== undefined && { points }),
      });
    },
    mcmc: () => sampledPosterior({ ...target, bijection: () => region.bijection }, sampler),
    importance: () => importancePosterior(target),
    rejection: () =>
      rejectionPosterior({
        ...target,
        bijection: region.support.values === undefined ? region.bijection : undefined,
      }),
  };
  const order = method === undefined ? usualMethods(region, flatNames) : ([method] as const);
  const isGrid = order.includes("grid") && enumerableValues(region) === undefined;
  if (points !== undefined && !isGrid) {
    const how =
      enumerableValues(region) === undefined
        ? `"${order[0]}" is the method`
        : "all values of discrete parameters are";
    throw new InvalidArgumentError(
      `points are the cells of a grid along each axis, but ${how}: leave them out`,
    );
  }
  return usualPosterior(methods, order);
}
