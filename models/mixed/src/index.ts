/**
 * Mixed models, linear and generalised, by a formula, answered by a network that is trained already.
 */
export { cbpp } from "./cbpp.js";
export type { MixedPriors } from "./default-priors.js";
export type { Table, TableColumn } from "./design.js";
export { loadMixed, type MixedEstimator } from "./estimator.js";
export type { FamilyName } from "./family.js";
export { parseFormula, type Formula, type Grouping, type Term, type Terms } from "./formula.js";
export { glmm, type GlmmOptions } from "./glmm.js";
export { lmm, type LmmOptions } from "./lmm.js";
export {
  MixedPosterior,
  type EffectValues,
  type MixedCheck,
  type MixedValues,
} from "./mixed-posterior.js";
export { varianceCoordinates } from "./network.js";
export type { MixedOptions } from "./options.js";
export { simulateMixed } from "./simulate.js";
export { sleepstudy } from "./sleepstudy.js";
