/**
 * Active choice of simulations: where several networks, trained on the same simulations from other beginnings, disagree about the posterior, a simulation tells most.
 *
 * Of candidates drawn from the posterior p₁ of one network, each is weighted by the standard deviation over networks of p_k(θ) / p₁(θ), and so many are taken without
 * replacement, in proportion to the weights: "maximum variance" for a whole round at a time.
 *
 * References: Lueckmann, Bassetto, Karaletsos and Macke (2019), "Likelihood-free inference with emulator networks", arXiv 1805.09294; Efraimidis and Spirakis (2006), "Weighted random sampling with a
 * reservoir"; Seung, Opper and Sompolinsky (1992), "Query by committee".
 */
import type { Stream } from "../random/index.js";

/**
 * How much networks disagree at draws of the first one's posterior.
 *
 * @param logs of each network, its log posterior densities at the same n draws, each up to a constant.
 * @returns [n], standard deviations over networks of the ratio of densities to the first one's.
 */
export function disagreement(logs: readonly ArrayLike<number>[]): Float64Array {
  const [first, ...others] = logs;
  if (first === undefined) return new Float64Array();
  const ratios = others.map((log) =>
    normalised(Float64Array.from(log, (l, i) => l - (first[i] ?? 0))),
  );
  return Float64Array.from(first, (_, i) => {
    // The first one's own ratio is 1.
    const all = [1, ...ratios.map((ratio) => ratio[i] ?? 0)];
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    return Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / all.length);
  });
}

/** Ratios of densities from their logs up to a constant: over draws of the denominator their mean is 1. */
function normalised(logs: Float64Array): Float64Array {
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const ratios = logs.map((log) => Math.exp(log - largest));
  const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  return ratios.map((ratio) => ratio / mean);
}

/** So many places without replacement, in proportion to weights; those of weight zero come last. */
export function chooseBy(
  weights: ArrayLike<number>,
  count: number,
  random: Stream,
): readonly number[] {
  const keys = Array.from(
    weights,
    (weight) => Math.log(weight) - Math.log(-Math.log(random.uniform())),
  );
  return [...keys.keys()].toSorted((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0)).slice(0, count);
}
