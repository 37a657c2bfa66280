export { ensemble, type EnsembleOptions } from "./ensemble.js";
export { hmc, type HmcOptions } from "./hmc.js";
export type { HamiltonianInfo, HamiltonianOptions, HamiltonianSettings } from "./hamiltonian.js";
export { nuts, type NutsOptions } from "./nuts.js";
export { withJumps, type JumpInfo, type JumpState, type Proposal } from "./jumps.js";
export { metropolis, type MetropolisOptions, type MetropolisResult } from "./metropolis.js";
export { paretoSmooth, trustedShape, type ParetoSmoothed } from "./pareto-smooth.js";
export { randomWalk, type WalkOptions, type WalkSettings } from "./random-walk.js";
export { resample, type ResampleSource } from "./resample.js";
export { runChains, type ChainOptions, type ChainResult, type Iteration } from "./run-chains.js";
export {
  metropolisRule,
  type Adaptation,
  type ChainPlan,
  type Sampler,
  type Step,
  type StepInfo,
} from "./sampler.js";
export { sliceSampler, type SliceInfo, type SliceSettings } from "./slice-sampler.js";
export {
  initPopulation,
  smc,
  stepPopulation,
  type Population,
  type Reference,
  type Smc,
  type SmcInfo,
  type SmcOptions,
} from "./smc.js";
export { TMixture, type Component } from "./t-mixture.js";
export {
  ChainSpace,
  type LogTarget,
  type Points,
  type SlopedPoints,
  type ValueAndGradient,
} from "./target.js";
