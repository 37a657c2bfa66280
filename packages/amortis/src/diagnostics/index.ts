export { c2st, type C2st, type C2stOptions } from "./c2st.js";
export type { Classified, Classifier, ClassifyOptions, LabelledRows } from "./classifier.js";
export { expectedLogDensity, type DensityEstimator } from "./expected-log-density.js";
export { medianDistance, mmdSquared } from "./mmd.js";
export { momentErrors, type MomentErrors } from "./moment-errors.js";
export { slicedWasserstein, type SlicedOptions } from "./sliced-wasserstein.js";
export { forestClassifier } from "./forest-classifier.js";
export { mlpClassifier } from "./mlp-classifier.js";
export {
  average,
  difference,
  ratio,
  ratioOfRoots,
  rootMeanSquare,
  type Average,
  type Estimate,
} from "./averages.js";
export { convergence, type Convergence } from "./convergence.js";
export {
  diagnose,
  type DiagnoseOptions,
  type Diagnosis,
  type ParameterDiagnosis,
} from "./diagnose.js";
export { fractionalRanks, uniformity, type Uniformity } from "./ranks.js";
export {
  energyScores,
  logScores,
  scoreDraws,
  scoreMarginal,
  type MarginalAnswers,
  type MarginalScores,
  type ScoredDraws,
} from "./marginal-scores.js";
export { medianOf, reviewCov90, reviewMcrps, reviewMis90, reviewRmspe } from "./review-scores.js";
export { crps, crpsOfDensity, crpsOfSorted, energyScore, intervalScore } from "./scores.js";
export { compareLogScores, logScoreByParameter, type ScoreBin } from "./log-score-by-parameter.js";
export { checkModel, type CheckModelOptions, type ModelCheck } from "./check-model.js";
export type { InvalidShares } from "./invalid-shares.js";
export type { Rerun } from "./rerun.js";
