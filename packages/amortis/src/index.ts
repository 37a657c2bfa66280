/**
 * `amortis`: what users call and name.
 *
 * Beside it: `amortis/diagnostics`, `amortis/figures`, `amortis/files`, and `amortis/extend` for authors of parts.
 */
export { smcAbc, type Adjustment, type DistanceKind, type SmcAbcOptions } from "./abc/index.js";
export type { Address } from "./address.js";
export {
  DataError,
  DataSets,
  grid,
  missing,
  series,
  set,
  vector,
  type ArrayInput,
  type ArraySpec,
  type ArraySpecInput,
  type ColumnTransform,
  type ColumnTransformInput,
  type DataInput,
  type DataSpec,
} from "./data/index.js";
export * from "./corruptions/index.js";
export type { ConditionerOptions, Covariance } from "./densities/index.js";
export * from "./densities/kinds.js";
export type {
  Distribution,
  ScalarDistribution,
  Support,
  VectorDistribution,
} from "./distributions/index.js";
export * from "./distributions/kinds.js";
export { ANSWERS, type AnswerBy } from "./corrections/answers.js";
export * from "./estimators/classes.js";
export {
  bootstrap,
  Bootstrap,
  type BootstrapOptions,
  type Estimating,
  load,
  loadPoint,
  loadPosterior,
  type Details,
  type Estimator,
  type EstimatorOf,
  type HistoryRecord,
  type LoadOptions,
  type OpenOptions,
  neuralEm,
  type NeuralEmOptions,
  type NeuralEmResult,
  piecewise,
  type Piece,
  type PosteriorSourceEstimator,
} from "./estimators/index.js";
export { FileError, readData, tensorBoardLog, UnsavedError } from "./files/index.js";
export * from "./losses/kinds.js";
export {
  absoluteLoss,
  crossEntropyLoss,
  modeLoss,
  pinballLoss,
  squaredLoss,
  type EstimateLoss,
  type GraphLikelihood,
  type RatioLoss,
  type LikelihoodFunction,
  type VariationalLikelihood,
} from "./methods/index.js";
export * from "./methods/kinds.js";
export {
  compareModels,
  conditionalModel,
  type ConditionalModel,
  type Comparison,
  type ComparisonModel,
  defineModel,
  inWorkers,
  loadModel,
  ModelError,
  type AnyModel,
  type HierarchicalModel,
  type HierarchyDefinition,
  type Level,
  type Levels,
  type LikelihoodGradient,
  type Model,
  type ModelDefinition,
  type ParameterSpec,
  type SimulationWorker,
  type SizeInput,
  type SizeSpec,
  type SeenModel,
  type SimulatorOutput,
  type StateSpaceModel,
  type ValueOf,
  type Values,
  type ValuesOf,
  withoutStates,
  withPriors,
} from "./model/index.js";
export {
  expertSummary,
  joinTransforms,
  keepData,
  loadTransform,
  transformColumns,
  type Activation,
} from "./networks/index.js";
export * from "./networks/kinds.js";
export {
  loadDerived,
  HierarchyPosterior,
  type HierarchyIntervals,
  type HierarchyValues,
  type SeriesIntervals,
  type SeriesValues,
  StatesPosterior,
  modelPosterior,
  Posterior,
  predict,
  PosteriorBatch,
  Refusal,
  type Answer,
  type AnswerCheck,
  type AnswerLabel,
  type AnswerStatus,
  type BatchResult,
  type ChainSampler,
  type ChainSummary,
  type ConditionalDensityOptions,
  type Correlations,
  type Derive,
  type Derived,
  type DerivedSpec,
  type GridDensity,
  type Interval,
  type IntervalResult,
  type ModelPosteriorOptions,
  type PosteriorSampler,
  type PredictOptions,
  type Samples,
} from "./posterior/index.js";
export { stream, type Stream } from "./random/index.js";
export {
  metropolis,
  particleFilter,
  particleMetropolis,
  resample,
  type Filtered,
  type HiddenProcess,
  type LogTarget,
  type MetropolisOptions,
  type MetropolisResult,
  type ParticleChain,
  type ParticleFilterOptions,
  type ParticleMetropolisOptions,
  type ResampleSource,
} from "./samplers/index.js";
export * from "./samplers/kinds.js";
export {
  command,
  DataSetError,
  openDataSet,
  readSimulations,
  saveDataSet,
  serveSimulations,
  simulate,
  SimulationError,
  simulateToDirectory,
  writeSimulations,
  type CommandOptions,
  type DataSetInfo,
  type Folder,
  type FolderAddress,
  type InvalidPolicy,
  type InvalidSimulation,
  type ReadSimulationsOptions,
  type SaveOptions,
  type SimulatedData,
  type SimulateOptions,
  type SimulateToDirectoryOptions,
  type SimulationOrigin,
  type SimulationProgress,
  type StoredDataSet,
} from "./simulation/index.js";
export {
  learningCurve,
  planTraining,
  simulationsFor,
  type CurvePoint,
  type LearningCurve,
  type PilotTraining,
  type PlanOptions,
  type TrainingPlan,
} from "./planning/index.js";
export {
  informationGain,
  likelihoodRounds,
  truncatedRounds,
  validRegion,
  type InformationGain,
  type RoundReport,
  type Rounds,
  type RoundsOptions,
  type ValidRegion,
  type ValidRegionOptions,
} from "./rounds/index.js";
export type { StopSignal } from "./stop-signal.js";
export {
  corruptSimulations,
  train,
  trainNetwork,
  TrainingError,
  type EndedBy,
  type EpochRecord,
  type TrainingReport,
  type TrainOptions,
  type UnlabelledOptions,
} from "./training/index.js";
export {
  openTrials,
  tune,
  type Score,
  type TrialRecord,
  type Tuned,
  type TuneOptions,
  type TuneReport,
  type TuningReport,
} from "./tuning/index.js";
export { deviceRuntime, type Device } from "./runtime.js";
export { VERSION } from "./version.js";
export {
  AmortisError,
  InvalidArgumentError,
  printable,
  ShapeError,
  UnsupportedError,
} from "@amortis/graph";
