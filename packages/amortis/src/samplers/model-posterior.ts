/**
 * The posterior under a model's own likelihood, without any network: what amortized answers are held against.
 *
 *     p(θ | Z) ∝ p(Z | θ) p(θ)
 *
 * On a grid it is exact up to the cells' size; by Markov chains or importance resampling, up to the number of draws. The likelihood is the
 * model's `logLikelihood`, on the host: every data set and every θ is an evaluation of its own.
 */
import { UnsupportedError } from "@amortis/graph";
import { independent, type Distribution } from "../distributions/index.js";
import { matchData, type DataInput } from "../files/index.js";
import {
  sizeOf,
  type AnyModel,
  type DataSpec,
  type Model,
  type ParameterSpec,
} from "../model/index.js";
import { flatNames, parameterSlots } from "../posterior/layout.js";
import { PosteriorBatch, requireDraws } from "../posterior/posterior.js";
import { stream } from "../random/index.js";
import { moments, type Moments } from "../training/standardization.js";
import { gridPosterior, type LogTerms } from "./grid-posterior.js";
import { chainPosterior, importancePosterior } from "./sampled-posterior.js";

/** How the posterior is found. */
export interface ModelPosteriorOptions {
  /** By default a grid for one or two parameters, and Markov chains for more. */
  readonly method?: "grid" | "mcmc" | "importance";
  /** Cells of a grid along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
  /** Draws of each posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
}

/** Draws of the prior that say how far a grid of unbounded parameters reaches. */
const PRIOR_DRAWS = 2_000;

/**
 * Posteriors of data sets under the model's own likelihood.
 *
 * @param data as estimators take them: one data set, or a batch along a leading axis.
 * @throws UnsupportedError where the model has no `logLikelihood`, where a grid is asked for more than two parameters, or where draws cannot
 * be trusted; DataError where the data do not fit the model.
 * @example
 * const posteriors = await modelPosterior(field, { z }, { method: "grid", points: 400 });
 * posteriors.mean().range;
 */
export async function modelPosterior<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  data: DataInput,
  options: ModelPosteriorOptions = {},
): Promise<PosteriorBatch<P>> {
  const { samples = 1000, seed = 0, points } = options;
  const { method = model.parameterSize > 2 ? "mcmc" : "grid" } = options;
  requireDraws(samples);
  const { size, arrays } = matchData(model.dataShapes, data);
  const slots = parameterSlots(
    Object.entries(model.parameters).map(([name, { shape }]) => ({ name, shape })),
  );
  const prior = independent(Object.values(model.parameters));
  const target = {
    slots,
    flatNames: flatNames(slots),
    size,
    logTerms: logTermsOf(model, arrays, size),
    prior,
  };
  const source = {
    grid: () =>
      gridPosterior({
        ...target,
        unconstrained: bounded(prior) ? undefined : unconstrainedMoments(prior),
        ...(points !== undefined && { points }),
      }),
    mcmc: () => chainPosterior({ ...target, bijection: () => prior.bijection }),
    importance: () => importancePosterior({ ...target, bijection: () => prior.bijection }),
  }[method]();
  return new PosteriorBatch<P>(source, await source.draw(samples, seed, 0, size), samples);
}

function logTermsOf(
  model: AnyModel,
  arrays: Readonly<Record<string, Float32Array>>,
  size: number,
): LogTerms {
  const { name, parameterSize: p } = model;
  if (model.logLikelihood === undefined) {
    throw new UnsupportedError(
      `the model "${name}" has no logLikelihood: give defineModel one, or train an estimator, which needs the simulator only`,
    );
  }
  const sets = Array.from({ length: size }, (_, i) =>
    Object.fromEntries(
      Object.entries(arrays).map(([key, values]) => {
        const each = sizeOf(model.dataShapes[key] ?? []);
        return [key, values.subarray(i * each, (i + 1) * each)];
      }),
    ),
  );
  return (theta, start, end) => {
    const each = theta.length / p / (end - start);
    const values = Float64Array.from({ length: theta.length / p }, (_, at) => {
      const set = sets[start + Math.floor(at / each)];
      const flat = Float64Array.from(theta.subarray(at * p, (at + 1) * p));
      // A likelihood is asked within the prior's support only.
      if (set === undefined || model.logPrior(flat) === -Infinity) return -Infinity;
      return model.logLikelihood?.(model.unpack(flat), set) ?? Number.NaN;
    });
    return Promise.resolve(values);
  };
}

function bounded({ support }: Distribution): boolean {
  return [...support.lower, ...support.upper].every(Number.isFinite);
}

function unconstrainedMoments(prior: Distribution): Moments {
  const random = stream("grid").split("prior");
  const { bijection } = prior;
  const k = bijection.unconstrainedSize;
  const values = new Float64Array(PRIOR_DRAWS * k);
  for (let i = 0; i < PRIOR_DRAWS; i++) values.set(bijection.inverse(prior.sample(random)), i * k);
  return moments(values, k, false);
}
