/**
 * A posterior under another prior, by weights of its draws:
 *
 *     p′(θ | Z) ∝ p(θ | Z) p′(θ) / p(θ)
 *
 * Nothing is learned anew, and what the first posterior gets wrong stays wrong. Weights are Pareto-smoothed, and their shape k says whether they can be trusted: where the new prior has its mass where
 * the first posterior has hardly any, they cannot, and the data set is refused.
 *
 * Reference: Vehtari, Simpson, Gelman, Yao & Gabry 2024, arXiv 1507.02646.
 */
import type { Distribution } from "../distributions/index.js";
import type { Floats } from "../data/layout.js";
import { stream } from "../random/index.js";
import { paretoSmooth, trustedShape } from "../samplers/pareto-smooth.js";
import { resample } from "../samplers/resample.js";
import type { PosteriorSource } from "./posterior-source.js";
import { Refusal, refused, type Answer } from "./refusal.js";

/** Draws that are weighted: so many for each that is asked for, and at least so many. */
const FOR_EACH = 4;
const FEWEST = 4_000;

/** The priors, of parameters as the source has them. */
export interface PriorChange {
  readonly before: Pick<Distribution, "logDensity">;
  readonly after: Pick<Distribution, "logDensity">;
}

/** Posteriors of a source under another prior. */
export function reweightedSource(
  source: PosteriorSource,
  { before, after }: PriorChange,
): PosteriorSource {
  const { slots, flatNames, size } = source;
  const p = flatNames.length;
  const logMeans = new Map<number, number>();

  /** log p′(θ) - log p(θ) of each row. */
  const logRatios = (parameters: Floats): Float64Array =>
    Float64Array.from({ length: parameters.length / p }, (_, i) => {
      const theta = Float64Array.from(parameters.subarray(i * p, (i + 1) * p));
      const wanted = after.logDensity(theta);
      return wanted === -Infinity ? wanted : wanted - before.logDensity(theta);
    });

  /** Rows of one data set by their weights. */
  function select(all: Floats, draws: number, seed: number, set: number) {
    const logs = logRatios(all);
    if (logs.every((log) => log === -Infinity)) throw noOverlap(set, logs.length);
    const { logWeights, k, effective } = paretoSmooth(logs);
    const most = trustedShape(logs.length);
    // Written so that a NaN is not trusted; equal weights have no tail.
    if (!(k <= most) && logs.some((log) => log !== logs[0])) throw untrusted(set, k, most);
    const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = logs.reduce((total, log) => total + Math.exp(log - top), 0);
    if (!logMeans.has(set)) logMeans.set(set, top + Math.log(sum / logs.length));
    const random = stream(seed).split("under").split(set);
    return { rows: resample(logWeights.map(Math.exp), draws, random), k, effective };
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const many = Math.max(FEWEST, FOR_EACH * draws);
      const drawn = await source.draw(many, seed, start, end);
      const kind = drawn.draws instanceof Float64Array ? Float64Array : Float32Array;
      const result = new kind((end - start) * draws * p).fill(Number.NaN);
      const answers = drawn.answers.map((answer, i): Answer => {
        if (answer.refusal !== undefined) return answer;
        const all = drawn.draws.subarray(i * many * p, (i + 1) * many * p);
        try {
          const { rows, k, effective } = select(all, draws, seed, start + i);
          for (const [j, row] of rows.entries()) {
            result.set(all.subarray(row * p, (row + 1) * p), (i * draws + j) * p);
          }
          const check = { ...(Number.isFinite(k) && { k }), effective };
          return { ...answer, status: "importance", check };
        } catch (error) {
          if (error instanceof Refusal) return refused(error);
          throw error;
        }
      });
      return { draws: result, answers };
    },
    ...(source.withoutDensity && {
      withoutDensity: (set: number) => source.withoutDensity?.(set),
    }),
    logDensity: async (parameters, start, end) => {
      const first = await source.logDensity(parameters, start, end);
      const each = first.length / (end - start);
      const ratios = logRatios(parameters);
      return first.map((log, i) => {
        const ratio = ratios[i] ?? NaN;
        const logMean = logMeans.get(start + Math.floor(i / each)) ?? NaN;
        return log === -Infinity || ratio === -Infinity ? -Infinity : log + ratio - logMean;
      });
    },
  };
}

function noOverlap(set: number, draws: number): Refusal {
  return new Refusal(
    `the other prior has no mass at any of ${draws} draws of the posterior of data set ${set}: it must overlap with the first, whose support also bounds it`,
  );
}

function untrusted(set: number, k: number, most: number): Refusal {
  return new Refusal(
    `the posterior of data set ${set} under the other prior is too far from that under the first: the Pareto k of the weights is ${k.toFixed(2)} (at most ${most.toFixed(2)}); train under a prior that has more mass there, or learn a likelihood or a ratio (nle, nre), which go with any prior`,
  );
}
