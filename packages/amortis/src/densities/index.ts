export type { ConditionerOptions } from "./conditioner.js";
export type { BaseNoise, ConditionalDensity, NoiseTensors, Strata, Stratified } from "./density.js";
export { densityFromJSON } from "./from-json.js";
export type { Covariance } from "./gaussian-columns.js";
export * from "./kinds.js";
export { levelField, type LevelField } from "./noise-levels.js";
export {
  densityEstimate,
  levelGrid,
  type DensityEstimate,
  type DensitySolution,
} from "./probability-flow.js";
export { randomDirections, unitDirections, type Directions } from "./trace.js";
