/**
 * The estimator that the package brings along.
 */
import { InvalidArgumentError, load, PosteriorEstimator, type Address } from "amortis";
import { SIZE } from "./coordinates.js";
import type { SizedProposals } from "./side-by-side.js";

/** An estimator of coordinates of variances. */
export type MixedEstimator = PosteriorEstimator;

let usual: Promise<MixedEstimator> | undefined;

/**
 * Loads the estimator that the package brings along, or another one: in a page, from its URL or its bytes.
 *
 * @throws FileError where there is no such file; InvalidArgumentError where it is no estimator of mixed models.
 * @example const estimator = await loadMixed(new Uint8Array(await (await fetch("linear.amortis")).arrayBuffer()))
 */
export async function loadMixed(source?: Address | Uint8Array): Promise<MixedEstimator> {
  if (source !== undefined) return open(source);
  usual ??= open(new URL("../pretrained/linear.amortis", import.meta.url));
  return usual;
}

async function open(source: Address | Uint8Array): Promise<MixedEstimator> {
  // Where data are unlike what the network learned from, weights say whether that matters.
  const estimator = await load(source, { onWarning: () => undefined });
  if (estimator instanceof PosteriorEstimator && estimator.parameterNames.length === SIZE)
    return estimator;
  throw new InvalidArgumentError(
    "this is no estimator of the variances of mixed models: give one that models/mixed/scripts/train-estimator.ts has trained",
  );
}

/** Proposals of the network told of a problem: as many draws as are asked for at first. */
export async function networkProposals(
  estimator: MixedEstimator,
  features: Float64Array,
  samples: number,
  seed: number,
): Promise<SizedProposals> {
  const network = await estimator.given({ features }, { samples, seed });
  return {
    size: SIZE,
    draws: () => Promise.resolve(network.draws),
    logDensity: (z) => network.logDensities(z),
  };
}
