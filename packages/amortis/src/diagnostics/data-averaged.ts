/**
 * The data-averaged posterior: over data sets of the joint model it is the prior.
 *
 *     ∫ p(θ | Z) p(Z) dZ = p(θ)
 *
 * One draw of each posterior and the truth of its data set are a pair that may be swapped where posteriors are right. So the energy distance between draws and truths has its
 * distribution under chance swaps, which makes the p-value right for any number of data sets. A prior that was not the model's shows here first; a posterior that is the prior, and
 * has learned nothing, does not show.
 *
 * References: Geweke (2004), "Getting it right"; Lueckmann et al. (2021), arXiv 2101.04653; Székely & Rizzo (2013) for the distance.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { meansAndSds } from "../data/moments.js";
import { stream } from "../random/index.js";
import { squaredDistance } from "./point-samples.js";
import { swapTest, type PermutationTest } from "./permutation-test.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Data sets that are compared, at most: all pairs of them are. */
const MOST = 1000;

/** How it is tested. */
export interface DataAveragedOptions {
  /** Chance swaps, 499 by default. */
  readonly swaps?: number;
  /** 1 by default. */
  readonly seed?: number;
}

const KNOWN: KnownOptions<DataAveragedOptions> = { swaps: true, seed: true };

/**
 * Tests whether the first draws of all posteriors together are draws of what the truths are draws of.
 *
 * @returns statistic: the energy distance in standard deviations of the truths.
 * @throws InvalidArgumentError where draws and truths do not fit each other.
 * @example dataAveragedTest({ draws: posteriors.draws, truth: test.parameters, names: posteriors.parameterNames }).pValue
 */
export function dataAveragedTest(
  scored: ScoredDraws,
  options: DataAveragedOptions = {},
): PermutationTest {
  requireKnown("dataAveragedTest", options, KNOWN);
  const { swaps = 499, seed = 1 } = options;
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const n = Math.min(size, MOST);
  const both = new Float64Array(2 * n * p);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < p; k++) {
      both[2 * i * p + k] = scored.truth[i * p + k] ?? Number.NaN;
      both[(2 * i + 1) * p + k] = scored.draws[i * each * p + k] ?? Number.NaN;
    }
  }
  // Scaled by both, which no swap changes.
  const { sd } = meansAndSds(both, p);
  const rows = both.map((x, at) => x / (sd[at % p] ?? 1));
  const distance = (a: number, b: number): number =>
    Math.sqrt(squaredDistance(rows, a * p, rows, b * p, p));
  const h = (i: number, j: number): number =>
    distance(2 * i, 2 * j + 1) +
    distance(2 * i + 1, 2 * j) -
    distance(2 * i, 2 * j) -
    distance(2 * i + 1, 2 * j + 1);
  return swapTest(n, h, stream(seed).split("swaps"), swaps);
}
