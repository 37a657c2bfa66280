/**
 * What the file of an estimator says of its answers: what summaries are like, what it keeps of the simulations, where its posteriors are too wide or too narrow, and how it answers simulations
 * that were held out.
 */
import type { Runtime } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import type { OpenOptions } from "../estimators/base.js";
import type { Contents } from "../estimators/contents.js";
import type { Estimator } from "../estimators/load.js";
import type { Method } from "../methods/method.js";
import { calibrate } from "./calibrate.js";
import { dataSetsOf } from "./examples.js";
import type { TrainingData } from "./gather.js";
import { withLocalCalibration } from "./local-calibration.js";
import type { TrainOptions } from "./options.js";
import { withSummaryRange } from "./summary-range.js";
import { warnOfCalibration } from "./warnings.js";
import { withTable } from "./with-table.js";

/** Opens what was trained. */
type Open = (contents: Contents, unheard?: Pick<OpenOptions, "onWarning">) => Promise<Estimator>;

/** What was trained, as it will be saved. */
export async function describeAnswers(
  assembled: Contents,
  {
    method,
    data: { training, validation },
    runtime,
    options,
    open,
  }: {
    readonly method: Method;
    readonly data: TrainingData;
    readonly runtime: Runtime;
    readonly options: TrainOptions;
    readonly open: Open;
  },
): Promise<Contents> {
  const { model } = method;
  const { threads, onWarning = console.warn } = options;
  const opening = { runtime, ...(threads !== undefined && { threads }) };
  const heldOut = dataSetsOf(model, validation);
  const ranged = await withSummaryRange(assembled, dataSetsOf(model, training), heldOut, opening);
  const tabled =
    method.keepsTable === true
      ? await withTable(
          ranged,
          model,
          [training, validation],
          options.runtime && { runtime: options.runtime },
        )
      : ranged;
  const located = await withLocalCalibration(tabled, heldOut, validation.parameters, {
    ...opening,
    model,
  });
  warnOfCalibration(located, model, onWarning);
  if (options.calibrate === false || options.signal?.aborted === true) return located;
  return withCalibration(located, open, heldOut, validation.parameters);
}

/** The same, that says how it answers simulations held out. */
async function withCalibration(
  contents: Contents,
  open: Open,
  heldOut: DataSets,
  parameters: ArrayLike<number>,
): Promise<Contents> {
  // Of what was simulated nobody need be warned.
  const estimator = await open(contents, { onWarning: () => {} });
  try {
    const calibration = await calibrate(estimator, heldOut, parameters);
    return {
      ...contents,
      details: { ...contents.details, ...(calibration && { calibration }) },
    };
  } finally {
    await estimator.release();
  }
}
