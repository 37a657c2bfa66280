/**
 * What a trained estimator's networks make of the data they were trained on, kept so that it can say of others that they are unlike: its range, and which summaries are typical, by
 * simulations held out.
 */
import { DataError } from "../data/simulator-output.js";
import type { DataSets } from "../data/data-sets.js";
import { withoutOffsets } from "../data/standardization.js";
import { learnTypicality, type Typicality } from "../data/typicality.js";
import { summaryRange } from "../data/unlike-summary.js";
import { contextOf, floatsOf, resultsOf } from "../estimators/base.js";
import { findKind, type Answers } from "../estimators/kinds.js";
import { openProgram, type ProgramOptions } from "../estimators/opened-programs.js";
import type { Contents } from "../estimators/contents.js";

/** Simulations that are looked at, at most. */
const MOST = 8_192;

/**
 * The same estimator, that knows its summaries; one without learned summaries as it is.
 *
 * @param training as simulated.
 * @param heldOut the same, that nothing was learned from but when to stop.
 */
export async function withSummaryRange(
  contents: Contents,
  training: DataSets,
  heldOut: DataSets,
  options: ProgramOptions,
): Promise<Contents> {
  const { details } = contents;
  const program = await summarizingProgram(details.answers);
  if (program === undefined) return contents;
  const some = (all: DataSets): DataSets =>
    withoutOffsets(all.slice(0, Math.min(MOST, all.size)), details.standardization);
  const session = await openProgram(contents, program, options);
  try {
    const summariesOf = async (all: DataSets) =>
      contextOf(await resultsOf(some(all), (feeds) => session.run(feeds)));
    const all = await summariesOf(training);
    const held = await summariesOf(heldOut);
    const d = all.shape[1] ?? 1;
    const values = floatsOf({ all }, "all");
    const { lower, upper } = summaryRange(values, d);
    const summary = { lower: [...lower], upper: [...upper] };
    const typicality = learnTypicality(values, floatsOf({ held }, "held"), d);
    return {
      ...contents,
      details: {
        ...details,
        standardization: {
          ...details.standardization,
          summary,
          ...(typicality && { typicality: asFile(typicality) }),
        },
      },
    };
  } catch (error) {
    // Networks that make no numbers of some simulations say so where they are asked.
    if (error instanceof DataError) return contents;
    throw error;
  } finally {
    await session.release();
  }
}

/** The program that gives what networks make of data, alone or beside answers; undefined where none does. */
async function summarizingProgram(answers: Answers): Promise<string | undefined> {
  // The context of a likelihood is its summary as given, whose range is known.
  if (answers.kind === "likelihood") return undefined;
  const programs = (await findKind(answers.kind))?.programs(answers) ?? {};
  return Object.keys(programs).find((name) => programs[name]?.outputs["context"] !== undefined);
}

/** Lists that files may be read into. */
function asFile({ mean, factor, reference, heldOut: { middle, nearest } }: Typicality) {
  return {
    mean: [...mean],
    factor: [...factor],
    reference: [...reference],
    heldOut: { middle: [...middle], nearest: [...nearest] },
  };
}
