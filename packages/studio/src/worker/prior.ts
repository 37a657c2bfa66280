/**
 * The prior that an estimator was trained with, as sliders and axes need it.
 */
import { stream, type AnyModel, type PosteriorSourceEstimator } from "amortis";
import type { FlatParameter } from "../protocol/types.js";

/** Draws of the prior that are shown, and that say where sliders end. */
const PRIOR_DRAWS = 2_000;

/** Share of the prior on either side that sliders leave out where there is no bound. */
const TAIL = 0.005;

type Estimator = PosteriorSourceEstimator<AnyModel["parameters"]>;
type Prior = Awaited<ReturnType<Estimator["prior"]>>;

/** Draws of the prior, [n, p]. */
export function drawPrior(prior: Prior): Float64Array {
  const random = stream("studio").split("prior");
  const draws = new Float64Array(PRIOR_DRAWS * prior.size);
  for (let i = 0; i < PRIOR_DRAWS; i++) draws.set(prior.sample(random), i * prior.size);
  return draws;
}

/** The flat parameters, with the ends of their axes by draws of the prior. */
export function flatParameters(
  { slots, parameterNames }: Pick<Estimator, "slots" | "parameterNames">,
  prior: Prior,
  draws: Float64Array,
): readonly FlatParameter[] {
  return slots.flatMap(({ name, offset, size }) =>
    Array.from({ length: size }, (_, i): FlatParameter => {
      const at = offset + i;
      const sorted = draws.filter((_value, k) => k % prior.size === at).toSorted();
      const quantile = (share: number): number =>
        sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
      const [lower, upper] = [
        prior.support.lower[at] ?? -Infinity,
        prior.support.upper[at] ?? Infinity,
      ];
      return {
        name: parameterNames[at] ?? name,
        of: name,
        lower,
        upper,
        from: Number.isFinite(lower) ? lower : quantile(TAIL),
        to: Number.isFinite(upper) ? upper : quantile(1 - TAIL),
        whole: prior.support.values?.[at] !== undefined,
      };
    }),
  );
}
