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
import { add, expandDims, input, neg, sub, type Tensor } from "@amortis/graph";
import { splineCoupling, type ConditionalDensity } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import {
  defaultSummary,
  transformedShapes,
  type DataTransform,
  type SummaryNetwork,
} from "../networks/index.js";
import { restore, standardize, type Moments } from "../training/standardization.js";
import type { InferenceContext, Method, Programs } from "./method.js";
import { parameterBijection } from "./parameter-space.js";

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
    programs: (context) => posteriorPrograms(context, model, summary, density),
  };
}

function posteriorPrograms(
  { scope, inputs, data, standardization }: InferenceContext,
  model: AnyModel,
  summary: SummaryNetwork,
  density: ConditionalDensity,
): Programs {
  const bijection = parameterBijection(model);
  const space: Moments = standardization.unconstrained ?? { mean: [0], sd: [1] };
  const noise = density.noise(bijection.unconstrainedSize);
  const summarized = summary.apply(scope.child("summary"), data);
  // Draws and data sets are two axes, so what depends on the data alone is computed once for all draws.
  const context = input("context", summarized.shape);
  const shared = expandDims(context, 1);
  const base: Record<string, Tensor> = {};
  if (noise.normal > 0) base["normal"] = input("normal", ["batch", "draws", noise.normal]);
  if (noise.uniform > 0) base["uniform"] = input("uniform", ["batch", "draws", noise.uniform]);
  const v = density.sample(scope.child("density"), base, shared);
  const theta = input("theta", ["batch", "draws", model.parameterSize]);
  const u = bijection.graph.inverse(theta);
  const scale = space.sd.reduce((total, sd) => total + Math.log(sd), 0);
  const logDensity = sub(
    density.logDensity(scope.child("density"), standardize(u, space), shared),
    add(bijection.graph.logJacobian(u), scale),
  );
  return {
    context: { inputs, outputs: { context: summarized } },
    sample: {
      inputs: { context, ...base },
      outputs: { theta: bijection.graph.forward(restore(v, space)) },
    },
    logDensity: { inputs: { context, theta }, outputs: { logDensity } },
  };
}
