export { flatNames, flatten, named, parameterSlots, type ParameterSlot } from "./layout.js";
export type { Moments, Standardization } from "./standardization.js";
