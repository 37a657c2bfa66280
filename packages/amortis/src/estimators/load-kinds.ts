/**
 * Loading estimators of which one knows what they answer, so that the type says it too.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { addressText, type Address } from "../address.js";
import type { AnyModel } from "../model/index.js";
import {
  findKind,
  type AnswerKind,
  type EstimatorOf,
  type Gives,
  type KindsThatGive,
} from "./kinds.js";
import { load, type LoadOptions } from "./load.js";

/** What answers with posteriors, `given` data: estimators of posteriors, and of ratios and likelihoods, by their prior. */
export type PosteriorSourceEstimator<P> = EstimatorOf<KindsThatGive<"posteriors">, P>;

/**
 * Loads an estimator that gives posteriors: npe and variational, and nre and synthetic likelihoods by their prior.
 *
 * @throws FileError as `load` does; InvalidArgumentError where the estimator gives no posteriors.
 * @example
 * const estimator = await loadPosterior("field.amortis", { model: field });
 * const posterior = await estimator.given({ z });
 * posterior.mean().range;
 */
export async function loadPosterior<M extends AnyModel = AnyModel>(
  source: Address | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<PosteriorSourceEstimator<M["parameters"]>> {
  return loadGiving(source, options, "posteriors");
}

/**
 * Loads an estimator that gives points and quantiles: nbe.
 *
 * @throws FileError as `load` does; InvalidArgumentError where the estimator gives no points.
 * @example
 * const estimator = await loadPoint("field-nbe.amortis", { model: field });
 * (await estimator.estimate({ z })).range;
 */
export async function loadPoint<M extends AnyModel = AnyModel>(
  source: Address | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<EstimatorOf<KindsThatGive<"points">, M["parameters"]>> {
  return loadGiving(source, options, "points");
}

async function loadGiving<M extends AnyModel, G extends Gives>(
  source: Address | Uint8Array,
  options: LoadOptions<M>,
  gives: G,
): Promise<EstimatorOf<KindsThatGive<G>, M["parameters"]>> {
  const fitted = await load(source, options);
  const kind = await findKind(fitted.kind);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a kind gives is what its estimators give
  if (kind?.gives === gives) return fitted as EstimatorOf<AnswerKind, M["parameters"]> as never;
  await fitted.release();
  throw new InvalidArgumentError(
    `${nameOf(source)} was trained by ${fitted.details.method}, which gives no ${gives}: ${kind?.advice ?? "load it with load"}`,
  );
}

function nameOf(source: Address | Uint8Array): string {
  return source instanceof Uint8Array ? "the estimator" : addressText(source);
}
