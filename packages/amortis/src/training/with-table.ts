/**
 * Reference tables in estimators' files: the parameters of all simulations and what a program makes of their data, beside the weights.
 */
import { learnScale } from "../abc/distance.js";
import { SCALE, TABLE_PARAMETERS, TABLE_SUMMARIES } from "../abc/kept-table.js";
import { DataSets } from "../data/data-sets.js";
import { withoutOffsets } from "../data/standardization.js";
import { contextOf, floatsOf, resultsOf } from "../estimators/results.js";
import type { Contents } from "../estimators/contents.js";
import { openProgram, type ProgramOptions } from "../estimators/opened-programs.js";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "../simulation/index.js";
import type { TrainedMember } from "./checkpoint.js";
import { centredParameters, dataSetsOf } from "./examples.js";

/** The network of a method that learns nothing. */
export const NOTHING_LEARNED: TrainedMember = {
  variables: [],
  weights: new Float32Array(0),
  losses: new Float32Array(0),
  history: [],
  bestEpoch: 0,
  bestLoss: Number.NaN,
  endedBy: "complete",
};

/** The same estimator with a table of simulations, those that were held out among them; one of another kind as it is. */
export async function withTable(
  contents: Contents,
  model: AnyModel,
  simulations: readonly [SimulatedData, ...SimulatedData[]],
  /** By default what answers: the summaries of one data set are then the same to the bit in the table and in an answer. */
  options: ProgramOptions = {},
): Promise<Contents> {
  const { details, weights } = contents;
  if (details.answers.kind !== "abc") return contents;
  const [first, ...others] = simulations.map((some) => dataSetsOf(model, some));
  if (first === undefined) return contents;
  const all = withoutOffsets(DataSets.join([first, ...others]), details.standardization);
  const session = await openProgram(contents, "context", options);
  try {
    const made = contextOf(await resultsOf(all, (feeds) => session.run(feeds)));
    const summaries = floatsOf({ made }, "made");
    const [n, s] = [all.size, summaries.length / all.size];
    const parameters = new Float32Array(n * model.parameterSize);
    let row = 0;
    for (const some of simulations) {
      parameters.set(centredParameters(model, some.parameters), row * model.parameterSize);
      row += some.size;
    }
    const scale = Float32Array.from(learnScale(summaries, s, details.answers.distance));
    const arrays = [
      { name: TABLE_PARAMETERS, shape: [n, model.parameterSize], values: parameters },
      { name: TABLE_SUMMARIES, shape: [n, s], values: summaries },
      { name: SCALE, shape: scale.length === s ? [s] : [s, s], values: scale },
    ];
    const joined = new Float32Array(
      arrays.reduce((total, { values }) => total + values.length, weights.length),
    );
    joined.set(weights);
    let at = weights.length;
    for (const { values } of arrays) {
      joined.set(values, at);
      at += values.length;
    }
    const variables = arrays.map(({ name, shape }) => ({ name, shape }));
    return {
      ...contents,
      weights: joined,
      details: { ...details, variables: [...details.variables, ...variables] },
    };
  } finally {
    await session.release();
  }
}
