/**
 * What settings of samplers must be.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** @throws InvalidArgumentError unless a setting of a sampler is a whole number from a least one on. */
export function requireWhole(name: string, setting: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new InvalidArgumentError(
    `${name}: ${setting} must be a whole number from ${least} on, but is ${value}`,
  );
}

/** @throws InvalidArgumentError unless a setting of a sampler lies within two bounds, which it does not reach. */
export function requireBetween(
  name: string,
  setting: string,
  value: number,
  lower: number,
  upper = Infinity,
): void {
  if (value > lower && value < upper) return;
  const bounds = upper === Infinity ? `above ${lower}` : `between ${lower} and ${upper}`;
  throw new InvalidArgumentError(`${name}: ${setting} must be ${bounds}, but is ${value}`);
}
