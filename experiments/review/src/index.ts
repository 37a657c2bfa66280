export { ReviewError, StageError } from "./errors.js";
export { reproduceReview, type ReproduceOptions, type ReviewProgress } from "./reproduce.js";
export type * from "./results.js";
export { SCALES, settingsOf, type ReviewSettings, type Scale } from "./settings.js";
export type { StageDetail } from "./stage.js";
export { resultTables } from "./table.js";
