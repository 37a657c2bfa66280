/**
 * What a trained estimator's networks make of the data they were trained on, kept so that it can say of others that they are unlike: its range, and which summaries are typical, by
 * simulations held out.
 */
import { DataError } from "../data/simulator-output.js";
import type { DataSets } from "../data/data-sets.js";
import { withoutOffsets } from "../data/standardization.js";
import type { Judged, Typicality } from "../data/typicality.js";
import { summaryRange } from "../data/unlike-summary.js";
import { contextOf, floatsOf, resultsOf } from "../estimators/results.js";
import { findKind, type Answers } from "../estimators/kinds.js";
import { openProgram, type ProgramOptions } from "../estimators/opened-programs.js";
import type { Contents } from "../estimators/contents.js";
import { learnTypicality } from "./learn-typicality.js";

/** Simulations that are looked at, at most. */
const MOST = 8_192;

/**
 * The same estimator, that knows its summaries and the patterns of its data; of one without learned summaries, the patterns.
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
  const { standardization, answers } = contents.details;
  // Of a hierarchy a data set is whatever groups there are: answers look at each group by itself. Of a series they look at each time.
  if (answers.kind === "hierarchy" || answers.kind === "states") return contents;
  const [all, held] = [training, heldOut].map((sets) =>
    withoutOffsets(sets.slice(0, Math.min(MOST, sets.size)), standardization),
  );
  const program = await summarizingProgram(answers);
  if (all === undefined || held === undefined) return contents;
  if (program === undefined) {
    const none = (sets: DataSets): Judged => ({ sets, summaries: new Float32Array() });
    return withKnown(contents, { typicality: learnTypicality(none(all), none(held), 0) });
  }
  const session = await openProgram(contents, program, options);
  try {
    const judged = async (sets: DataSets) => {
      const own = contextOf(await resultsOf(sets, (feeds) => session.run(feeds)));
      return { sets, summaries: floatsOf({ own }, "own"), d: own.shape[1] ?? 1 };
    };
    const known = await judged(all);
    const { lower, upper } = summaryRange(known.summaries, known.d);
    return withKnown(contents, {
      summary: { lower: [...lower], upper: [...upper] },
      typicality: learnTypicality(known, await judged(held), known.d),
    });
  } catch (error) {
    // Networks that make no numbers of some simulations say so where they are asked.
    if (error instanceof DataError) return contents;
    throw error;
  } finally {
    await session.release();
  }
}

/** What is known beside. */
interface Known {
  readonly summary?: Contents["details"]["standardization"]["summary"];
  readonly typicality: Typicality | undefined;
}

function withKnown(contents: Contents, { summary, typicality }: Known): Contents {
  const { details } = contents;
  return {
    ...contents,
    details: {
      ...details,
      standardization: {
        ...details.standardization,
        ...(summary && { summary }),
        ...(typicality && { typicality: typicality }),
      },
    },
  };
}

/** The program that gives what networks make of data, alone or beside answers; undefined where none does. */
async function summarizingProgram(answers: Answers): Promise<string | undefined> {
  // The context of a likelihood is its summary as given, whose range is known.
  if (answers.kind === "likelihood") return undefined;
  const programs = (await findKind(answers.kind))?.programs(answers) ?? {};
  return Object.keys(programs).find((name) => programs[name]?.outputs["context"] !== undefined);
}
