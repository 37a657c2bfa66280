/**
 * The programs by which an amortized density answers as a posterior: `context`, `sample` and `logDensity`.
 *
 * The density is one of v, the parameters in unconstrained space in units of their prior's moments, θ = g(mean_u + sd_u v):
 *
 *     log q(θ | Z) = log q_v(v | S(Z)) - log |dθ/du| - Σ log sd_u
 */
import { add, expandDims, input, sub, type Tensor } from "@amortis/graph";
import type { ConditionalDensity } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import type { SummaryNetwork } from "../networks/index.js";
import { restore, standardize, type Standardization } from "../data/standardization.js";
import type { Moments } from "../data/moments.js";
import type { InferenceContext, Programs } from "./method.js";

/** Moments of the unconstrained parameters. */
export function unconstrainedMoments({ unconstrained }: Standardization): Moments {
  return unconstrained ?? { mean: [0], sd: [1] };
}

/** Σ log sd_u, by which densities of v and of u differ. */
export function logScale({ sd }: Moments): number {
  return sd.reduce((total, value) => total + Math.log(value), 0);
}

/** The programs of a summary network in the scope `summary` and a density in the scope `density`. */
export function posteriorPrograms(
  { scope, inputs, standardization }: InferenceContext,
  model: AnyModel,
  /** What the summary network sees. */
  data: InferenceContext["data"],
  summary: SummaryNetwork,
  density: ConditionalDensity,
): Programs {
  const { bijection } = model.prior;
  const space = unconstrainedMoments(standardization);
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
  const logDensity = sub(
    density.logDensity(scope.child("density"), standardize(u, space), shared),
    add(bijection.graph.logJacobian(u), logScale(space)),
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
