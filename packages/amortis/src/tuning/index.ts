export type { TuneOptions } from "./options.js";
export type { TuningReport } from "./progress.js";
export type { Score, TuneReport } from "./report.js";
export type { TrialRecord } from "./trial.js";
export type { TrialAsked, TrialSource } from "./apart.js";
export { openTrials, tune, type OpenTrials, type Tuned } from "./tune.js";
export { settingsInWords, trialInWords, tuneInWords, tuningLine } from "./words.js";
