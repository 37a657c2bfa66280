export type { ProgressStream } from "../platform/progress-stream.js";
export { ProgressLine } from "./line.js";
export {
  answeringLine,
  count,
  duration,
  plural,
  rate,
  simulationLine,
  trainingLine,
} from "./words.js";
