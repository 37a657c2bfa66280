/**
 * All priors there are, for users to choose from: a line here is all that another one takes.
 */
export { beta } from "./beta.js";
export { categorical, type CategoricalDistribution } from "./categorical.js";
export { binomial, poisson } from "./counts.js";
export { custom, type CustomSpec } from "./custom.js";
export { dependent, type DependentDistribution, type ShiftAndScale } from "./dependent.js";
export { dirichlet } from "./dirichlet.js";
export { discrete } from "./discrete.js";
export { discreteLogUniform, discreteUniform } from "./discrete-uniform.js";
export { exponential, gamma } from "./gamma.js";
export { halfCauchy, logUniform, pareto } from "./heavy-tails.js";
export { independent } from "./independent.js";
export { inverseGamma } from "./inverse-gamma.js";
export { lkj } from "./lkj.js";
export type { LinkOptions } from "./link.js";
export { multivariateNormal } from "./multivariate-normal.js";
export { halfNormal, logNormal, normal } from "./normal.js";
export { ordered } from "./ordered.js";
export { zeroInflated, type ZeroInflated } from "./zero-inflated.js";
export type { Term } from "./term.js";
export { triangular } from "./triangular.js";
export { truncatedNormal } from "./truncated-normal.js";
export { uniform, type UniformOptions } from "./uniform.js";
export { cauchy, laplace, student } from "./whole-line.js";
export { inverseWishart, wishart } from "./wishart.js";
