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
import { neg } from "@amortis/graph";
import { splineCoupling, type ConditionalDensity } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import {
  defaultSummary,
  transformedShapes,
  type DataTransform,
  type SummaryNetwork,
} from "../networks/index.js";
import type { Method } from "./method.js";
import { parameterBijection } from "./parameter-space.js";
import { posteriorPrograms } from "./posterior-programs.js";

/** Networks of neural posterior estimation. */
export interface NpeOptions {
  /** What is done to the data first: expert or learned summaries in their place, or beside them. */
  readonly transform?: DataTransform;
  /** S(Z). By default a CNN for grids and series, a multilayer perceptron else. */
  readonly summary?: SummaryNetwork;
  /** q. By default a rational-quadratic-spline coupling flow. */
  readonly density?: ConditionalDensity;
}

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
  const { transform } = options;
  const {
    summary = defaultSummary(transformedShapes(model.dataShapes, transform)),
    density = splineCoupling(),
  } = options;
  const bijection = parameterBijection(model);
  return {
    name: "npe",
    model,
    description: {
      method: "npe",
      ...(transform && { transform: transform.describe() }),
      summary: summary.describe(),
      density: density.describe(),
    },
    ...(transform && { transform }),
    answers: { kind: "posterior", noise: density.noise(bijection.unconstrainedSize) },
    losses: (training) => {
      const { scope, data } = training;
      const context = summary.apply(scope.child("summary"), data);
      return neg(density.logDensity(scope.child("density"), training.unconstrained(), context));
    },
    programs: (context) => posteriorPrograms(context, model, context.data, summary, density),
  };
}
