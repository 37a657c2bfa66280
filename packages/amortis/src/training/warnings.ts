/**
 * What is said of a training: what its simulations cannot teach, and where what it learned is known to be wrong.
 */
import type { Standardization } from "../data/standardization.js";
import { describeLostDigits } from "../data/precision.js";
import { describeConstant } from "../data/unlike.js";
import type { Contents } from "../estimators/contents.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import { describeCalibration } from "../posterior/local-calibration.js";

/** Warns of what the simulations cannot teach. */
export function warnOfData(
  { model: { dataSpecs, parameterNames }, wholeParameters = false, limits }: Method,
  standardization: Standardization,
  onWarning: (message: string) => void,
): void {
  if (limits !== undefined) onWarning(limits);
  const constant = describeConstant(dataSpecs, standardization);
  if (constant !== undefined) onWarning(constant);
  const { mean, sd, offset = [] } = standardization.parameters;
  const whole = wholeParameters ? mean.map((value, i) => value + (offset[i] ?? 0)) : mean;
  const lost = describeLostDigits("parameters", parameterNames, { mean: whole, sd });
  if (lost !== undefined) onWarning(lost);
}

/** Warns of posteriors that are known not to be as wide as they should be. */
export function warnOfCalibration(
  { details: { answers } }: Contents,
  { parameterNames }: AnyModel,
  onWarning: (message: string) => void,
): void {
  if (answers.kind !== "posterior" || answers.calibration === undefined) return;
  const warning = describeCalibration(answers.calibration, parameterNames);
  if (warning !== undefined) onWarning(warning);
}
