/**
 * The amortization gap: how far an amortized posterior lies from the exact one, and why.
 *
 *     KL(p ‖ q)  =  KL(p ‖ q*)  +  E_p [log q* - log q]
 *      total         family           amortization
 *
 * where p is the posterior of one data set, q the networks' answer, and q* the best member of their density family for that data set alone, fitted from q by maximum likelihood of draws of p
 * (`DensityFit`). What is lost to the family, no network that shares its weights between data sets could win back; what is lost to amortization, more simulations, larger networks or a
 * correction of the one answer can. Draws that q* is fitted to are not those by which anything is measured. As descent finds a good member rather than the best, the family's part is an upper bound.
 *
 * With a likelihood there is the same the other way round, KL(q ‖ p) = log p(Z) - ELBO(q), and the distance in total variation, by importance weights; with a classifier, C2ST.
 *
 * References: Cremer, Li & Duvenaud (2018), "Inference suboptimality in variational autoencoders", arXiv 1801.03558, for the split; Zammit-Mangion, Sainsbury-Dale & Huser (2025), arXiv
 * 2404.12484, who ask how it depends on the network and the simulations.
 */
import { InvalidArgumentError, type HostTensor } from "@amortis/graph";
import type { ContextNetworks } from "../corrections/context-networks.js";
import type { CorrectionTarget } from "../corrections/correction-target.js";
import { DensityFit } from "../corrections/density-fit.js";
import type { Floats } from "../data/layout.js";
import { matchData, type DataInput } from "../data/match-data.js";
import type { JointPrior } from "../distributions/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { AnyModel } from "../model/index.js";
import { hostTerms } from "../posterior/host-terms.js";
import { shifted } from "../posterior/offset-source.js";
import type { PosteriorBatch } from "../posterior/posterior.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal } from "../posterior/refusal.js";
import { defaultRuntime } from "../runtime.js";
import type { StopSignal } from "../stop-signal.js";
import { average, type Average } from "./averages.js";
import type { Classifier } from "./classifier.js";
import { gapOfOne, type GapOfOne, type GapSplit } from "./gap-of-one.js";

/** What is measured: estimators of posteriors, by npe or variational. */
export interface GapEstimator extends ContextNetworks {
  prior(): Promise<JointPrior>;
  contextsOf(data: DataInput): Promise<HostTensor>;
}

/** Exact posteriors, or draws of them [data sets, m, p] made elsewhere. */
export type GapReference =
  | Pick<PosteriorBatch, "size" | "sample" | "at" | "answers">
  | { readonly size: number; readonly draws: Floats };

/** How the gap is measured. */
export interface GapOptions {
  /** The model, whose likelihood, where it has one, gives the gap the other way round, and the evidence where the reference has no density. */
  readonly model?: AnyModel;
  /** Draws of each posterior, of which two thirds are fitted to and one measures; 6,000 by default, or those that the reference has. */
  readonly draws?: number;
  /** Steps of each fit, 600 by default. */
  readonly steps?: number;
  /** Tells draws apart for C2ST, which takes long; none by default. */
  readonly classifier?: Classifier;
  readonly seed?: number;
  readonly signal?: StopSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const KNOWN: KnownOptions<GapOptions> = {
  model: true,
  draws: true,
  steps: true,
  classifier: true,
  seed: true,
  signal: true,
  onProgress: true,
};

/** Gaps over data sets. */
export interface AmortizationGap {
  /** KL(p ‖ q), in nats. Where neither the reference nor the model says p's density, the part of amortization alone is a number. */
  readonly kl: GapSplit<Average>;
  /** KL(q ‖ p) = log p(Z) - ELBO(q), in nats; NaN without a likelihood. */
  readonly reverse: GapSplit<Average>;
  /** Total variation; NaN without a likelihood. */
  readonly variation: GapSplit<Average>;
  /** C2ST - 0.5; NaN without a classifier. */
  readonly c2st: GapSplit<Average>;
  /** Numbers of the data sets that were measured, in the order of `each`; the reference refused the others. */
  readonly dataSets: readonly number[];
}

/**
 * The gap of each of some data sets. `riskByParameter(gap.kl.total.each, truth)` shows where in parameter space it is.
 *
 * @param reference of the same data sets: `modelPosterior(model, data)`, or draws.
 * @throws UnsupportedError where the estimator's density is not learned by its logarithm (flow matching, consistency models); InvalidArgumentError where numbers of data sets differ, or
 * every one is refused.
 * @example
 * const { kl } = await amortizationGap(estimator, { z }, await modelPosterior(field, { z }), { model: field });
 * kl.total.value; kl.family.value; kl.amortization.value;
 */
export async function amortizationGap(
  estimator: GapEstimator,
  data: DataInput,
  reference: GapReference,
  options: GapOptions = {},
): Promise<AmortizationGap> {
  requireKnown("amortizationGap", options, KNOWN);
  const { draws = 6_000, seed = 0, steps = 600, signal, onProgress, classifier } = options;
  const context = await estimator.contextsOf(data);
  const [size = 0, width = 0] = context.shape;
  const { contents } = estimator;
  const prior = await estimator.prior();
  const exact = await exactDraws(reference, size, { draws, seed, p: prior.size });
  const target = likelihoodOf(prior, data, options.model, signal);
  const runtime = await defaultRuntime();
  const { bijection } = prior.centred;
  const fit = await DensityFit.create(contents, { bijection, width }, runtime);
  const found: GapOfOne[] = [];
  try {
    for (const i of exact.dataSets) {
      signal?.throwIfAborted();
      const own = Float32Array.from(context.data.subarray(i * width, (i + 1) * width), Number);
      const start = { weights: contents.weights, context: own };
      const { fitted, measured } = exact.of(i);
      const theta = shifted(fitted, prior.offset, -1);
      const best = await fit.fit(start, theta, { steps, seed });
      found.push(
        await gapOfOne({
          networks: estimator,
          fit,
          start,
          best,
          draws: shifted(measured, prior.offset, -1),
          logExact: await exact.logDensity(i, measured),
          target: target && ((amortized) => target(i, amortized)),
          classifier,
          seed,
        }),
      );
      onProgress?.(found.length, exact.dataSets.length);
    }
  } finally {
    await fit.release();
  }
  return { ...summarize(found), dataSets: exact.dataSets };
}

/** One data set with the model's likelihood; undefined where there is none. */
function likelihoodOf(
  { slots, flatNames, offset, centred }: JointPrior,
  data: DataInput,
  model: AnyModel | undefined,
  signal: StopSignal | undefined,
): ((dataSet: number, amortized: PosteriorSource) => CorrectionTarget) | undefined {
  if (model?.logLikelihood === undefined) return undefined;
  const { logTerms } = hostTerms(model, matchData(model.dataSpecs, data).data, { signal });
  return (dataSet, amortized) => ({
    slots,
    flatNames,
    size: 1,
    amortized,
    prior: centred,
    bijection: () => centred.bijection,
    logTerms: (theta) => logTerms(shifted(theta, offset, 1), dataSet, dataSet + 1),
  });
}

/** Draws of the reference: to be fitted to, and to measure by. */
interface ExactDraws {
  readonly dataSets: readonly number[];
  of(dataSet: number): { readonly fitted: Floats; readonly measured: Floats };
  /** NaN where it has none. */
  logDensity(dataSet: number, theta: Floats): Promise<Float64Array>;
}

/** Share of draws that is fitted to. */
const FITTED = 2 / 3;

async function exactDraws(
  reference: GapReference,
  size: number,
  { draws, seed, p }: Readonly<Record<"draws" | "seed" | "p", number>>,
): Promise<ExactDraws> {
  if (reference.size !== size) {
    throw new InvalidArgumentError(
      `amortizationGap: there are ${size} data sets, but ${reference.size} exact posteriors`,
    );
  }
  const isBatch = "sample" in reference;
  const all = isBatch ? (await reference.sample(draws, seed)).data : reference.draws;
  const each = all.length / (size * p);
  const [span, cut] = [each * p, Math.floor(FITTED * each) * p];
  const refused = isBatch ? reference.answers.map(({ status }) => status === "refused") : [];
  return {
    dataSets: Array.from({ length: size }, (_, i) => i).filter((i) => refused[i] !== true),
    of: (i) => ({
      fitted: all.subarray(i * span, i * span + cut),
      measured: all.subarray(i * span + cut, (i + 1) * span),
    }),
    logDensity: async (i, theta) => {
      const unknown = new Float64Array(theta.length / p).fill(Number.NaN);
      if (!isBatch) return unknown;
      try {
        return await reference.at(i).logDensities(theta);
      } catch (error) {
        // Chains may have draws without a normalised density: then the evidence is that of weights.
        if (error instanceof Refusal) return unknown;
        throw error;
      }
    },
  };
}

function summarize(found: readonly GapOfOne[]): Omit<AmortizationGap, "dataSets"> {
  const of = (measure: keyof GapOfOne): GapSplit<Average> => {
    const part = (name: keyof GapSplit): Average => average(found.map((one) => one[measure][name]));
    return { total: part("total"), family: part("family"), amortization: part("amortization") };
  };
  return { kl: of("kl"), reverse: of("reverse"), variation: of("variation"), c2st: of("c2st") };
}
