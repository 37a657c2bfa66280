export type { Activation } from "./activations.js";
export { augmented, SYMMETRIES, type Symmetry } from "./augmented.js";
export { cnn, type CnnOptions } from "./cnn.js";
export { networkFromJSON, summaryNetworkFromJSON } from "./from-json.js";
export { loadTransform } from "./load-transform.js";
export { linearSummary } from "./linear-summary.js";
export { mlp, type MlpOptions } from "./mlp.js";
export type { Network, SummaryNetwork } from "./network.js";
export { mlpSummary, rawSummary, type MlpSummaryOptions } from "./summary.js";
export { defaultSummary } from "./default-summary.js";
export {
  expertSummary,
  joinTransforms,
  keepData,
  transformedShapes,
  type DataTransform,
} from "./transform.js";
