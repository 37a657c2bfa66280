export { compareModels, type Comparison, type ComparisonModel } from "./compare-models.js";
export { loadModel } from "./load.js";
export type {
  ExternalOutcome,
  ExternalPool,
  ExternalRequest,
  ExternalSimulator,
} from "./external.js";
export { inWorkers, type SimulationWorker } from "./in-workers.js";
export {
  defineModel,
  isModel,
  withSimulator,
  type AnyModel,
  type HierarchicalModel,
  type Model,
  type ModelOf,
  type StateSpaceModel,
} from "./model.js";
export type { StatesOf, StateSpace, StateSpaceParameters, StaticsOf } from "./state-space-types.js";
export { withoutStates, type SeenModel } from "./without-states.js";
export type {
  FlatData,
  GivenValues,
  LikelihoodGradient,
  ModelDefinition,
  ParameterSpec,
  Simulated,
  SimulatorOutput,
  ValueOf,
  Values,
  ValuesOf,
} from "./types.js";
export { conditionalModel, type ConditionalModel } from "./conditional-model.js";
export { withPriors } from "./with-priors.js";
export type { SizeInput, SizeSpec } from "./sizes.js";
export type { TextFor, Texts, TextsOf } from "./texts.js";
export { ModelError } from "./validate.js";
export { modelSource, type ModelSourceOptions } from "./model-source.js";
export type {
  GlobalsOf,
  Hierarchy,
  HierarchyDefinition,
  HierarchyLevel,
  HierarchyParameters,
  Level,
  Levels,
  LevelsOf,
  LocalsOf,
} from "./hierarchy-types.js";
