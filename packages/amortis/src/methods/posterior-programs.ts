/**
 * The programs by which an amortized density answers as a posterior: `context`, `sample` and `logDensity`.
 *
 * The density is one of v, the parameters in unconstrained space in units of their prior's moments, θ = g(mean_u + sd_u v):
 *
 *     log q(θ | Z) = log q_v(v | S(Z)) - log |dθ/du| - Σ log sd_u
 */
import {
  add,
  concat,
  constant,
  expandDims,
  input,
  logSumExp,
  mul,
  reshape,
  split,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { fromColumns, toColumns } from "../densities/columns.js";
import { toRows } from "../densities/flow.js";
import type { ConditionalDensity } from "../densities/index.js";
import type { Level } from "../densities/noise-levels.js";
import type { Bijection } from "../distributions/bijection.js";
import type { AnyModel } from "../model/index.js";
import type { SummaryNetwork } from "../networks/index.js";
import { unconstrainedMoments } from "../data/standardization.js";
import { restore, standardize } from "../data/standardization-graph.js";
import { lessTrend, trendLogScale, withTrend, type LinearTrend } from "../data/linear-trend.js";
import { linearAt } from "../data/least-squares.js";
import type { Moments } from "../data/moments.js";
import { trendRestAt } from "../data/trend-rest.js";
import { flattenData } from "../networks/summary.js";
import type { InferenceContext, Programs } from "./method.js";

/** Σ log sd_u, by which densities of v and of u differ. */
export function logScale({ sd }: Moments): number {
  return sd.reduce((total, value) => total + Math.log(value), 0);
}

/** The programs of a summary network in the scope `summary` and a density in the scope `density`. */
export function posteriorPrograms(
  inference: InferenceContext,
  model: AnyModel,
  /** What the summary network sees. */
  data: InferenceContext["data"],
  summary: SummaryNetwork,
  density: ConditionalDensity,
): Programs {
  const part = partOf(inference, model, inference.scope, data, summary, density);
  return {
    context: { inputs: inference.inputs, outputs: { context: part.summarized } },
    sample: part.sample(part.context),
    ...(density.withoutDensity !== true && {
      logDensity: logDensityProgram(model, part.context, (theta) => part.logDensity(theta)),
    }),
    ...(part.denoise && { denoise: part.denoise }),
  };
}

/** A member of a mixture: its networks, in a scope of their own. */
export interface PosteriorMember {
  readonly scope: string;
  readonly summary: SummaryNetwork;
  readonly density: ConditionalDensity;
}

/**
 * The programs of a mixture: `context` of all members side by side, `logDensity` of the mixture, and `sample0`, `sample1`, ... of each member.
 *
 *     log q(θ | Z) = log Σ_k w_k q_k(θ | Z)
 *
 * Members draw in a call each: a call of the engine's own runtime takes a fiftieth of what the draws of one data set take, which is all that one program of them all
 * would save.
 */
export function mixturePrograms(
  inference: InferenceContext,
  model: AnyModel,
  members: readonly PosteriorMember[],
  weights: readonly number[],
): Programs {
  const { scope, inputs, data } = inference;
  const places = members.map((member) => scope.child(member.scope));
  const summaries = members.map(({ summary }, k) =>
    summarizedWith(
      inference.standardization.trend,
      summary.apply(places[k]?.child("summary") ?? scope, data),
      data,
    ),
  );
  const widths = summaries.map((summary) => Number(summary.shape.at(-1)));
  const context = input("context", [
    summaries[0]?.shape[0] ?? "batch",
    widths.reduce((a, b) => a + b, 0),
  ]);
  const contexts = split(context, widths, -1);
  const parts = members.map(({ summary, density }, k) =>
    partOf(inference, model, places[k] ?? scope, data, summary, density, contexts[k]),
  );
  const samples = parts.map((part, k) => [`sample${k}`, part.sample(context)] as const);
  return {
    context: { inputs, outputs: { context: concat(summaries, -1) } },
    ...Object.fromEntries(samples),
    ...(members.every((member) => member.density.withoutDensity !== true) && {
      logDensity: logDensityProgram(model, context, (theta) => {
        const each = parts.map((part, k) =>
          expandDims(add(part.logDensity(theta), Math.log(weights[k] ?? 0)), 0),
        );
        return logSumExp(concat(each, 0), { axes: [0] });
      }),
    }),
  };
}

/** One density of θ given a context, as parts of programs. */
interface Part {
  /** What the summary network makes of the data. */
  readonly summarized: Tensor;
  readonly context: Tensor;
  /** The program that draws, whose input is `whole`, of which the density's context is a part. */
  sample(whole: Tensor): Programs[string];
  logDensity(theta: Tensor): Tensor;
  /** The program that denoises, of a density that can. */
  readonly denoise: Programs[string] | undefined;
}

function partOf(
  { standardization }: InferenceContext,
  model: AnyModel,
  scope: Scope,
  data: InferenceContext["data"],
  summary: SummaryNetwork,
  density: ConditionalDensity,
  given?: Tensor,
): Part {
  const { bijection } = model.prior.centred;
  const { trend } = standardization;
  const space = unconstrainedMoments(standardization);
  const noise = density.noise(bijection.unconstrainedSize);
  const summarized = summarizedWith(trend, summary.apply(scope.child("summary"), data), data);
  const context = given ?? input("context", summarized.shape);
  const place = scope.child("density");
  // Draws and data sets are two axes, so what depends on the data alone is computed once for all draws.
  const shared = expandDims(context, 1);
  return {
    summarized,
    context,
    sample: (whole) => {
      const base: Record<string, Tensor> = {};
      if (noise.normal > 0) base["normal"] = input("normal", ["batch", "draws", noise.normal]);
      if (noise.uniform > 0) base["uniform"] = input("uniform", ["batch", "draws", noise.uniform]);
      const drawn = toColumns(density.sample(place, base, shared), "a draw");
      const location = trend && toColumns(locationIn(shared, trend), "a trend");
      const v = trend && location ? withTrend(drawn, location, trend) : drawn;
      return {
        inputs: { context: whole, ...base },
        outputs: { theta: parametersOf(v, bijection, space) },
      };
    },
    logDensity: (theta) => {
      const u = bijection.graph.inverse(theta);
      const v = standardize(u, space);
      const left = trend === undefined ? v : lessTrend(v, locationIn(shared, trend), trend);
      const scale = logScale(space) + (trend === undefined ? 0 : trendLogScale(trend));
      return sub(
        density.logDensity(place, left, shared),
        add(bijection.graph.logJacobian(u), scale),
      );
    },
    denoise:
      density.denoise &&
      denoiseProgram(context, bijection.unconstrainedSize, (x, level) => {
        // What is under noise are parameters less their trend; with the trend of each data set put on, they are the same of all.
        const shift = trend && lessTrend(locationIn(shared, trend), constant(0, [1]), trend);
        const own = shift === undefined ? x : sub(x, mul(level.cos, shift));
        const mean = density.denoise?.(place, own, level, shared) ?? own;
        return shift === undefined ? mean : add(mean, shift);
      }),
  };
}

/** E[w | x, data], of points of their own for each data set and one level for all. */
export function denoiseProgram(
  context: Tensor,
  d: number,
  denoise: (x: Tensor, level: Level) => Tensor,
): Programs[string] {
  const noisy = input("noisy", ["batch", "draws", d]);
  const level = input("level", [2]);
  const [cos = level, sin = level] = split(reshape(level, [1, 1, 2]), [1, 1], -1);
  return {
    inputs: { context, noisy, level },
    outputs: { denoised: denoise(noisy, { cos, sin }) },
  };
}

/**
 * θ [..., n, size] of v [..., d, n]. Coordinate by coordinate, each a row, where that can be: what is done along a last axis of one or two numbers takes ONNX
 * Runtime twenty times as long.
 */
function parametersOf(v: Tensor, bijection: Bijection, space: Moments): Tensor {
  const { coordinates } = bijection;
  if (coordinates === undefined) return bijection.graph.forward(restore(fromColumns(v), space));
  const of = (values: readonly number[], i: number): number => values[i] ?? values[0] ?? 0;
  const rows = toRows(v, coordinates.length);
  const moved = coordinates.flatMap((map, i) => {
    const row = rows[i];
    const moments = { mean: [of(space.mean, i)], sd: [of(space.sd, i)] };
    return row === undefined ? [] : [map.graph.forward(restore(row, moments))];
  });
  return fromColumns(concat(moved, -2));
}

function logDensityProgram(
  model: AnyModel,
  context: Tensor,
  logDensity: (theta: Tensor) => Tensor,
): Programs[string] {
  const theta = input("theta", ["batch", "draws", model.parameterSize]);
  return { inputs: { context, theta }, outputs: { logDensity: logDensity(theta) } };
}

/** The context of a density that starts from a trend: the summary, and beside it how much the trend leaves of the data, where that is kept, and its location. */
export function summarizedWith(
  trend: LinearTrend | undefined,
  summary: Tensor,
  data: InferenceContext["data"],
): Tensor {
  if (trend === undefined) return summary;
  const features = flattenData(data);
  const location = linearAt(features, trend);
  const rest = trend.rest === undefined ? [] : [trendRestAt(features, location, trend.rest)];
  return concat([summary, ...rest, location], -1);
}

/** Numbers that such a context has beside the summary's. */
export function besideSummary(trend: LinearTrend | undefined): number {
  if (trend === undefined) return 0;
  return trend.intercept.length + (trend.rest === undefined ? 0 : 1);
}

/** The trend's location in such a context. */
export function locationIn(context: Tensor, { intercept: { length: d } }: LinearTrend): Tensor {
  const [, location = context] = split(context, [Number(context.shape.at(-1)) - d, d], -1);
  return location;
}
