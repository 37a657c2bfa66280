/**
 * The amortization gap of one data set, by every measure that there is.
 */
import { hostTensor } from "@amortis/graph";
import type { ContextNetworks } from "../corrections/context-networks.js";
import type { CorrectionTarget } from "../corrections/correction-target.js";
import type { DensityFit, FittedDensity } from "../corrections/density-fit.js";
import { weighDraws, type WeighedDraws } from "../corrections/weigh.js";
import type { Floats } from "../data/layout.js";
import { jointTarget } from "../posterior/joint-target.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal } from "../posterior/refusal.js";
import { c2st } from "./c2st.js";
import type { Classifier } from "./classifier.js";

/** A gap, and what it consists of. NaN where it is not known. */
export interface GapSplit<T = number> {
  readonly total: T;
  readonly family: T;
  readonly amortization: T;
}

/** Gaps of one data set. */
export interface GapOfOne {
  readonly kl: GapSplit;
  readonly reverse: GapSplit;
  readonly variation: GapSplit;
  readonly c2st: GapSplit;
}

/** What one data set is measured by. */
export interface MeasuredOne {
  readonly networks: ContextNetworks;
  readonly fit: DensityFit;
  /** The networks' answer, and the best member of their family. */
  readonly start: FittedDensity;
  readonly best: FittedDensity;
  /** Draws of the posterior, [m, p], less the parameters' offset, to which nothing was fitted. */
  readonly draws: Floats;
  /** Their log densities, NaN where there are none: [m]. */
  readonly logExact: Float64Array;
  /** The data set alone, with the networks' answer, where there is a likelihood. */
  readonly target: ((amortized: PosteriorSource) => CorrectionTarget) | undefined;
  readonly classifier: Classifier | undefined;
  readonly seed: number;
}

/** Draws by which a density is weighed. */
const WEIGHED = 2_000;

const UNKNOWN: GapSplit = { total: Number.NaN, family: Number.NaN, amortization: Number.NaN };

/** Measures one data set. */
export async function gapOfOne(measured: MeasuredOne): Promise<GapOfOne> {
  const { networks, fit, start, best, draws, logExact, target } = measured;
  const others = networks.withWeights(best.weights);
  try {
    const sources = [
      await networks.sourceOf(hostTensor(start.context, [1, start.context.length])),
      await others.sourceOf(hostTensor(best.context, [1, best.context.length])),
    ] as const;
    const [logQ, logBest] = [await fit.logDensity(start, draws), await fit.logDensity(best, draws)];
    const weighed = target && (await weighBoth(target, sources, measured.seed));
    const logP = logExact.every(Number.isFinite)
      ? logExact
      : await jointLess(target?.(sources[0]), weighed, draws);
    const mean = (values: Float64Array): number => meanWithin(values, logP);
    return {
      kl: split(mean(logP) - mean(logQ), mean(logP) - mean(logBest), mean(logBest) - mean(logQ)),
      reverse: weighed === undefined ? UNKNOWN : reverseOf(weighed),
      variation: weighed === undefined ? UNKNOWN : split(weighed[0].distance, weighed[1].distance),
      c2st: await toldApart(measured, sources),
    };
  } finally {
    await others.release();
  }
}

function split(total: number, family: number, amortization = total - family): GapSplit {
  return { total, family, amortization };
}

type Both = readonly [WeighedDraws, WeighedDraws];

/** Weights of the networks' answer and of the best member; undefined where the likelihood is no number. */
async function weighBoth(
  target: (amortized: PosteriorSource) => CorrectionTarget,
  [amortized, best]: readonly [PosteriorSource, PosteriorSource],
  seed: number,
): Promise<Both | undefined> {
  const [first] = await weighDraws(target(amortized), WEIGHED, seed, 0, 1);
  const [second] = await weighDraws(target(best), WEIGHED, seed, 0, 1);
  const isKnown = (one: WeighedDraws | Refusal | undefined): one is WeighedDraws =>
    one !== undefined && !(one instanceof Refusal);
  return isKnown(first) && isKnown(second) ? [first, second] : undefined;
}

/** log p(Z), by the weights that are worth more. */
function evidenceOf([first, second]: Both): number {
  return (first.effective > second.effective ? first : second).logEvidence;
}

function reverseOf(weighed: Both): GapSplit {
  const logEvidence = evidenceOf(weighed);
  return split(logEvidence - weighed[0].elbo, logEvidence - weighed[1].elbo);
}

/** log p(Z, θ) - log p(Z) at draws, by the likelihood; NaN where there is none. */
async function jointLess(
  target: CorrectionTarget | undefined,
  weighed: Both | undefined,
  draws: Floats,
): Promise<Float64Array> {
  if (target === undefined || weighed === undefined) return Float64Array.of(Number.NaN);
  const joint = await jointTarget(target, 0, 1).logDensity(Float64Array.from(draws), 0, 1);
  const logEvidence = evidenceOf(weighed);
  return joint.map((value) => value - logEvidence);
}

/** C2ST - 0.5 of draws of the networks, and of the best member, beside those of the posterior. */
async function toldApart(
  { classifier, draws, fit: { parameters: p }, seed }: MeasuredOne,
  sources: readonly [PosteriorSource, PosteriorSource],
): Promise<GapSplit> {
  if (classifier === undefined) return UNKNOWN;
  const score = async (source: PosteriorSource): Promise<number> => {
    const drawn = await source.draw(draws.length / p, seed, 0, 1);
    const samples = Float32Array.from(drawn.draws);
    return (await c2st(Float32Array.from(draws), samples, p, { classifier })).score - 0.5;
  };
  return split(await score(sources[0]), await score(sources[1]));
}

/** Mean where the posterior has mass: draws of a grid's cell may lie just outside, where it has a sharp bound. */
function meanWithin(values: Float64Array, logP: Float64Array): number {
  const within = values.filter((_, i) => logP[i] !== -Infinity);
  return within.reduce((sum, value) => sum + value, 0) / within.length;
}
