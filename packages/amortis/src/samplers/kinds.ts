/**
 * All samplers there are, for users to choose from: a line here is all that another one takes.
 */
export { ensemble, type EnsembleOptions } from "./ensemble.js";
export { hmc, type HmcOptions } from "./hmc.js";
export { nuts, type NutsOptions } from "./nuts.js";
export { randomWalk, type WalkOptions } from "./random-walk.js";
export { sliceSampler } from "./slice-sampler.js";
export { smc, type Smc, type SmcOptions } from "./smc.js";
