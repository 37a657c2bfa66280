export * from "./configuration/index.js";
export * from "./densities/index.js";
export * from "./data/index.js";
export * from "./diagnostics/index.js";
export * from "./distributions/index.js";
export * from "./estimators/index.js";
export * from "./files/index.js";
export type { Json } from "./json.js";
export {
  besselK,
  besselKOfOrder,
  besselKScaled,
  binomialLogMass,
  logGamma,
  OdeError,
  solveOde,
  type BesselK,
  type OdeOptions,
  type Slope,
} from "./math/index.js";
export * from "./methods/index.js";
export * from "./model/index.js";
export * from "./networks/index.js";
export * from "./posterior/index.js";
export * from "./random/index.js";
export * from "./samplers/index.js";
export * from "./simulation/index.js";
export * from "./training/index.js";
export { VERSION } from "./version.js";
export {
  AmortisError,
  InvalidArgumentError,
  printable,
  ShapeError,
  UnsupportedError,
} from "@amortis/graph";
