/** What a program does, operator by operator, once all shapes are known. */
import type { DType } from "../../dtype.js";
import type { MapName } from "../kernels/functions.js";
import type { View } from "./view.js";

/** One function of elements, at each place of a shape; operands are views of that shape. */
export interface MapOperation {
  readonly kind: "map";
  readonly name: MapName;
  readonly inputs: readonly View[];
  readonly output: View;
}

/** Sum, largest or smallest along the last axis of a view; what is left has the output's shape. */
export interface ReduceOperation {
  readonly kind: "reduce";
  readonly name: "sum" | "max" | "min";
  readonly inputs: readonly [View];
  readonly output: View;
}

/** Products of matrices over the last two axes, and a sum with what broadcasts to them. */
export interface MatmulOperation {
  readonly kind: "matmul";
  readonly inputs: readonly [a: View, b: View, c?: View];
  readonly output: View;
}

/** Rows of a contiguous array [before, rows, after] by number: [before, indices, after]. */
export interface GatherOperation {
  readonly kind: "gather";
  readonly inputs: readonly [data: View, indices: View];
  readonly output: View;
  readonly axis: number;
}

/** Elements by number along one axis: of the first operand, or, added or put, into the output, which holds what was there before. */
export interface ElementsOperation {
  readonly kind: "gatherElements" | "scatterElements";
  readonly inputs: readonly View[];
  readonly output: View;
  readonly axis: number;
  readonly adds: boolean;
}

/** Rows, named by the last axis of the indices, added or put into the output, which holds what was there before. */
export interface ScatterOperation {
  readonly kind: "scatter";
  readonly inputs: readonly [indices: View, updates: View, before: View];
  readonly output: View;
  readonly adds: boolean;
}

/** Running sums along the last axis of views. */
export interface CumulateOperation {
  readonly kind: "cumulate";
  readonly inputs: readonly [View];
  readonly output: View;
  readonly exclusive: boolean;
}

/** Place of the first of the largest along the last axis. */
export interface ArgMaxOperation {
  readonly kind: "argMax";
  readonly inputs: readonly [View];
  readonly output: View;
}

/** Places along the last axis in the order of the elements there; the second operand is room for as many places as the axis has. */
export interface SortOperation {
  readonly kind: "sort";
  readonly inputs: readonly [View, room: View];
  readonly output: View;
  readonly largest: boolean;
}

export type Operation =
  | MapOperation
  | ReduceOperation
  | MatmulOperation
  | GatherOperation
  | ElementsOperation
  | ScatterOperation
  | CumulateOperation
  | ArgMaxOperation
  | SortOperation;

/** Bytes that an element takes in the module's memory. */
export const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int64: 8, bool: 1 };
