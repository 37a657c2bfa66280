/**
 * Loading estimators of which one knows what they answer, so that the type says it too.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import { load, type EstimatorOf, type LoadOptions } from "./load.js";

/** What answers with posteriors, `given` data: estimators of posteriors, and of ratios and likelihoods, by their prior. */
export type PosteriorSourceEstimator<P> = EstimatorOf<"posterior" | "ratio" | "likelihood", P>;

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
  source: string | URL | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<PosteriorSourceEstimator<M["parameters"]>> {
  const fitted = await load(source, options);
  if (fitted.kind !== "point" && fitted.kind !== "summary") return fitted;
  await fitted.release();
  throw new InvalidArgumentError(
    `${nameOf(source)} was trained by ${fitted.details.method}, which gives no posteriors: ${fitted.kind === "point" ? "load it with loadPoint, which gives estimates and quantiles" : "load it with load, and make it a transform of other methods"}`,
  );
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
  source: string | URL | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<EstimatorOf<"point", M["parameters"]>> {
  const fitted = await load(source, options);
  if (fitted.kind === "point") return fitted;
  await fitted.release();
  throw new InvalidArgumentError(
    `${nameOf(source)} was trained by ${fitted.details.method}, which gives no point estimates: ${fitted.kind === "summary" ? "load it with load, and make it a transform of other methods" : "load it with loadPosterior, whose posteriors have means and quantiles"}`,
  );
}

function nameOf(source: string | URL | Uint8Array): string {
  return source instanceof Uint8Array ? "the estimator" : String(source);
}
