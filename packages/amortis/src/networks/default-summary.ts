/**
 * The summary network of data of given shapes, where the user names none.
 */
import type { SummaryNetwork } from "./network.js";
import { mlpSummary } from "./summary.js";

/** A multilayer perceptron. */
export function defaultSummary(_shapes: Readonly<Record<string, readonly number[]>>): SummaryNetwork {
  return mlpSummary();
}
