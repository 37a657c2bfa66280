/**
 * What the process of the comparison and those of its stages say to each other.
 */
import type { Scale } from "./settings.js";
import type { StageDetail } from "./stage.js";

/** To a stage: begin, once; or come to an end. */
export type ToStage =
  | {
      readonly type: "begin";
      readonly stage: string;
      readonly scale: Scale;
      readonly seed: number;
      readonly directory: string;
    }
  | { readonly type: "stop" };

/** From a stage. */
export type FromStage =
  | { readonly type: "progress"; readonly fraction: number; readonly detail?: StageDetail }
  | { readonly type: "done"; readonly seconds: number }
  | {
      readonly type: "failed";
      readonly message: string;
      readonly code: string;
      readonly stack: string;
    };
