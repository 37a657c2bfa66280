export { affineCoupling, type AffineCouplingOptions } from "./affine-coupling.js";
export type { ConditionerOptions } from "./conditioner.js";
export type { CouplingOptions } from "./coupling.js";
export type { BaseNoise, ConditionalDensity, NoiseTensors, Strata, Stratified } from "./density.js";
export type { Covariance } from "./gaussian-columns.js";
export { gaussian, type GaussianOptions } from "./gaussian.js";
export { gaussianMixture, type GaussianMixtureOptions } from "./gaussian-mixture.js";
export { splineCoupling, type SplineCouplingOptions } from "./spline-coupling.js";
