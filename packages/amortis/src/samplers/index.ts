export * from "./kinds.js";
export type { HamiltonianInfo, HamiltonianOptions, HamiltonianSettings } from "./hamiltonian.js";
export { withJumps, type JumpInfo, type JumpState, type Proposal } from "./jumps.js";
export { metropolis, type MetropolisOptions, type MetropolisResult } from "./metropolis.js";
export { paretoSmooth, trustedShape, type ParetoSmoothed } from "./pareto-smooth.js";
export type { WalkSettings } from "./random-walk.js";
export {
  initCloud,
  particleFilter,
  stepCloud,
  type Cloud,
  type CloudInfo,
  type CloudStep,
  type Filtered,
  type HiddenProcess,
  type ParticleFilterOptions,
} from "./particle-filter.js";
export {
  particleMetropolis,
  type ParticleChain,
  type ParticleMetropolisOptions,
} from "./particle-metropolis.js";
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
export type { SliceInfo, SliceSettings } from "./slice-sampler.js";
export {
  initPopulation,
  stepPopulation,
  type Population,
  type Reference,
  type SmcInfo,
} from "./smc.js";
export { TMixture, type Component } from "./t-mixture.js";
export {
  ChainSpace,
  type LogTarget,
  type Points,
  type SlopedPoints,
  type ValueAndGradient,
} from "./target.js";
