/**
 * The energy distance between two samples.
 *
 *   E² = 2 E‖x - y‖ - E‖x - x'‖ - E‖y - y'‖,
 *
 * zero where both are of one law and positive else; means over different pairs, which makes the estimate unbiased, on both sides of zero. Both samples are scaled by the reference's
 * standard deviations first. There is no kernel to choose, and its value is in the unit of a distance.
 *
 * Reference: Székely & Rizzo (2013), "Energy statistics: A class of statistics based on distances", J. Stat. Plan. Inference 143.
 */
import { meansAndSds } from "../data/moments.js";
import {
  permutationTest,
  type PermutationOptions,
  type PermutationTest,
} from "./permutation-test.js";
import { squaredDistance, together } from "./point-samples.js";

/**
 * The unbiased estimate of E², in standard deviations of the reference.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 * @example energyDistance(reference, samples, 2)
 */
export function energyDistance(reference: Float32Array, samples: Float32Array, d: number): number {
  return energyTest(reference, samples, d, { permutations: 0 }).statistic;
}

/**
 * Tests whether two samples are of one law by their energy distance, by permutation: the p-value is right for any number of points.
 *
 * @throws InvalidArgumentError as `energyDistance` does.
 * @example energyTest(reference, samples, 2).pValue
 */
export function energyTest(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  options: PermutationOptions = {},
): PermutationTest {
  const all = together(reference, samples, d);
  // Scaled by the reference, or, where labels are dealt anew, by all points, which is the same for all deals.
  const { sd } = meansAndSds(options.permutations === 0 ? reference : all, d);
  const scaled = Float64Array.from(all, (x, at) => x / (sd[at % d] ?? 1));
  return permutationTest(
    reference.length / d,
    all.length / d,
    (i, j) => -Math.sqrt(squaredDistance(scaled, i * d, scaled, j * d, d)),
    options,
  );
}
