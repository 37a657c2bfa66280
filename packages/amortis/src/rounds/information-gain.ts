/**
 * What a design is worth before its data are there.
 *
 * The expected information gain of a design ξ is the mutual information of parameters and the data that it would give,
 *
 *     EIG(ξ) = E_{p(θ) p(z | θ, ξ)} [ log p(θ | z, ξ) - log p(θ) ].
 *
 * With a learned posterior q in the place of p(θ | z, ξ) it is a lower bound (Barber and Agakov 2003), short of it by the mean Kullback-Leibler divergence of the posterior from q, so that of two
 * designs the one with the larger bound is known to be worth that much. An estimator that is trained over designs, the design being one of the data arrays, answers for all of them.
 *
 * References: Barber and Agakov (2003), "The IM algorithm"; Foster et al. (2019), "Variational Bayesian optimal experimental design", arXiv 1903.05480; Kleinegesse and Gutmann (2020), arXiv
 * 2002.08129.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { PosteriorBatch } from "../posterior/posterior.js";
import type { DataInput } from "../data/match-data.js";
import type { SimulatedData } from "../simulation/index.js";
import type { JointPrior } from "../distributions/index.js";

/** What is known of a design's worth. */
export interface InformationGain {
  /** The lower bound, in nats. */
  readonly gain: number;
  /** Of the bound, from the number of simulations. */
  readonly standardError: number;
  readonly simulations: number;
}

/** What answers with posteriors that have a density. */
export interface PosteriorsOf {
  prior(): Promise<JointPrior>;
  givenBatch(
    data: DataInput,
    options: { readonly samples?: number },
  ): Promise<Pick<PosteriorBatch, "logDensity">>;
}

/**
 * The expected information gain of a design, a lower bound.
 *
 * @param estimator of posteriors with a density.
 * @param simulations of the model under the design, at draws of the prior, of which nothing was learned.
 * @throws InvalidArgumentError where parameters do not fit the estimator.
 * @example
 * const simulations = await simulate(withDesign, { simulations: 1_000, seed: "design" });
 * const { gain, standardError } = await informationGain(estimator, simulations);   // nats
 */
export async function informationGain(
  estimator: PosteriorsOf,
  simulations: Pick<SimulatedData, "data" | "parameters" | "size">,
): Promise<InformationGain> {
  const { data, parameters, size } = simulations;
  const prior = await estimator.prior();
  const p = prior.size;
  if (parameters.length !== size * p || size < 2) {
    throw new InvalidArgumentError(
      `informationGain takes two simulations or more of ${p} parameters each, but was given ${size} and ${parameters.length} numbers`,
    );
  }
  const posteriors = await estimator.givenBatch({ ...data }, { samples: 1 });
  const logs = await posteriors.logDensity(parameters);
  const gains = Array.from(
    logs,
    (log, i) => log - prior.logDensity(parameters.subarray(i * p, (i + 1) * p)),
  );
  const gain = gains.reduce((a, b) => a + b, 0) / size;
  const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / (size - 1);
  return { gain, standardError: Math.sqrt(variance / size), simulations: size };
}
