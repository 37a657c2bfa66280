/**
 * The programs by which an amortized density answers as a posterior: `context`, `sample` and `logDensity`.
 *
 * The density is one of v, the parameters in unconstrained space in units of their prior's moments, θ = g(mean_u + sd_u v):
 *
 *     log q(θ | Z) = log q_v(v | S(Z)) - log |dθ/du| - Σ log sd_u
 */
import { add, concat, expandDims, input, split, sub, type Tensor } from "@amortis/graph";
import type { ConditionalDensity } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import type { SummaryNetwork } from "../networks/index.js";
import { restore, standardize, type Standardization } from "../data/standardization.js";
import {
  lessTrend,
  trendAt,
  trendLogScale,
  withTrend,
  type LinearTrend,
} from "../data/linear-trend.js";
import type { Moments } from "../data/moments.js";
import { flattenData } from "../networks/summary.js";
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
  const { trend } = standardization;
  const summarized = summarizedWith(trend, summary.apply(scope.child("summary"), data), data);
  // Draws and data sets are two axes, so what depends on the data alone is computed once for all draws.
  const context = input("context", summarized.shape);
  const shared = expandDims(context, 1);
  const base: Record<string, Tensor> = {};
  if (noise.normal > 0) base["normal"] = input("normal", ["batch", "draws", noise.normal]);
  if (noise.uniform > 0) base["uniform"] = input("uniform", ["batch", "draws", noise.uniform]);
  const drawn = density.sample(scope.child("density"), base, shared);
  const v = trend === undefined ? drawn : withTrend(drawn, locationIn(shared, trend), trend);
  const theta = input("theta", ["batch", "draws", model.parameterSize]);
  const u = bijection.graph.inverse(theta);
  const standardized = standardize(u, space);
  const logDensity = sub(
    density.logDensity(
      scope.child("density"),
      trend === undefined
        ? standardized
        : lessTrend(standardized, locationIn(shared, trend), trend),
      shared,
    ),
    add(
      bijection.graph.logJacobian(u),
      logScale(space) + (trend === undefined ? 0 : trendLogScale(trend)),
    ),
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

/** The context of a density that starts from a trend: the summary, and beside it the trend's location. */
export function summarizedWith(
  trend: LinearTrend | undefined,
  summary: Tensor,
  data: InferenceContext["data"],
): Tensor {
  return trend === undefined ? summary : concat([summary, trendAt(flattenData(data), trend)], -1);
}

/** The trend's location in such a context. */
export function locationIn(context: Tensor, { intercept: { length: d } }: LinearTrend): Tensor {
  const [, location = context] = split(context, [Number(context.shape.at(-1)) - d, d], -1);
  return location;
}
