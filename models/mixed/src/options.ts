/**
 * Options that all mixed models share.
 */
import { InvalidArgumentError } from "amortis";
import { MOST } from "./coordinates.js";
import type { MixedPriors } from "./default-priors.js";
import type { Design } from "./design.js";
import type { MixedEstimator } from "./estimator.js";

/** How a mixed model is answered. */
export interface MixedOptions {
  /** Priors; see `MixedPriors` for what they are where none are given. */
  readonly priors?: MixedPriors;
  /** Draws held by the posterior, 2,000 by default. */
  readonly samples?: number;
  /** Proposals of the network that are weighed, 2,000 by default. */
  readonly proposals?: number;
  readonly seed?: number;
  /** Draws by weights, or the states of independence Metropolis: "importance" by default. */
  readonly correction?: "importance" | "metropolis";
  /** The estimator, where it was loaded by `loadMixed`; by default the one that the package brings along. */
  readonly estimator?: MixedEstimator;
}

/** @throws InvalidArgumentError unless both are whole numbers from 100 on. */
export function requireNumbers(who: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isInteger(value) && value >= 100) continue;
    throw new InvalidArgumentError(
      `${who}: ${name} must be a whole number from 100 on, but is ${value}`,
    );
  }
}

/** @throws InvalidArgumentError where a grouping term has more effects than the coordinates have room for. */
export function requireFew(who: string, formula: string, { terms }: Design): void {
  for (const { name, randomNames } of terms) {
    if (randomNames.length <= MOST) continue;
    throw new InvalidArgumentError(
      `${who}: the formula "${formula}" has ${randomNames.length} random effects a group of ${name} (${randomNames.join(", ")}), but ${MOST} at most can be answered`,
    );
  }
}
