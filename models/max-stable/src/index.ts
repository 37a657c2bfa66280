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
