/**
 * The sliced Wasserstein distance between two samples.
 *
 *   SW² = mean over directions u of W₂²(u·x, u·y),   W₂²(a, b) = ∫₀¹ (F_a⁻¹(p) - F_b⁻¹(p))² dp,
 *
 * which in one dimension is a matter of sorting. Both samples are scaled by the reference's standard deviations first, so that the distance is in
 * their units. Two samples of one distribution are at a distance of the order of n^(-1/2), or above where tails are heavy.
 *
 * Reference: Bonneel, Rabin, Peyré and Pfister (2015), "Sliced and Radon Wasserstein barycenters of measures".
 */
import { meansAndSds } from "../data/moments.js";
import { stream, type Stream } from "../random/index.js";
import { requireRows } from "./c2st.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** Directions and their seed. */
export interface SlicedOptions {
  /** 200 by default; one where there is one dimension. */
  readonly directions?: number;
  readonly seed?: number;
}

const KNOWN: KnownOptions<SlicedOptions> = {
  directions: true,
  seed: true,
};

/**
 * The sliced Wasserstein distance, of order two, in standard deviations of the reference.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 * @example slicedWasserstein(reference, samples, 2)
 */
export function slicedWasserstein(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  options: SlicedOptions = {},
): number {
  requireKnown("slicedWasserstein", options, KNOWN);
  const { directions = 200, seed = 1 } = options;
  requireRows("reference", reference, d, 2);
  requireRows("samples", samples, d, 2);
  const { sd } = meansAndSds(reference, d);
  const random = stream(seed).split("sliced-wasserstein");
  const count = d === 1 ? 1 : directions;
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const weights = direction(random, d).map((u, j) => u / (sd[j] ?? 1));
    sum += squaredWasserstein(project(reference, weights), project(samples, weights));
  }
  return Math.sqrt(sum / count);
}

/** A uniform direction. */
function direction(random: Stream, d: number): Float64Array {
  const u = new Float64Array(d);
  random.fillNormal(u);
  const norm = Math.hypot(...u);
  return u.map((value) => value / norm);
}

/** Sorted u·x. */
function project(x: Float32Array, u: Float64Array): Float64Array {
  const d = u.length;
  const values = new Float64Array(x.length / d);
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (x[i * d + j] ?? 0) * (u[j] ?? 0);
    values[i] = sum;
  }
  return values.toSorted();
}

/** W₂² of two sorted samples, which need not be of one size: both quantile functions are steps. */
function squaredWasserstein(a: Float64Array, b: Float64Array): number {
  let [i, j, from, sum] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [(i + 1) / a.length, (j + 1) / b.length];
    const to = Math.min(endA, endB);
    sum += (to - from) * ((a[i] ?? 0) - (b[j] ?? 0)) ** 2;
    from = to;
    // Products of whole numbers, so that steps that end together are seen to.
    const [left, right] = [(i + 1) * b.length, (j + 1) * a.length];
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return sum;
}
