/**
 * `amortis/extend`: for authors of parts and of faces. All that `amortis` has, the interfaces that densities, networks, methods,
 * priors, samplers and diagnostics fill, what they are made of, and the engine: tensors, operations, gradients, programs and runtimes.
 *
 * @example
 * import { add, type ConditionalDensity } from "amortis/extend";
 */
export * from "@amortis/graph";
export type { Address } from "./address.js";
export * from "./configuration/index.js";
export * from "./data/index.js";
export * from "./densities/index.js";
export * from "./distributions/index.js";
export * from "./estimators/index.js";
export type { Json } from "./json.js";
export { inWords } from "./settings/in-words.js";
export { requireKnown, type KnownOptions } from "./known-options.js";
export {
  besselK,
  besselKOfOrder,
  besselKScaled,
  binomialLogMass,
  logGamma,
  logNormalTail,
  normalCdf,
  normalQuantile,
  OdeError,
  solveOde,
  wienerLogDensity,
  type BesselK,
  type Diffusion,
  type OdeOptions,
  type Slope,
} from "./math/index.js";
export * from "./methods/index.js";
export * from "./model/index.js";
export * from "./networks/index.js";
export * from "./posterior/index.js";
export * from "./progress/index.js";
export * from "./random/index.js";
export { defaultRuntime, deviceRuntime, type Device } from "./runtime.js";
export * from "./rounds/index.js";
export * from "./samplers/index.js";
export * from "./simulation/index.js";
export type { StopSignal } from "./stop-signal.js";
export * from "./training/index.js";
export * from "./tuning/index.js";
export { VERSION } from "./version.js";
// The engine's own, of which rooms have their like.
export { sizeOf, type Nested } from "@amortis/graph";
