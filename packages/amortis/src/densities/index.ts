export { affineCoupling, type AffineCouplingOptions } from "./affine-coupling.js";
export type { BaseNoise, ConditionalDensity, NoiseTensors } from "./density.js";
export { splineCoupling, type SplineCouplingOptions } from "./spline-coupling.js";
