export { AmortisError, InvalidArgumentError, ShapeError, UnsupportedError } from "@amortis/graph";
export * from "./distributions/index.js";
export * from "./model/index.js";
export * from "./random/index.js";
export * from "./simulation/index.js";
export { VERSION } from "./version.js";
export * from "./densities/index.js";
export * from "./networks/index.js";
