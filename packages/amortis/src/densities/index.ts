export type { ConditionerOptions } from "./conditioner.js";
export type { BaseNoise, ConditionalDensity, NoiseTensors, Strata, Stratified } from "./density.js";
export { densityFromJSON } from "./from-json.js";
export type { Covariance } from "./gaussian-columns.js";
export * from "./kinds.js";
