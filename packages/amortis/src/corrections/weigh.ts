/**
 * Importance weights of an amortized answer q(θ | Z) under the model's own likelihood, and what they say of it.
 *
 * Proposals are of q and, for a fifth, of the prior (defensive mixture; Hesterberg 1995), each weighted by the mixture of both:
 *
 *     w_j = p(Z | θ_j) p(θ_j) / ((1 - α) q(θ_j | Z) + α p(θ_j)),     p(Z) ≈ mean w_j.
 *
 * Where q has left out what the posterior has, draws of the prior say so: they get large weights, which alone would not be missed. Weights are Pareto-smoothed (Vehtari et al. 2024,
 * arXiv 1507.02646). With the evidence in hand the draws of q tell how far q is from the posterior, in total variation:
 *
 *     TV(p, q) = sup_A |p(A) - q(A)| = E_q (1 - p(θ | Z) / q(θ | Z))₊
 */
import { paretoSmooth, type ParetoSmoothed } from "../samplers/pareto-smooth.js";
import { stream } from "../random/index.js";
import { orRefusal, Refusal } from "../posterior/refusal.js";
import { nowhere } from "../posterior/target.js";
import { drawPrior, requireNumbers } from "../posterior/weights.js";
import type { CorrectionTarget } from "./correction-target.js";

/** Draws of the prior for each draw of q. */
const DEFENCE = 0.25;

/** Numbers of proposals of all data sets that are weighted together. */
const TOGETHER = 2 ** 22;

/** Proposals of one data set with their weights. */
export interface WeighedDraws extends ParetoSmoothed {
  /** Of q, and after them of the prior: [n, p]. */
  readonly parameters: Float32Array;
  /** log p(Z), by the mean of the weights. */
  readonly logEvidence: number;
  /** Estimate of TV(p, q). */
  readonly distance: number;
  /** E_q [log p(Z, θ) - log q(θ | Z)], the evidence lower bound: log p(Z) less KL(q ‖ p). */
  readonly elbo: number;
}

/** Draws of q that are weighted at first. */
export const FIRST_DRAWS = 1_000;

/** Weights of the first draws of a data set with a seed that are at hand, or why there are none. */
export type KnownWeights = (dataSet: number, seed: number) => WeighedDraws | Refusal | undefined;

/** Weights of the first draws of one data set. */
export async function weighFirst(
  target: CorrectionTarget,
  dataSet: number,
  seed: number,
  known: KnownWeights,
): Promise<WeighedDraws | Refusal> {
  const found =
    known(dataSet, seed) ?? (await weighDraws(target, FIRST_DRAWS, seed, dataSet, dataSet + 1))[0];
  return found ?? new Refusal(`there is no data set ${dataSet}`);
}

/**
 * Weighs draws for each of the data sets [start, end); those of one do not depend on the others.
 *
 * @param count of draws of q; a quarter as many of the prior come with them.
 * @returns for each data set, or why there are none: q has no draws or no density there, or the likelihood is no number.
 */
export async function weighDraws(
  target: CorrectionTarget,
  count: number,
  seed: number,
  start: number,
  end: number,
): Promise<readonly (WeighedDraws | Refusal)[]> {
  const p = target.flatNames.length;
  const random = stream(seed).split("defence");
  const others = Float32Array.from(drawPrior(target.prior, Math.ceil(DEFENCE * count), p, random));
  const each = count * p + others.length;
  const step = Math.max(1, Math.floor(TOGETHER / each));
  const found: (WeighedDraws | Refusal)[] = [];
  for (let from = start; from < end; from += step) {
    found.push(
      ...(await weighTogether(target, { count, others, seed }, from, Math.min(from + step, end))),
    );
  }
  return found;
}

interface Asked {
  readonly count: number;
  readonly others: Float32Array;
  readonly seed: number;
}

async function weighTogether(
  target: CorrectionTarget,
  { count, others, seed }: Asked,
  start: number,
  end: number,
): Promise<readonly (WeighedDraws | Refusal)[]> {
  const { amortized, flatNames, logTerms, expect } = target;
  const p = flatNames.length;
  const { draws, answers } = await amortized.draw(count, seed, start, end);
  const each = count * p + others.length;
  const theta = new Float32Array((end - start) * each);
  for (let i = 0; i < end - start; i++) {
    theta.set(draws.subarray(i * count * p, (i + 1) * count * p), i * each);
    theta.set(others, i * each + count * p);
  }
  const reasons = answers.map(({ refusal }, i) => refusal ?? amortized.withoutDensity?.(start + i));
  const isAny = reasons.includes(undefined);
  const logQ = isAny ? await amortized.logDensity(theta, start, end) : new Float64Array(0);
  const found: (WeighedDraws | Refusal)[] = [];
  for (const [i, without] of reasons.entries()) {
    const dataSet = start + i;
    if (without !== undefined) {
      found.push(without);
      continue;
    }
    const parameters = theta.slice(i * each, (i + 1) * each);
    expect?.(each / p);
    const terms = await logTerms(parameters, dataSet, dataSet + 1);
    const own = logQ.subarray((i * each) / p, ((i + 1) * each) / p);
    found.push(orRefusal(() => weighed(target, { parameters, terms, logQ: own, count }, dataSet)));
  }
  return found;
}

/** @throws Refusal where terms are no numbers, or none has mass. */
function weighed(
  { prior, flatNames }: CorrectionTarget,
  {
    parameters,
    terms,
    logQ,
    count,
  }: Readonly<{ parameters: Float32Array; terms: Float64Array; logQ: Float64Array; count: number }>,
  dataSet: number,
): WeighedDraws {
  requireNumbers(terms, dataSet, flatNames, parameters);
  const p = flatNames.length;
  const share = count / terms.length;
  const [logOwn, logOther] = [Math.log(share), Math.log1p(-share)];
  const logJoint = new Float64Array(terms.length);
  const logWeights = terms.map((term, j) => {
    const logPrior = prior.logDensity(Float64Array.from(parameters.subarray(j * p, (j + 1) * p)));
    logJoint[j] = term === -Infinity ? -Infinity : term + logPrior;
    const q = logOwn + (logQ[j] ?? -Infinity);
    const other = logOther + logPrior;
    const most = Math.max(q, other);
    return (
      (logJoint[j] ?? -Infinity) - most - Math.log(Math.exp(q - most) + Math.exp(other - most))
    );
  });
  if (logWeights.every((weight) => !(weight > -Infinity))) {
    throw nowhere(dataSet, `at ${terms.length} draws of the networks and of the prior`);
  }
  const smoothed = paretoSmooth(logWeights);
  const logEvidence = logMeanExp(logWeights);
  const ratios = logJoint.subarray(0, count).map((joint, j) => joint - (logQ[j] ?? 0));
  const average = (of: (ratio: number) => number): number =>
    ratios.reduce((sum, ratio) => sum + of(ratio), 0) / count;
  return {
    ...smoothed,
    parameters,
    logEvidence,
    distance: average((ratio) => Math.max(0, -Math.expm1(ratio - logEvidence))),
    elbo: average((ratio) => ratio),
  };
}

function logMeanExp(values: Float64Array): number {
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return (
    most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length)
  );
}
