/**
 * The summary network of data of given shapes, where the user names none.
 */
import { cnn } from "./cnn.js";
import type { SummaryNetwork } from "./network.js";
import { mlpSummary } from "./summary.js";

/** Smallest extent of a grid that is worth convolving. */
const GRID = 4;

/** A convolutional network where all data lie on one grid; a multilayer perceptron of everything else. */
export function defaultSummary(
  shapes: Readonly<Record<string, readonly number[]>>,
): SummaryNetwork {
  const all = Object.values(shapes);
  const [first = []] = all;
  const grid = all.every(
    (shape) =>
      (shape.length === 2 || shape.length === 3) &&
      shape[0] === first[0] &&
      shape[1] === first[1] &&
      Math.min(shape[0] ?? 0, shape[1] ?? 0) >= GRID,
  );
  return grid ? cnn() : mlpSummary();
}
