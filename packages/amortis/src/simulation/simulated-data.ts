/**
 * What simulating yields: parameters and data, row by row, and an account of what went wrong.
 */
import { AmortisError } from "@amortis/graph";
import type { DataSpec } from "../data/array-spec.js";
import type { Column } from "../data/data-sets.js";
import type { SimulationOrigin } from "./origin.js";

/** Simulations that failed, or a simulator that cannot be run. */
export class SimulationError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("simulation", message, options);
  }
}

/** A simulation whose data cannot be used: it threw, or gave a value that is not finite. */
export interface InvalidSimulation {
  /** Number of the simulation: `stream(seed).split("simulation").split(index)` draws it again. */
  readonly index: number;
  /** θ, flat. */
  readonly parameters: readonly number[];
  /** In words: "z[3, 4] is NaN", or the error's message. */
  readonly reason: string;
  /** What a program wrote to standard error, the end of it, where it was asked for this simulation alone. */
  readonly standardError?: string;
}

/** Simulated data sets; the invalid ones are left out. */
export interface SimulatedData<D = DataSpec> {
  /** Rows. */
  readonly size: number;
  /** θ, [size, p]. */
  readonly parameters: Float64Array;
  /** By name, [size, ...shape]; float64 where float32 would lose what matters. NaN where a value is missing, or an element is not there. */
  readonly data: { readonly [K in keyof D]: Column };
  /** Number of the simulation in each row, increasing. */
  readonly indices: Float64Array;
  /** Those left out, by increasing index. */
  readonly invalid: readonly InvalidSimulation[];
  /** Where they come from; absent where that is not known. */
  readonly origin?: SimulationOrigin;
}

/** θ in words: "range = 0.2, beta[0] = 1". */
export function describeParameters(
  names: readonly string[],
  parameters: readonly number[],
): string {
  return parameters
    .map((value, i) => `${names[i] ?? i} = ${Number(value.toPrecision(6))}`)
    .join(", ");
}
