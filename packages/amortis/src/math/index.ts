export { besselK, besselKOfOrder, besselKScaled, type BesselK } from "./bessel.js";
export { choleskyFactor, invertLower, solveLower } from "./cholesky.js";
export { fromEigen, symmetricEigen, type Eigen } from "./eigen.js";
export { erf, erfc, erfInverseCentral, logErfcx } from "./erf.js";
export { LOG_SQRT_2PI, logBeta, logGamma, stirlingError } from "./gamma.js";
export { gaussianProcess, type GaussianProcess } from "./gaussian-process.js";
export type { Points } from "./gaussian-process-kernel.js";
export {
  incompleteBeta,
  incompleteBetaInverse,
  logBetaKernel,
  logitIncompleteBetaInverse,
} from "./incomplete-beta.js";
export {
  incompleteGamma,
  incompleteGammaInverse,
  logIncompleteGammaInverse,
} from "./incomplete-gamma.js";
export type { Tails } from "./invert.js";
export {
  logMillsRatio,
  logNormalDensity,
  logNormalTail,
  normalCdf,
  normalMassAroundZero,
  normalQuantile,
} from "./normal.js";
export { OdeError, solveOde, type OdeOptions, type Slope } from "./ode.js";
export { gaussLegendre, integrate, type QuadratureRule } from "./quadrature.js";
export { congruent, plusDiagonal, product, transpose } from "./small-matrix.js";
export { binomialLogMass, deviance, poissonLogMass } from "./saddle-point.js";
export { wienerLogDensity, type Diffusion } from "./wiener.js";
