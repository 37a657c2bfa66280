/**
 * A corruption that happens to some data sets, and leaves the others as they are.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Corruption } from "./corruption.js";

/**
 * Corrupts a share of the data sets: where most data are clean, answers to clean ones lose less.
 *
 * @throws InvalidArgumentError where the share is none.
 * @example train(npe(line), { corrupt: inShare(0.5, spikeAndSlab()) })
 */
export function inShare(share: number, corruption: Corruption): Corruption {
  if (!(share >= 0 && share <= 1)) {
    throw new InvalidArgumentError(`inShare needs a share from 0 to 1, but was given ${share}`);
  }
  const corrupt: Corruption = (data, random, typical) =>
    random.uniform() < share ? corruption(data, random, typical) : data;
  const description = `in a share of ${share} of the data sets: ${corruption.description ?? "a function of the user's"}`;
  return Object.assign(corrupt, { description });
}
