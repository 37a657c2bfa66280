/**
 * What a benchmark program is: a training loop and the data it trains on.
 */
import { hostTensor, type HostTensor, type TrainingSpec } from "@amortis/graph";
import { stream } from "amortis";

/** A training program to time. */
export interface BenchProgram {
  readonly name: string;
  readonly batch: number;
  /** The loop, and data sets of ROWS rows. */
  build(): {
    readonly spec: TrainingSpec;
    readonly data: Readonly<Record<string, HostTensor>>;
  };
}

/** Rows of the data a program trains on. */
export const ROWS = 8192;

/** Standard normal values of a shape. */
export function normals(name: string, shape: readonly number[]): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  stream(1).split(name).fillNormal(values);
  return hostTensor(values, shape);
}
