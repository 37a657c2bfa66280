export {
  choleskyInPlace,
  logDeterminant,
  multiplyLower,
  NotPositiveDefiniteError,
  squaredNormOfSolution,
} from "./cholesky.js";
export {
  ExactPosterior,
  MAX_RANGE,
  exactPosterior,
  exactPosteriors,
  type QuadratureOptions,
} from "./exact-posterior.js";
export {
  distances,
  exponentialField,
  factorField,
  fieldCoefficients,
  logLikelihood,
  logLikelihoodOf,
  sampleField,
  type FieldFactor,
  type NormalSource,
} from "./field.js";
export { gaussianField } from "./model.js";
export { exactGraphLogLikelihood } from "./graph-likelihood.js";
export { graphLogLikelihood, HIGHEST_RANGE, LOWEST_RANGE } from "./interpolated-likelihood.js";
export { logLikelihoodSlope, type LikelihoodSlope } from "./likelihood-gradient.js";
export {
  BLOCKS,
  covarianceBlocks,
  emptyBlocks,
  fromCoefficients,
  POINTS,
  SIDE,
  toCoefficients,
  type BlockPlace,
  type Blocks,
} from "./symmetry.js";
