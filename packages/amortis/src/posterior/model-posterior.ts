/**
 * The posterior under a model's own likelihood, without any network: what amortized answers are held against.
 *
 *     p(θ | Z) ∝ p(Z | θ) p(θ)
 *
 * On a grid it is exact up to the cells' size, which is fitted to each posterior; by Markov chains or importance resampling, up to the number of draws. The likelihood is the
 * model's `logLikelihood`, on the host: every data set and every θ is an evaluation of its own.
 */
import type { Distribution } from "../distributions/index.js";
import { matchData, type DataInput } from "../data/match-data.js";
import type { DataSpec } from "../data/array-spec.js";
import type { Model, ParameterSpec } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import { requireDraws } from "./held-draws.js";
import { PosteriorBatch } from "./posterior.js";
import { stream } from "../random/index.js";
import { columnMoments, type Moments } from "../data/moments.js";
import { describeLostDigits } from "../data/precision.js";
import type { PosteriorSource } from "./posterior-source.js";
import { changedPrior } from "../distributions/changed-prior.js";
import { offsetSource, shifted } from "./offset-source.js";
import { hostTerms } from "./host-terms.js";
import { modelSlopes } from "./model-slopes.js";
import { drawPrior } from "./weights.js";
import { posteriorSource, type PosteriorSampler } from "./source.js";
import type { PosteriorMethod } from "./usual-posterior.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How the posterior is found. */
export interface ModelPosteriorOptions {
  /**
   * By default a grid for one or two parameters, and Markov chains for more; where they would not do, the next, and a note says so. All
   * values of discrete parameters; importance where some are discrete and some are not. "rejection" gives independent draws where the posterior is not much narrower than the prior.
   */
  readonly method?: PosteriorMethod;
  /**
   * What Markov chains are made by: `randomWalk()`, as by default, `nuts()`, `hmc()`, `sliceSampler()` or `ensemble()`; or `smc()`, for populations that are tempered from the prior. `nuts` and `hmc` need a
   * model with `logLikelihoodGradient`, or with `graphLogLikelihood`, which is differentiated.
   */
  readonly sampler?: PosteriorSampler;
  /** Cells of a grid along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
  /** Draws of each posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** Stops it, at the latest after one evaluation of the likelihood and a tenth of a second. */
  readonly signal?: StopSignal;
  /**
   * Hears several times a second how many evaluations of the likelihood are done, of how many that are known to be needed. The total grows
   * where a grid has to look more closely, or chains have to run longer.
   */
  readonly onProgress?: (done: number, total: number) => void;
  /** Hears of parameters on an offset that single precision cannot bear; by default a warning is printed. */
  readonly onWarning?: (message: string) => void;
}

const KNOWN: KnownOptions<ModelPosteriorOptions> = {
  method: true,
  sampler: true,
  points: true,
  samples: true,
  seed: true,
  signal: true,
  onProgress: true,
  onWarning: true,
};

/** Draws of the prior that say how far a grid of unbounded parameters reaches. */
const PRIOR_DRAWS = 2_000;

/**
 * Posteriors of data sets under the model's own likelihood.
 *
 * @param data as estimators take them: one data set, or a batch along a leading axis.
 * @returns a data set that cannot be answered is refused, and says why: `posteriors.answers[i]`, `posteriors.at(i).note`.
 * @throws UnsupportedError where the model has no `logLikelihood`, where a grid is asked for more than two parameters, or where every data set is
 * refused; the signal's reason where it aborts; DataError where the data do not fit the model.
 * @example
 * const posteriors = await modelPosterior(field, { z }, { method: "grid", points: 400 });
 * posteriors.mean().range;
 */
export async function modelPosterior<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  data: DataInput,
  options: ModelPosteriorOptions = {},
): Promise<PosteriorBatch<P>> {
  requireKnown("modelPosterior", options, KNOWN);
  const {
    samples = 1000,
    seed = 0,
    points,
    sampler,
    signal,
    onProgress,
    onWarning = console.warn,
  } = options;
  requireDraws(samples);
  const matched = matchData(model.dataSpecs, data).data;
  const { size } = matched;
  const { prior } = model;
  const { slots, flatNames, offset } = prior;
  const known = drawPrior(
    prior.centred,
    PRIOR_DRAWS,
    prior.size,
    stream("precision").split("prior"),
  );
  const lost = describeLostDigits("parameters", flatNames, columnMoments(known, prior.size));
  if (lost !== undefined) onWarning(lost);
  const { finish, ...terms } = hostTerms(model, matched, { signal, onProgress });
  const slopes = modelSlopes(model, matched);
  const sourceUnder = (priors: Readonly<Record<string, Distribution>>): PosteriorSource => {
    const own = changedPrior(prior, priors).centred;
    const source = posteriorSource(
      {
        slots,
        flatNames,
        size,
        ...terms,
        logTerms: (theta, start, end) => terms.logTerms(shifted(theta, offset, 1), start, end),
        slopes: slopes && ((theta, start, end) => slopes(shifted(theta, offset, 1), start, end)),
        prior: own,
        trained: prior.centred,
        beyond: true,
        unconstrained: () => unconstrainedMoments(prior.centred),
        points,
        sampler,
      },
      options.method,
    );
    const under = async (more: Readonly<Record<string, Distribution>>) =>
      sourceUnder({ ...priors, ...more });
    return { ...offsetSource(source, offset), under };
  };
  const posteriors = await PosteriorBatch.of<P>(sourceUnder({}), samples, seed);
  finish();
  return posteriors;
}

function unconstrainedMoments(prior: Distribution): Moments {
  const random = stream("grid").split("prior");
  const { bijection } = prior;
  const k = bijection.unconstrainedSize;
  const values = new Float64Array(PRIOR_DRAWS * k);
  for (let i = 0; i < PRIOR_DRAWS; i++) values.set(bijection.inverse(prior.sample(random)), i * k);
  return columnMoments(values, k);
}
