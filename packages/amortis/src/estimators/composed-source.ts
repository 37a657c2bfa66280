/**
 * Posteriors of replicates from denoisers of one, `composed-denoisers.ts`: of what was learned by flow matching, diffusion or mean flow.
 */
import { hostTensor, UnsupportedError, type HostTensor } from "@amortis/graph";
import type { LinearTrend } from "../data/linear-trend.js";
import type { ParameterSlot } from "../data/layout.js";
import type { Moments } from "../data/moments.js";
import { levelGrid } from "../densities/probability-flow.js";
import type { Distribution } from "../distributions/index.js";
import { product } from "../math/index.js";
import { DrawnBatch } from "../posterior/drawn-batch.js";
import { normalTermsOf } from "../posterior/normal-terms.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal } from "../posterior/refusal.js";
import type { Groups } from "../posterior/replicates.js";
import { stream } from "../random/index.js";
import { composedDraws } from "../samplers/composed-denoisers.js";
import type { Denoisers } from "../samplers/denoisers.js";

/** Levels from noise alone to nearly none. */
const LEVELS = levelGrid(48, 0.002, Math.atan(80)).toReversed();

/** Of what posteriors are composed. */
export interface Composition {
  /** Of the parameters less their offset. */
  readonly prior: Distribution;
  readonly slots: readonly ParameterSlot[];
  /** Of the parameters in unconstrained space. */
  readonly moments: Moments;
  readonly trend: LinearTrend | undefined;
  readonly flatNames: readonly string[];
  readonly groups: Groups;
  /** E[w | x] of data sets by their places in the batch, at points [k, n, d] of their own. */
  readonly means: (
    which: readonly number[],
    points: HostTensor,
    level: HostTensor,
  ) => Promise<Float32Array>;
}

/**
 * Posteriors of groups; undefined where the prior is not normal in unconstrained space, so that it is not known under noise: where it is no normal distribution itself, and has
 * another link than normal scores.
 */
export function composedSource(composition: Composition): PosteriorSource | undefined {
  const { prior, slots, groups, flatNames } = composition;
  const d = prior.bijection.unconstrainedSize;
  const toTheta = parametersBy(composition, d);
  const terms = normalTermsOf((w) => {
    const { theta, logJacobian } = toTheta(w);
    return prior.logDensity(theta) + logJacobian;
  }, d);
  if (terms === undefined) return undefined;
  return {
    slots,
    flatNames,
    size: groups.size,
    reports: true,
    draw: async (draws, seed, start, end, report) => {
      const p = flatNames.length;
      const batch = new DrawnBatch(end - start, draws, p);
      for (let group = start; group < end; group++) {
        const [first = 0, last = 0] = groups.bounds[group] ?? [];
        const { draws: w, excess } = await composedDraws(
          denoisersOf(composition, first, last, d),
          terms,
          {
            draws,
            levels: LEVELS,
            random: stream(seed).split("composed").split(group),
            report: (share) => report?.((group - start + share) / (end - start)),
          },
        );
        const refusal = refusalFor(last - first, excess);
        if (refusal !== undefined) {
          batch.refuse(refusal);
          continue;
        }
        const thetas = new Float32Array(draws * p);
        for (let i = 0; i < draws; i++) {
          thetas.set(toTheta(w.subarray(i * d, (i + 1) * d)).theta, i * p);
        }
        batch.answer({ status: "amortized" }, thetas);
      }
      return batch.drawn;
    },
    withoutDensity: () => new Refusal(NO_DENSITY),
    logDensity: () => Promise.reject(new UnsupportedError(NO_DENSITY)),
  };
}

/** Draws that move so many times as far, or as little, as the data say are no answer. */
const UNSETTLED = 1.5;

/** Why draws of so many data sets are none of their posterior, by how much farther or less they move than these allow; undefined where they are. */
function refusalFor(size: number, excess: number | undefined): Refusal | undefined {
  if (excess === undefined || excess <= UNSETTLED) return undefined;
  return new Refusal(unsettled(size, excess), { because: "a composition that has not settled" });
}

function unsettled(size: number, excess: number): string {
  const how = Number.isFinite(excess)
    ? `from one level of noise to the next its draws move ${excess.toPrecision(2)} times as far, or as little, as what the data sets say together allows`
    : "its draws lie at the ends of the prior";
  return `the composition of ${size} data sets has not settled: ${how}, since the network's errors of each add up; give it fewer, train it longer or on more simulations, or train on sets of data with a network such as deepSet()`;
}

const NO_DENSITY =
  "posteriors of replicates that are composed of scores have draws, but no normalised density: train npe with a flow, such as splineCoupling(), for one";

function denoisersOf(
  { means }: Composition,
  first: number,
  last: number,
  dimension: number,
): Denoisers {
  return {
    size: last - first,
    dimension,
    means: (which, points, angle) => {
      const shape = [which.length, points.length / which.length / dimension, dimension];
      return means(
        which.map((i) => first + i),
        hostTensor(points, shape),
        hostTensor(Float32Array.of(Math.cos(angle), Math.sin(angle)), [2]),
      );
    },
  };
}

/** θ of w, the parameters that noise was added to but for what differs from data set to data set: u = mean + sd · L w. */
function parametersBy(
  { prior: { bijection }, moments: { mean, sd }, trend }: Composition,
  d: number,
): (w: Float64Array) => { readonly theta: Float64Array; readonly logJacobian: number } {
  const factor = trend && Float64Array.from(trend.factor);
  return (w) => {
    const v = factor === undefined ? w : product(factor, w, d);
    const u = v.map((value, k) => (mean[k] ?? mean[0] ?? 0) + (sd[k] ?? sd[0] ?? 1) * value);
    return { theta: bijection.forward(u), logJacobian: bijection.logJacobian(u) };
  };
}
