export {
  intervalBijection,
  productBijection,
  simplexBijection,
  type Bijection,
} from "./bijection.js";
export { custom, type CustomSpec } from "./custom.js";
export { dirichlet } from "./dirichlet.js";
export { discrete } from "./discrete.js";
export type {
  Distribution,
  DistributionJson,
  ScalarDistribution,
  Support,
  VectorDistribution,
} from "./distribution.js";
export { beta, exponential, gamma } from "./gamma.js";
export { independent } from "./independent.js";
export { multivariateNormal } from "./multivariate-normal.js";
export { halfNormal, logNormal, normal } from "./normal.js";
export { truncatedNormal } from "./truncated-normal.js";
export { uniform } from "./uniform.js";
