export {
  gapAt,
  learningCurve,
  simulationsFor,
  type CurvePoint,
  type LearningCurve,
} from "./learning-curve.js";
export { planTraining, type PilotTraining, type PlanOptions, type TrainingPlan } from "./plan.js";
