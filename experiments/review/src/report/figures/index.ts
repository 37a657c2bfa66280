/**
 * The comparison's figures.
 */
import type { ReviewResults } from "../../results.js";
import { costs } from "./cost.js";
import { bindings, closeLooks, scatters } from "./gaussian.js";
import { calibration, maxStableLooks, maxStableScatters } from "./max-stable.js";
import type { NamedFigure } from "./named.js";
import { classifiers } from "./ratio.js";
import { scoreDensities } from "./scores.js";

export type { NamedFigure } from "./named.js";

/** All figures. */
export function drawFigures(results: ReviewResults): readonly NamedFigure[] {
  const { gaussian, maxStable, ratio, cost } = results;
  return [
    scatters(gaussian),
    closeLooks(gaussian),
    ...scoreDensities(gaussian),
    bindings(gaussian.bindings),
    maxStableScatters(maxStable),
    calibration(maxStable),
    maxStableLooks(maxStable),
    classifiers(ratio),
    costs(cost),
  ];
}
