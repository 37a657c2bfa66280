/**
 * An estimator's file with a correction by data sets with known parameters: two numbers a parameter, and a flow where one was asked for and gains something.
 */
import { InvalidArgumentError } from "@amortis/graph";
import {
  FEWEST_FOR_TRANSPORT,
  learnTransport,
  type LearnedTransport,
} from "../corrections/learn-transport.js";
import { encodeTransport, PREFIX, FORWARD, BACK } from "../corrections/transport.js";
import { concatenated } from "../math/concatenated.js";
import { sizeOf } from "../data/shape.js";
import type { Bijection } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import type { Recalibration } from "../posterior/recalibration.js";
import { defaultRuntime } from "../runtime.js";
import type { Contents } from "./contents.js";

/** What a flow is learned from. */
export interface RecalibrationJob {
  readonly by: "moments" | "transport";
  /** Posteriors of the data sets with two numbers a parameter put right. */
  readonly source: PosteriorSource;
  /** Their parameters less their offset. */
  readonly truth: Float64Array;
  readonly bijection: Bijection;
  readonly warn: (message: string) => void;
}

/**
 * The file with a correction in the place of any that it had.
 *
 * @throws InvalidArgumentError where a flow is asked for and there are too few pairs, or the estimator has no density.
 */
export async function recalibratedContents(
  contents: Contents,
  recalibration: Recalibration,
  { by, source, truth, bijection, warn }: RecalibrationJob,
): Promise<Contents> {
  const bare = withoutTransport(contents);
  if (by === "moments") return withRecalibration(bare, recalibration);
  const { answers } = contents.details;
  if (recalibration.pairs < FEWEST_FOR_TRANSPORT) {
    throw new InvalidArgumentError(
      `recalibrated: a flow is learned from ${FEWEST_FOR_TRANSPORT} data sets with known parameters or more, but there are ${recalibration.pairs}: leave out by: "transport", and two numbers a parameter are learned`,
    );
  }
  if (answers.kind !== "posterior" || answers.withoutDensity === true) {
    throw new InvalidArgumentError(
      'recalibrated: by: "transport" compares log densities, which this estimator has none of: leave it out',
    );
  }
  const learned = await learnTransport(source, truth, bijection, await defaultRuntime());
  if (learned !== undefined) return withTransport(bare, recalibration, learned, bijection);
  warn(
    `recalibrated: a flow learned from ${recalibration.pairs} data sets says no more of those left out than two numbers a parameter do, which are kept; more pairs may change that`,
  );
  return withRecalibration(bare, recalibration);
}

type RecordedCorrection = Recalibration & {
  readonly transport?: Omit<LearnedTransport, "weights">;
};

function withRecalibration(contents: Contents, recalibration: RecordedCorrection): Contents {
  const { answers } = contents.details;
  if (answers.kind !== "posterior") throw new TypeError("posteriors are what it answers with");
  const { calibration: _before, ...others } = answers;
  return { ...contents, details: { ...contents.details, answers: { ...others, recalibration } } };
}

function withTransport(
  contents: Contents,
  recalibration: Recalibration,
  { weights, ...said }: LearnedTransport,
  { unconstrainedSize }: Bijection,
): Contents {
  const { programs, variables } = encodeTransport(unconstrainedSize);
  const better = withRecalibration(contents, { ...recalibration, transport: said });
  const { details } = better;
  return {
    details: {
      ...details,
      variables: [...details.variables, ...variables],
      programs: [...details.programs, ...Object.keys(programs)],
    },
    programs: { ...better.programs, ...programs },
    weights: Float32Array.from(concatenated([better.weights, weights])),
  };
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
