export * from "./marginals.js";
export { modelPosterior, type ModelPosteriorOptions } from "./model-posterior.js";
export * from "./posterior.js";
export type { Answer, AnswerCheck, AnswerLabel, AnswerStatus } from "./refusal.js";
export { Refusal } from "./refusal.js";
export type { ConditionalDensityOptions, GridDensity } from "./conditional.js";
export type { Correlations } from "./correlation.js";
export type { Derived, DerivedSpec } from "./derived.js";
