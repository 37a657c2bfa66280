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
