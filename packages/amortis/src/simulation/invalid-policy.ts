/**
 * What is done about simulations that cannot be used.
 */
import { InvalidTally } from "./invalid-tally.js";
import { SimulationError, type InvalidSimulation } from "./simulated-data.js";

/**
 * One line on the simulations left out: how many, why, where in θ they lie, and an example; undefined where there are none.
 *
 * @param total simulations asked for.
 * @param valid θ of the valid ones, [n, p]: their ranges are set beside those of the invalid ones.
 */
export function describeInvalid(
  invalid: readonly InvalidSimulation[],
  total: number,
  parameterNames: readonly string[],
  valid: ArrayLike<number> = [],
): string | undefined {
  const size = valid.length / Math.max(1, parameterNames.length);
  return new InvalidTally(parameterNames).add({ size, parameters: valid, invalid }).describe(total);
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
 * @param total simulations asked for.
 * @throws SimulationError where any is invalid and that is fatal, or where all are.
 */
export function judgeInvalid(
  tally: InvalidTally,
  { onInvalid = "exclude", onWarning = console.warn }: InvalidPolicy,
  total = tally.total,
): void {
  const description = tally.describe(total);
  if (description === undefined) return;
  if (onInvalid === "fatal") throw new SimulationError(description);
  if (tally.count >= total) throw new SimulationError(`no simulation is of use: ${description}`);
  if (tally.count > total / 2) {
    onWarning(
      `most simulations were left out, so the prior is not the one you gave: ${description}`,
    );
  }
}
