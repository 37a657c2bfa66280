export { TrainingError } from "./optimize.js";
export type { TrainOptions, TrainSettings, TrainSettingsInput } from "./options.js";
export type { EndedBy, TrainingReport } from "./progress.js";
export { train } from "./train.js";
