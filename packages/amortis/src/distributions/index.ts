export type { Bijection } from "./bijection.js";
export {
  isScalar,
  type Distribution,
  type DistributionJson,
  type ScalarDistribution,
  type Support,
  type VectorDistribution,
} from "./distribution.js";
export { sampleGiven } from "./dependent-joint.js";
export { intervalBijection } from "./interval-bijection.js";
export { firstPriors, jointPrior, onOffset, type JointPrior, type Priors } from "./joint.js";
export { distributionFromJSON } from "./json.js";
export * from "./kinds.js";
export { flattened, members } from "./membership.js";
export { productBijection } from "./product-bijection.js";
export { simplexBijection } from "./simplex-bijection.js";
