export {
  runBenchmark,
  type BenchmarkDetail,
  type BenchmarkOptions,
  type BenchmarkProgress,
} from "./benchmark.js";
export { BenchmarkError } from "./errors.js";
export type { Folders } from "./observations.js";
export { readResults, type TaskResult } from "./results.js";
export { writeReport } from "./report.js";
export { CLASSIFIERS, type ClassifierName, type Scores } from "./scores.js";
export { benchmarkTable } from "./table.js";
export { TASKS, type TaskName } from "@amortis/sbibm";
