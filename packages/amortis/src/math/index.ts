export { logGamma } from "./gamma.js";
export { logNormalDensity, logNormalTail, normalCdf, normalQuantile } from "./normal.js";
