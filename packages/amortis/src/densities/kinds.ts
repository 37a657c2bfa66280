/**
 * All densities there are: a line here is all that another one takes to be read from files and configurations.
 */
export { affineAutoregressive, type AffineAutoregressiveOptions } from "./affine-autoregressive.js";
export { affineCoupling, type AffineCouplingOptions } from "./affine-coupling.js";
export { consistency, type ConsistencyOptions } from "./consistency.js";
export { diffusion, type DiffusionOptions } from "./diffusion.js";
export { flowMatching, type FlowMatchingOptions } from "./flow-matching.js";
export { gaussian, type GaussianOptions } from "./gaussian.js";
export { gaussianMixture, type GaussianMixtureOptions } from "./gaussian-mixture.js";
export { meanFlow, type MeanFlowOptions } from "./mean-flow.js";
export { splineAutoregressive, type SplineAutoregressiveOptions } from "./spline-autoregressive.js";
export { splineCoupling, type SplineCouplingOptions } from "./spline-coupling.js";
export { studentT, type StudentTOptions } from "./student-t.js";
