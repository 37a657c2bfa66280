/**
 * Response times: choices and when they were made, by drift diffusion.
 */
export { decisionLogDensity, drawDecision, type Decision } from "./decision.js";
export { exitTime } from "./exit-time.js";
export { firstPassage, type Passage } from "./first-passage.js";
export { wordDecisions, type SubjectTrials } from "./words.js";
export { lexicalSubjects, lineOf, type Subject } from "./subjects.js";
export {
  decisionAt,
  decisionRegression,
  decisions,
  drawLine,
  lexical,
  TRIALS,
  WORDS,
  type Line,
} from "./trials.js";
