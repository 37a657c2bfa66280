export { AbcEstimator, type AbcGivenOptions } from "./abc-estimator.js";
export type { AnswerSettings } from "./kind-of-answer.js";
export { answerSheet, answersWith, type AnswerAbout } from "./answer.js";
export type { OpenOptions } from "./base.js";
export { bootstrap, Bootstrap, type BootstrapOptions, type Estimating } from "./bootstrap.js";
export type { Contents, Details, HistoryRecord } from "./contents.js";
export type { AnswerDocument, AnswerSheet, DataSetAnswer, NamedNumbers } from "./documents.js";
export type { AnswerKind, Answers, EstimatorOf } from "./kinds.js";
export { exportOnnx } from "./export-onnx.js";
export { exportSingleTrial } from "./single-trial.js";
export {
  HierarchyEstimator,
  type HierarchiesOptions,
  type HierarchyOptions,
} from "./hierarchy-estimator.js";
export { JointEstimator, type ConditionalOptions, type LogLikelihoods } from "./joint-estimator.js";
export type { Known } from "./joint-known.js";
export { learnedLikelihood, learnedTransform } from "./learned.js";
export { loadPoint, loadPosterior, type PosteriorSourceEstimator } from "./load-kinds.js";
export { load, type Estimator, type LoadOptions } from "./load.js";
export {
  LikelihoodEstimator,
  type BindingValues,
  type GraphOptions,
} from "./likelihood-estimator.js";
export { neuralEm, type NeuralEmOptions, type NeuralEmResult } from "./neural-em.js";
export { piecewise, type Piece } from "./piecewise.js";
export { PointEstimator } from "./point-estimator.js";
export {
  PosteriorEstimator,
  type GivenOptions,
  type KnownPairs,
  type RecalibrateOptions,
} from "./posterior-estimator.js";
export { TargetEstimator, type TargetOptions } from "./target-estimator.js";
export { RankEstimator, RankPosterior, RankPosteriorBatch } from "./rank-estimator.js";
export { RatioEstimator } from "./ratio-estimator.js";
export { SummaryEstimator, type SummaryTransformOptions } from "./summary-estimator.js";
