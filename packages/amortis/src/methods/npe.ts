/**
 * Neural posterior estimation: the forward Kullback-Leibler divergence.
 *
 * A conditional density q_γ(θ | S_γ(Z)) is fitted to draws of the joint model by maximum likelihood,
 *
 *     γ* = argmin E_{p(θ, Z)} [ -log q_γ(θ | S_γ(Z)) ] = argmin E_{p(Z)} KL( p(θ | Z) ‖ q_γ(θ | Z) ) + const,
 *
 * the summary network S_γ jointly with the density (Papamakarios & Murray 2016, arXiv 1605.06376; Greenberg et al. 2019,
 * arXiv 1905.07488; Radev et al. 2020, arXiv 2003.06281). The density lives in the unconstrained space of θ = g(u), standardised, with the
 * Jacobian of both maps, so that no mass leaves the support of the prior:
 *
 *     log q(θ | Z) = log q_u(v | S(Z)) - log |dθ/du| - Σ log sd_u,      v = (u - mean_u) / sd_u.
 */
import { add, neg, type Scope, type Tensor } from "@amortis/graph";
import { z } from "zod";
import { lessTrend, trendLogScale } from "../data/linear-trend.js";
import { densitySlot, type ConditionalDensity } from "../densities/density.js";
import { splineCoupling } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { locationIn, posteriorPrograms, summarizedWith } from "./posterior-programs.js";

const settings = new Settings(
  "method",
  "npe",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z). By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** q. By default a rational-quadratic-spline coupling flow. */
    density: densitySlot.default(() => splineCoupling()),
    /** Whether the density starts from the linear trend of the parameters in the data, so that the networks learn what is left. */
    trend: z.enum(["linear", "none"]).default("linear"),
  }),
  { about: "posteriors, by simulations", before: { trend: "none" } },
);

/** Networks of neural posterior estimation. */
export type NpeOptions = z.input<typeof settings.schema>;

/**
 * Neural posterior estimation.
 *
 * @throws UnsupportedError where a prior has no unconstrained space (discrete parameters).
 * @example
 * const estimator = await train(npe(field, { summary: cnn(), density: splineCoupling() }), { simulations: 160_000 });
 */
export function npe<M extends AnyModel>(
  model: M,
  options: NpeOptions = {},
): Method<M, "posterior"> {
  const { transform, density, trend: start, summary: given } = settings.resolve(options);
  const summary = given ?? defaultSummary(transformedSpecs(model.dataSpecs, transform));
  const { bijection } = model.prior;
  return {
    name: settings.kind,
    model,
    description: settings.describe({ transform, summary, density, trend: start }),
    ...(transform && { transform }),
    trend: start === "linear",
    answers: { kind: "posterior", noise: density.noise(bijection.unconstrainedSize) },
    losses: (training) => {
      const { scope, data, standardization } = training;
      const { trend } = standardization;
      const context = summarizedWith(trend, summary.apply(scope.child("summary"), data), data);
      const place = scope.child("density");
      const v = training.unconstrained();
      if (trend === undefined) return lossOf(density, place, v, context);
      const left = lessTrend(v, locationIn(context, trend), trend);
      return add(lossOf(density, place, left, context), trendLogScale(trend));
    },
    programs: (context) => posteriorPrograms(context, model, context.data, summary, density),
  };
}
npe.settings = settings;

function lossOf(density: ConditionalDensity, scope: Scope, v: Tensor, context: Tensor): Tensor {
  return density.loss?.(scope, v, context) ?? neg(density.logDensity(scope, v, context));
}
