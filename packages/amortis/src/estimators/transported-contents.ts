/**
 * An estimator's file with a flow that follows two numbers a parameter, where it gains something: see `corrections/learn-transport.ts`.
 */
import { InvalidArgumentError } from "@amortis/graph";
import {
  FEWEST_FOR_TRANSPORT,
  learnTransport,
  type LearnedTransport,
} from "../corrections/learn-transport.js";
import { encodeTransport } from "../corrections/transport.js";
import type { Bijection } from "../distributions/index.js";
import { concatenated } from "../math/concatenated.js";
import { recalibratedSource, type Recalibration } from "../posterior/recalibration.js";
import { defaultRuntime } from "../runtime.js";
import type { Contents } from "./contents.js";
import { withRecalibration, type RecalibrationJob } from "./recalibrated-contents.js";

/**
 * The file with a correction, and with a flow after it where that gains something.
 *
 * @param bare the file without any flow.
 * @throws InvalidArgumentError where there are too few pairs, or the estimator has no density.
 */
export async function transportedContents(
  bare: Contents,
  recalibration: Recalibration,
  { source, truth, bijection, warn }: Omit<RecalibrationJob, "by">,
): Promise<Contents> {
  const { answers } = bare.details;
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
  const better = recalibratedSource(source, recalibration, bijection);
  const learned = await learnTransport(better, truth, bijection, await defaultRuntime());
  if (learned !== undefined) return withTransport(bare, recalibration, learned, bijection);
  warn(
    `recalibrated: a flow learned from ${recalibration.pairs} data sets says no more of those left out than two numbers a parameter do, which are kept; more pairs may change that`,
  );
  return withRecalibration(bare, recalibration);
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
