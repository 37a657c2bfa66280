/**
 * The range of what a trained estimator's networks make of the data they were trained on, kept so that it can say of others that they are unlike.
 */
import { DataError } from "../data/simulator-output.js";
import type { DataSets } from "../data/data-sets.js";
import { withoutOffsets } from "../data/standardization.js";
import { summaryRange } from "../data/unlike-summary.js";
import { contextsOf, floatsOf } from "../estimators/base.js";
import { openProgram, type ProgramOptions } from "../estimators/opened-programs.js";
import type { Contents } from "../estimators/contents.js";

/** Simulations that are looked at, at most. */
const MOST = 8_192;

/**
 * The same estimator, that knows the range of its summaries; one without learned summaries as it is.
 *
 * @param training as simulated.
 */
export async function withSummaryRange(
  contents: Contents,
  training: DataSets,
  options: ProgramOptions,
): Promise<Contents> {
  const { details, programs } = contents;
  // The context of a likelihood is its summary as given, whose range is known.
  if (programs["context"] === undefined || details.answers.kind === "likelihood") return contents;
  const sets = withoutOffsets(
    training.slice(0, Math.min(MOST, training.size)),
    details.standardization,
  );
  const session = await openProgram(contents, "context", options);
  try {
    const all = await contextsOf(sets, (feeds) => session.run(feeds));
    const { lower, upper } = summaryRange(floatsOf({ all }, "all"), all.shape[1] ?? 1);
    const summary = { lower: [...lower], upper: [...upper] };
    return {
      ...contents,
      details: { ...details, standardization: { ...details.standardization, summary } },
    };
  } catch (error) {
    // Networks that make no numbers of some simulations say so where they are asked.
    if (error instanceof DataError) return contents;
    throw error;
  } finally {
    await session.release();
  }
}
