export type {
  AnswerKind,
  Answers,
  HostCall,
  InferenceContext,
  Method,
  Programs,
  TrainingContext,
} from "./method.js";
export {
  absoluteLoss,
  modeLoss,
  nbe,
  pinballLoss,
  squaredLoss,
  type EstimateLoss,
  type NbeOptions,
} from "./nbe.js";
export { npe, type NpeOptions } from "./npe.js";
export { syntheticLikelihood, type SyntheticLikelihoodOptions } from "./synthetic-likelihood.js";
export { variational, type VariationalOptions } from "./variational.js";
export type {
  GraphLikelihood,
  LikelihoodFunction,
  VariationalLikelihood,
} from "./likelihood-source.js";
export { nre, type NreOptions } from "./ratio.js";
export { parameterBijection } from "./parameter-space.js";
export {
  mutualInformationSummary,
  type InformationBound,
  type MutualInformationOptions,
} from "./mutual-information.js";
export { posteriorMomentsSummary, type PosteriorMomentsOptions } from "./posterior-moments.js";
