/**
 * All estimators there are, for users to name: a line here for each kind of answer in `kinds.ts`, which imports them only when they are needed.
 */
export { AbcEstimator, type AbcGivenOptions } from "./abc-estimator.js";
export {
  HierarchyEstimator,
  type HierarchiesOptions,
  type HierarchyOptions,
} from "./hierarchy-estimator.js";
export { JointEstimator, type ConditionalOptions, type LogLikelihoods } from "./joint-estimator.js";
export type { Known } from "./joint-known.js";
export { LikelihoodEstimator } from "./likelihood-estimator.js";
export { PointEstimator, type ProbabilitiesByValue } from "./point-estimator.js";
export {
  PosteriorEstimator,
  type GivenOptions,
  type KnownPairs,
  type RecalibrateOptions,
} from "./posterior-estimator.js";
export { RankEstimator, RankPosterior, RankPosteriorBatch } from "./rank-estimator.js";
export { RatioEstimator } from "./ratio-estimator.js";
export { StatesEstimator, type SeriesOptions } from "./states-estimator.js";
export { SummaryEstimator, type SummaryTransformOptions } from "./summary-estimator.js";
export { TargetEstimator, type TargetOptions } from "./target-estimator.js";
