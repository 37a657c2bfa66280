export { TrainingError } from "./optimize.js";
export type { TrainSettings, TrainSettingsInput } from "../settings/training.js";
export type { EpochRecord, TrainOptions } from "./options.js";
export type { EndedBy, TrainingReport } from "../progress/report.js";
export { train, trainNetwork } from "./train.js";
export type { NetworkAsked, NetworkSource } from "./network-file.js";
export { corruptSimulations } from "./corrupt.js";
export type { UnlabelledOptions } from "./unlabelled.js";
export { simulationBytes } from "./stored.js";
