/**
 * What simulating yields: parameters and data, row by row, and an account of what went wrong.
 */
import { AmortisError } from "@amortis/graph";
import type { DataSpec } from "../model/index.js";

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
}

/** Simulated data sets; the invalid ones are left out. */
export interface SimulatedData<D = DataSpec> {
  /** Rows. */
  readonly size: number;
  /** θ, [size, p]. */
  readonly parameters: Float64Array;
  /** By name, [size, ...shape]. */
  readonly data: { readonly [K in keyof D]: Float32Array };
  /** Number of the simulation in each row, increasing. */
  readonly indices: Float64Array;
  /** Those left out, by increasing index. */
  readonly invalid: readonly InvalidSimulation[];
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

/**
 * One line on the simulations left out: how many, why, and an example; undefined where there are none.
 *
 * @param total simulations asked for.
 */
export function describeInvalid(
  invalid: readonly InvalidSimulation[],
  total: number,
  parameterNames: readonly string[],
): string | undefined {
  const [first] = invalid;
  if (first === undefined) return undefined;
  const reasons = new Map<string, number>();
  for (const { reason } of invalid) {
    // "z[3, 4] is NaN" and "z[0, 1] is NaN" are one reason.
    const kind = reason.replaceAll(/\[[\d, ]*\]/g, "");
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
  }
  const common = [...reasons].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
  const causes = common.map(([reason, count]) => `${count} × ${reason}`).join("; ");
  const share = ((100 * invalid.length) / total).toFixed(invalid.length * 1000 < total ? 2 : 1);
  return (
    `${invalid.length} of ${total} simulations (${share} %) were invalid: ${causes}; ` +
    `for example simulation ${first.index} at ${describeParameters(parameterNames, first.parameters)}: ${first.reason}`
  );
}

/** What to do about an invalid simulation. */
export interface InvalidPolicy {
  /** Leave it out ("exclude", the default), or stop ("fatal"). */
  readonly onInvalid?: "exclude" | "fatal";
  /** Hears of data that are mostly invalid; by default a warning is printed. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Stops where it must, and speaks up where most simulations were invalid.
 *
 * @throws SimulationError where any is invalid and that is fatal, or where all are.
 */
export function judgeInvalid(
  invalid: readonly InvalidSimulation[],
  total: number,
  parameterNames: readonly string[],
  { onInvalid = "exclude", onWarning = console.warn }: InvalidPolicy,
): void {
  const description = describeInvalid(invalid, total, parameterNames);
  if (description === undefined) return;
  if (onInvalid === "fatal") throw new SimulationError(description);
  if (invalid.length >= total) {
    throw new SimulationError(`no simulation is of use: ${description}`);
  }
  if (invalid.length > total / 2) {
    onWarning(
      `most simulations were left out, so the prior is not the one you gave: ${description}`,
    );
  }
}
