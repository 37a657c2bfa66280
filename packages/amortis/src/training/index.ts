export { TrainingError } from "./optimize.js";
export type { TrainOptions, TrainSettings, TrainSettingsInput } from "./options.js";
export type { EndedBy, TrainingReport } from "./progress.js";
export type { Moments, Standardization } from "./standardization.js";
export { train } from "./train.js";
