/**
 * What simulations held out of training say of a trained estimator's posteriors: where they are too wide or too narrow.
 */
import type { DataSets } from "../data/data-sets.js";
import { fractionalRanks } from "../diagnostics/ranks.js";
import type { Contents } from "../estimators/contents.js";
import { openEstimator } from "../estimators/load.js";
import type { OpenOptions } from "../estimators/base.js";
import { learnLocalCalibration } from "../posterior/local-calibration.js";
import { stream } from "../random/index.js";

/** Simulations that are looked at, at most, and draws of the posterior of each. */
const [MOST, DRAWS] = [2_000, 64];

/**
 * The same estimator, that knows where its posteriors are too wide or too narrow; as it is where none are known to be, it has none of its own, or few are held out.
 *
 * @param heldOut simulations that nothing was learned from but when to stop.
 * @param parameters their parameters, [n, p].
 */
export async function withLocalCalibration(
  contents: Contents,
  heldOut: DataSets,
  parameters: Float64Array,
  options: OpenOptions,
): Promise<Contents> {
  const { answers } = contents.details;
  if (answers.kind !== "posterior") return contents;
  const estimator = await openEstimator(contents, { ...options, onWarning: () => {} });
  try {
    if (estimator.kind !== "posterior") return contents;
    const p = estimator.parameterNames.length;
    const size = Math.min(MOST, heldOut.size);
    if (size === 0) return contents;
    const some = heldOut.slice(0, size);
    const { draws } = await estimator.givenBatch({ ...some.columns }, { samples: DRAWS });
    const random = stream("local-calibration");
    const ranks = Array.from({ length: p }, (_, j) =>
      fractionalRanks(
        Float64Array.from({ length: size * DRAWS }, (__, i) => draws[i * p + j] ?? Number.NaN),
        Float64Array.from({ length: size }, (__, i) => parameters[i * p + j] ?? Number.NaN),
        random.split(j),
      ),
    );
    const calibration = learnLocalCalibration(draws, ranks);
    if (calibration === undefined) return contents;
    return {
      ...contents,
      details: { ...contents.details, answers: { ...answers, calibration } },
    };
  } finally {
    await estimator.release();
  }
}
