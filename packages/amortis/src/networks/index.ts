export type { Activation } from "./activations.js";
export { defaultSummary } from "./default-summary.js";
export { networkFromJSON, summaryNetworkFromJSON } from "./from-json.js";
export * from "./kinds.js";
export { loadTransform } from "./load-transform.js";
export type { Network, SummaryNetwork } from "./network.js";
export { columnsFromJSON, transformColumns } from "./transform-columns.js";
export { vectorFieldSlot, type VectorField } from "./vector-field.js";
export {
  expertSummary,
  joinTransforms,
  keepData,
  transformedShapes,
  transformedSpecs,
  type DataTransform,
} from "./transform.js";
