/**
 * Points that are marked one by one, with their names beside them.
 */
import type { Style } from "./palette.js";

/** A point with a mark of its own. */
export interface MarkedPoint {
  readonly x: number;
  readonly y: number;
  readonly style: Style;
  readonly symbol: "cross" | "circle" | "diamond";
  /** What is written beside it. */
  readonly label?: string;
  /** Where that is; "belowRight" unless said. */
  readonly side?: "aboveLeft" | "belowRight";
}
