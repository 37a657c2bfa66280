export type { TuneOptions } from "./options.js";
export type { TuningReport } from "./progress.js";
export type { Score, TuneReport } from "./report.js";
export type { TrialRecord } from "./trial.js";
export { tune, type Tuned } from "./tune.js";
export { settingsInWords, trialInWords, tuneInWords, tuningLine } from "./words.js";
