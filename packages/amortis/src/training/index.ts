export { TrainingError } from "./optimize.js";
export type { EpochRecord, TrainOptions, TrainSettings, TrainSettingsInput } from "./options.js";
export type { EndedBy, TrainingReport } from "./progress.js";
export { train, trainNetwork } from "./train.js";
export type { NetworkAsked, NetworkSource } from "./network-file.js";
export { corruptSimulations } from "./corrupt.js";
export type { UnlabelledOptions } from "./unlabelled.js";
export { simulationBytes } from "./stored.js";
