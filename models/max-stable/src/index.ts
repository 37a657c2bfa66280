export { logData } from "./log-data.js";
export { boundingEllipsoid, type Ellipsoid } from "./ellipsoid.js";
export { maxStable, RANGE, SMOOTHNESS } from "./model.js";
export {
  factorSchlather,
  invertedSchlather,
  sampleInverse,
  type NoiseSource,
  type SchlatherFactor,
} from "./schlather.js";
export {
  whittleMatern,
  whittleMaternSlopes,
  type CorrelationSlopes,
  type WhittleMatern,
} from "./whittle-matern.js";
export { minimizeInBox, type BoxOptions, type Minimum, type Slope } from "./box-bfgs.js";
export {
  compositeLogLikelihood,
  maximizeCompositeLikelihood,
  type CompositeEstimate,
  type CompositeOptions,
  type CompositeSlope,
  type MaximizeOptions,
} from "./composite-likelihood.js";
export { pairLogDensity, type PairSlope } from "./pair-density.js";
