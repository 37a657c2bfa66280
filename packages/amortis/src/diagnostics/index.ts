export {
  amortizationGap,
  type AmortizationGap,
  type GapEstimator,
  type GapOptions,
  type GapReference,
} from "./amortization-gap.js";
export type { GapSplit } from "./gap-of-one.js";
export { c2st, type C2st, type C2stOptions } from "./c2st.js";
export type { Classified, Classifier, ClassifyOptions, LabelledRows } from "./classifier.js";
export { conformalC2st, type ConformalC2st, type ConformalC2stOptions } from "./conformal-c2st.js";
export { expectedLogDensity, type DensityEstimator } from "./expected-log-density.js";
export { centralLevels, coveredAt, coverageOf, hpdLevels, type Coverage } from "./coverage.js";
export { dataAveragedTest, type DataAveragedOptions } from "./data-averaged.js";
export { energyDistance, energyTest } from "./energy-distance.js";
export { jointRanks } from "./joint-ranks.js";
export { learnedRanks, type LearnedRanks } from "./learned-ranks.js";
export { localC2st, type LocalC2st, type LocalC2stOptions } from "./local-c2st.js";
export { medianDistance, mmdSquared, mmdTest } from "./mmd.js";
export type { PermutationOptions, PermutationTest } from "./permutation-test.js";
export {
  predictiveCheck,
  type Discrepancy,
  type PredictiveCheck,
  type PredictiveCheckOptions,
} from "./predictive-check.js";
export { posteriorSbc, type PosteriorSbcOptions } from "./posterior-sbc.js";
export { tarp, type Tarp, type TarpOptions } from "./tarp.js";
export { momentErrors, type MomentErrors } from "./moment-errors.js";
export { shortDiagnosis, type ShortDiagnosis } from "./short-diagnosis.js";
export { slicedWasserstein, type SlicedOptions } from "./sliced-wasserstein.js";
export { fisherInformation } from "./fisher-information.js";
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
export { monteCarloErrors, type MonteCarloErrors } from "./monte-carlo-errors.js";
export { nestedRHat } from "./nested-r-hat.js";
export { diagnose, type DiagnoseOptions, type Diagnosis, type PointDiagnosis } from "./diagnose.js";
export {
  diagnoseEstimates,
  type DiagnoseEstimatesOptions,
  type EstimatedParameter,
  type EstimatesDiagnosis,
  type ScoredEstimates,
  type TestedEstimate,
} from "./diagnose-estimates.js";
export {
  diagnoseDraws,
  type DiagnoseDrawsOptions,
  type DrawsDiagnosis,
  type JointDiagnosis,
  type ParameterDiagnosis,
} from "./diagnose-draws.js";
export { scoredDrawsOf } from "./draws-file.js";
export { thinnedChains } from "./thinned-chains.js";
export { diagnosisDocument } from "./diagnosis-document.js";
export type { CalibrationTest } from "./family.js";
export type { OneEstimate } from "./residuals.js";
export type { PlacedDeparture, PlacedDepartures } from "./residual-places.js";
export { placesOf, type Place, type Places } from "./places.js";
export { fractionalRanks, rankScores, type Departure, type RankScores } from "./ranks.js";
export { uniformity, type Uniformity } from "./uniformity.js";
export {
  energyScores,
  logScores,
  scoreDraws,
  scoreMarginal,
  type MarginalAnswers,
  type MarginalScores,
} from "./marginal-scores.js";
export {
  derivedDraws,
  testQuantities,
  type ScoredDraws,
  type TestQuantity,
} from "./scored-draws.js";
export { medianOf, reviewCov90, reviewMcrps, reviewMis90, reviewRmspe } from "./review-scores.js";
export { crps, crpsOfDensity, crpsOfSorted, energyScore, intervalScore } from "./scores.js";
export { compareLogScores, logScoreByParameter, type ScoreBin } from "./log-score-by-parameter.js";
export { compareAnswers, type ComparedAnswers, type Comparison } from "./compare.js";
export {
  powerScaling,
  type PowerScalingInput,
  type PowerScalingOptions,
  type Sensitivity,
} from "./power-scaling.js";
export { precisionScores, type PrecisionScores } from "./precision-scores.js";
export { riskByParameter, type RiskBin } from "./risk.js";
export { checkModel, type CheckModelOptions, type ModelCheck } from "./check-model.js";
export type { InvalidShares } from "./invalid-shares.js";
export type { Rerun } from "./rerun.js";
export { confusion, type Confusion } from "./confusion.js";
export {
  diagnosisExample,
  usualDiscrepancies,
  type DiagnosisExample,
  type DiagnosisExampleOptions,
} from "./example.js";
