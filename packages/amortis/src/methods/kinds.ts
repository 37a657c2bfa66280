/**
 * All methods there are: a line here is all that another one takes to be read from configurations, and offered by the command line.
 */
export { abc, type AbcOptions } from "./abc.js";
export { hierarchical, type HierarchicalOptions } from "./hierarchical.js";
export { smoothing, type SmoothingOptions } from "./smoothing.js";
export { anyToAny, type AnyToAnyOptions } from "./any-to-any.js";
export {
  mutualInformationSummary,
  type InformationBound,
  type MutualInformationOptions,
} from "./mutual-information.js";
export {
  distanceCorrelationSummary,
  type DistanceCorrelationOptions,
} from "./distance-correlation.js";
export { fisherInformationSummary, type FisherInformationOptions } from "./fisher-information.js";
export { nbe, type NbeOptions } from "./nbe.js";
export { nle, type NleOptions } from "./nle.js";
export { npe, type NpeOptions } from "./npe.js";
export { nre, type NreOptions } from "./ratio.js";
export { posteriorMomentsSummary, type PosteriorMomentsOptions } from "./posterior-moments.js";
export { rankPosterior, type RankPosteriorOptions } from "./rank-posterior.js";
export { syntheticLikelihood, type SyntheticLikelihoodOptions } from "./synthetic-likelihood.js";
export { telescoping, type TelescopingOptions } from "./telescoping.js";
export { variational, type VariationalOptions } from "./variational.js";
