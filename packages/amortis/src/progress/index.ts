export { ProgressLine, type ProgressStream } from "./line.js";
export {
  answeringLine,
  count,
  duration,
  plural,
  rate,
  simulationLine,
  trainingLine,
} from "./words.js";
