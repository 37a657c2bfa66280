/**
 * Linear mixed models by a formula, answered by a network that is trained already.
 */
export type { MixedPriors } from "./default-priors.js";
export type { Table, TableColumn } from "./design.js";
export { parseFormula, type Formula, type Term, type Terms } from "./formula.js";
export { lmm, loadMixed, type LmmOptions, type MixedEstimator } from "./lmm.js";
export { MixedPosterior, type MixedCheck, type MixedValues } from "./mixed-posterior.js";
export { varianceCoordinates } from "./network.js";
export { simulateMixed } from "./simulate.js";
export { sleepstudy } from "./sleepstudy.js";
