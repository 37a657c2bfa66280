/**
 * Neural summary statistics that estimate posterior moments.
 *
 *     S* = argmin E | S(Z) - m(θ) |²    is    S*(Z) = E[ m(θ) | Z ],     m(θ) = θ, or (θ, θ²).
 *
 * The posterior mean is the summary of p numbers that loses least of squared error (Fearnhead & Prangle 2012, JRSS B 74, 419; by networks,
 * Jiang et al. 2017, arXiv 1510.02175); with the second moments it also says how uncertain the parameters are. Of a parameter over decades the moments are
 * those of its asinh, as networks see it: in its own units they would be those of its largest values alone.
 */
import { concat, mean, square, sub } from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { networkCalledSummary, networkFields, summaryMethod } from "./summary-method.js";
import { longTraining } from "./usual-training.js";

const settings = new Settings(
  "method",
  "posteriorMomentsSummary",
  z.strictObject({
    ...networkFields,
    /** 1: posterior means, p numbers. 2: means, then means of squares, 2p numbers. */
    moments: z.literal([1, 2]).default(1),
  }),
  {
    alias: "posterior-moments",
    about: "summary statistics that estimate posterior moments",
    fromConfiguration: networkCalledSummary,
  },
);

/** Network and length of a summary of posterior moments. */
export type PosteriorMomentsOptions = z.input<typeof settings.schema>;

/**
 * A summary that estimates posterior moments of the standardised parameters: (θ - mean) / sd, by mean and sd of the prior draws; of those over decades, their
 * asinh, standardised.
 *
 * @throws InvalidArgumentError where there is no such number of moments.
 * @example
 * const learned = await train(posteriorMomentsSummary(field, { moments: 2 }), { simulations: 20_000 });
 * syntheticLikelihood(field, { transform: learned.transform() });
 */
export function posteriorMomentsSummary<M extends AnyModel>(
  model: M,
  options: PosteriorMomentsOptions = {},
): Method<M, "summary"> {
  const { transform, network, moments } = settings.resolve(options);
  return summaryMethod({
    settings,
    model,
    transform,
    network,
    size: moments * model.parameterSize,
    described: { moments },
    training: longTraining,
    losses: ({ parametersSeen: parameters }, summarized) => {
      const target = moments === 1 ? parameters : concat([parameters, square(parameters)], -1);
      return mean(square(sub(summarized, target)), { axes: [1] });
    },
  });
}
posteriorMomentsSummary.settings = settings;
