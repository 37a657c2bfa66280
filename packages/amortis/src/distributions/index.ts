export { beta } from "./beta.js";
export type { Bijection } from "./bijection.js";
export { custom, type CustomSpec } from "./custom.js";
export { dirichlet } from "./dirichlet.js";
export { discrete } from "./discrete.js";
export { isScalar } from "./distribution.js";
export { flattened, members } from "./membership.js";
export type {
  Distribution,
  DistributionJson,
  ScalarDistribution,
  Support,
  VectorDistribution,
} from "./distribution.js";
export { exponential, gamma } from "./gamma.js";
export { halfCauchy, logUniform, pareto } from "./heavy-tails.js";
export { independent } from "./independent.js";
export { intervalBijection } from "./interval-bijection.js";
export { jointPrior, type JointPrior, type Priors } from "./joint.js";
export { distributionFromJSON } from "./json.js";
export { multivariateNormal } from "./multivariate-normal.js";
export { halfNormal, logNormal, normal } from "./normal.js";
export { productBijection } from "./product-bijection.js";
export { simplexBijection } from "./simplex-bijection.js";
export { truncatedNormal } from "./truncated-normal.js";
export { uniform, type UniformOptions } from "./uniform.js";
