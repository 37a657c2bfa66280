export * from "./marginals.js";
export { modelPosterior, type ModelPosteriorOptions } from "./model-posterior.js";
export * from "./posterior.js";
export type { Answer, AnswerCheck, AnswerLabel, AnswerStatus } from "./refusal.js";
export { Refusal } from "./refusal.js";
export type { ConditionalDensityOptions, GridDensity } from "./conditional.js";
export type { Correlations } from "./correlation.js";
export { loadDerived } from "./load-derived.js";
export type { Derive, Derived, DerivedSpec } from "./derived.js";
export type { ChainSampler } from "./chain-posterior.js";
export type { PosteriorSampler } from "./source.js";
export type { ChainSummary } from "./chain-summary.js";
export { predict, type PredictOptions } from "./predict.js";
export {
  HierarchyPosterior,
  type Grouped,
  type HierarchyIntervals,
  type HierarchyValues,
} from "./hierarchy-posterior.js";
export { StatesPosterior, type SeriesIntervals, type SeriesValues } from "./states-posterior.js";
