export type { Adjustment } from "./adjust.js";
export type { DistanceKind } from "./distance.js";
export { smcAbc } from "./smc-abc.js";
export type { SmcAbcOptions } from "./smc-abc-options.js";
