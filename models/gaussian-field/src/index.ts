export { NotPositiveDefiniteError } from "./cholesky.js";
export {
  ExactPosterior,
  MAX_RANGE,
  exactPosterior,
  exactPosteriors,
  type QuadratureOptions,
} from "./exact-posterior.js";
export {
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
