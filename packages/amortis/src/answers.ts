/**
 * `amortis/answers`: what a command or a service needs that only answers. It is in `amortis` and `amortis/extend` too, but comes without
 * models, methods, simulation and training, so that a process starts sooner.
 *
 * @example
 * import { answerSheet, load, readData } from "amortis/answers";
 * const fitted = await load("field.amortis");
 * (await answerSheet(fitted, await readData("fields.npy"))).document;
 */
export { ANSWERS, type AnswerBy } from "./corrections/answers.js";
export { isArrayData, type ArrayData, type FileArrays, type Note } from "./data/array-data.js";
export { isFree, mayLack, type ArraySpec, type ArraySpecs } from "./data/array-spec.js";
export { matchData, type DataInput } from "./data/match-data.js";
export { joinColumns } from "./data/named-columns.js";
export { DataError } from "./data/simulator-output.js";
export { distributionFromJSON } from "./distributions/index.js";
export { answerSheet, answersWith, type AnswerAbout } from "./estimators/answer.js";
export type {
  AnswerDocument,
  AnswerSheet,
  DataSetAnswer,
  NamedNumbers,
} from "./estimators/documents.js";
export { loadPoint, loadPosterior } from "./estimators/load-kinds.js";
export { load, type Estimator, type LoadOptions } from "./estimators/load.js";
export type { AnswerSettings } from "./estimators/kind-of-answer.js";
export type { TargetOptions } from "./estimators/target-estimator.js";
export { writeBytes } from "./files/bytes.js";
export { FileError } from "./files/container.js";
export { readData, writeNpy, type ReadOptions } from "./files/data-file.js";
export { encodeNpy, parseNpy } from "./files/npy.js";
export { parseJsonText, RepeatedNameError, requireNamesOnce } from "./json.js";
export { answeringLine, count, duration, plural, rate } from "./progress/words.js";
export { ProgressLine } from "./progress/line.js";
export { answeringRuntime, defaultRuntime, deviceRuntime, type Device } from "./runtime.js";
export { VERSION } from "./version.js";
export {
  AmortisError,
  InvalidArgumentError,
  joinedRuntime,
  printable,
  type JoinedRuntime,
  type JoinOptions,
  type Runtime,
} from "@amortis/graph";
