export { DataError, allocateData, findNonFinite, position, sizeOf, writeData } from "./data.js";
export { loadModel } from "./load.js";
export { defineModel, isModel, type AnyModel, type Model } from "./model.js";
export type {
  DataSpec,
  FlatData,
  GivenValues,
  LikelihoodGradient,
  ModelDefinition,
  Nested,
  ParameterSpec,
  SimulatorOutput,
  ValueOf,
  Values,
  ValuesOf,
} from "./types.js";
export { ModelError } from "./validate.js";
