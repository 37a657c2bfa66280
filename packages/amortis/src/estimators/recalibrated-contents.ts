/**
 * An estimator's file with a correction by data sets with known parameters: two numbers a parameter, and a flow where one was asked for and gains something.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { LearnedTransport } from "../corrections/learn-transport.js";
import { BACK, FORWARD, PREFIX } from "../corrections/transport-names.js";
import { sizeOf } from "../data/shape.js";
import type { Bijection } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { learnRecalibration, type Recalibration } from "../posterior/recalibration.js";
import { sharedSimulations } from "../simulation/origin.js";
import type { Contents } from "./contents.js";
import type { KnownPairs } from "./posterior-estimator.js";

/** What a flow is learned from. */
export interface RecalibrationJob {
  readonly by: "moments" | "transport";
  /** Posteriors of the data sets as they were learned. */
  readonly source: PosteriorSource;
  /** Their parameters less their offset. */
  readonly truth: Float64Array;
  readonly bijection: Bijection;
  readonly warn: (message: string) => void;
}

/**
 * Sees to it that pairs can be learned from.
 *
 * @param size data sets that there are.
 * @throws InvalidArgumentError where parameters are not as many, or simulations were trained on.
 */
export function requirePairs({ details }: Contents, size: number, pairs: KnownPairs): void {
  const { parameters, indices = [], origin } = pairs;
  const p = details.model.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
  if (parameters.length !== size * p) {
    throw new InvalidArgumentError(
      `true parameters of ${size} data sets must be [${size}, ${p}], but ${parameters.length} values were given`,
    );
  }
  const known = details.training.origin;
  const shared = origin === undefined ? 0 : sharedSimulations(known, { indices, origin });
  if (shared > 0) {
    throw new InvalidArgumentError(
      `recalibrated: ${shared} of ${size} simulations were trained on, which it may know by heart: simulate with another seed`,
    );
  }
}

/**
 * The file with a correction in the place of any that it had.
 *
 * @throws InvalidArgumentError where a flow is asked for and there are too few pairs, or the estimator has no density.
 */
export async function recalibratedContents(
  contents: Contents,
  { by, source, truth, bijection, warn }: RecalibrationJob,
): Promise<Contents> {
  const recalibration = await learnRecalibration(source, truth, bijection);
  const bare = withoutTransport(contents);
  if (by === "moments") return withRecalibration(bare, recalibration);
  // Few ask for it, and what learns a flow is much to load.
  const { transportedContents } = await import("./transported-contents.js");
  return transportedContents(bare, recalibration, { source, truth, bijection, warn });
}

/** A correction as files have it. */
type RecordedCorrection = Recalibration & {
  readonly transport?: Omit<LearnedTransport, "weights">;
};

/** The file with a correction, and without what was known of its calibration before. */
export function withRecalibration(contents: Contents, recalibration: RecordedCorrection): Contents {
  const { answers } = contents.details;
  if (answers.kind !== "posterior") throw new TypeError("posteriors are what it answers with");
  const { calibration: _before, ...others } = answers;
  return { ...contents, details: { ...contents.details, answers: { ...others, recalibration } } };
}

/** The file without the flow of an earlier correction. */
function withoutTransport({ details, programs, weights }: Contents): Contents {
  const own = details.variables.filter(({ name }) => !name.startsWith(`${PREFIX}/`));
  const length = own.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const isFlow = (name: string): boolean => name === FORWARD || name === BACK;
  return {
    details: {
      ...details,
      variables: own,
      programs: details.programs.filter((name) => !isFlow(name)),
    },
    programs: Object.fromEntries(Object.entries(programs).filter(([name]) => !isFlow(name))),
    // A flow's weights are the last.
    weights: weights.subarray(0, length),
  };
}
