export * from "./kinds.js";
export type {
  GraphLikelihood,
  LikelihoodFunction,
  VariationalLikelihood,
} from "./likelihood-source.js";
export type { HostCall, InferenceContext, Method, Programs, TrainingContext } from "./method.js";
export {
  absoluteLoss,
  modeLoss,
  pinballLoss,
  squaredLoss,
  type EstimateLoss,
} from "../losses/estimate-loss.js";
export * from "../losses/kinds.js";
export { crossEntropyLoss, type RatioLoss } from "../losses/ratio-loss.js";
