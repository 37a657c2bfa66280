export type {
  AnswerKind,
  Answers,
  InferenceContext,
  Json,
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
