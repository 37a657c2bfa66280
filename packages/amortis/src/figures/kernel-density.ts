/**
 * Densities of draws by kernels.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";

/** Where what is estimated has mass. */
export interface KernelDensityOptions {
  /** Bounds, at which kernels are reflected: without them an estimate falls to half its height there. Infinite unless given. */
  readonly lower?: number;
  readonly upper?: number;
}

const KNOWN: KnownOptions<KernelDensityOptions> = { lower: true, upper: true };

/** Bandwidths from which on a kernel has no mass that a picture shows. */
const REACH = 5;

/**
 * A Gaussian kernel estimate with Silverman's bandwidth (1986, equation 3.31), reflected at bounds (section 2.10).
 *
 * @param values draws of one number.
 * @param x where the density is wanted.
 * @returns the density at each of `x`; 0 beyond the bounds.
 * @example kernelDensity(draws, x, { lower: 0 })
 */
export function kernelDensity(
  values: Float64Array,
  x: Float64Array,
  options: KernelDensityOptions = {},
): Float64Array {
  requireKnown("kernelDensity", options, KNOWN);
  const { lower = -Infinity, upper = Infinity } = options;
  const n = values.length;
  const sorted = values.toSorted();
  const width = bandwidth(sorted);
  const scale = 1 / (n * width * Math.sqrt(2 * Math.PI));
  const around = (place: number): number => {
    let sum = 0;
    for (let i = firstFrom(sorted, place - REACH * width); i < n; i++) {
      const distance = ((sorted[i] ?? 0) - place) / width;
      if (distance > REACH) break;
      sum += Math.exp(-0.5 * distance * distance);
    }
    return sum;
  };
  return x.map((place) => {
    if (place < lower || place > upper) return 0;
    const below = lower === -Infinity ? 0 : around(2 * lower - place);
    const above = upper === Infinity ? 0 : around(2 * upper - place);
    return scale * (around(place) + below + above);
  });
}

/** Silverman's, of values in order. */
function bandwidth(sorted: Float64Array): number {
  const n = sorted.length;
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(sorted.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, n - 1));
  const at = (share: number): number => sorted[Math.round(share * (n - 1))] ?? 0;
  const spread = Math.min(sd, (at(0.75) - at(0.25)) / 1.349) || sd || 1;
  return 0.9 * spread * n ** -0.2;
}

/** The first place in an increasing array whose value is not below another. */
function firstFrom(sorted: Float64Array, least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
