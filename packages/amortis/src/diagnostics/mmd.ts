/**
 * Maximum mean discrepancy between two samples, with a Gaussian kernel.
 *
 *   MMD² = mean k(x, x') + mean k(y, y') - 2 mean k(x, y),   k(x, y) = exp(-‖x - y‖² / (2σ²)),
 *
 * means over different pairs, which makes it unbiased: about zero, on both sides of it, where both are of one distribution. σ is the median
 * distance between points of the reference, the median heuristic.
 *
 * Reference: Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), "A Kernel Two-Sample Test", JMLR 13; settings as in Lueckmann et al. (2021),
 * arXiv 2101.04653.
 */
import { requireRows } from "./c2st.js";
import {
  permutationTest,
  type PermutationOptions,
  type PermutationTest,
} from "./permutation-test.js";
import { squaredDistance, together } from "./point-samples.js";

/** Bins by which a median is found among many distances that are not kept. */
const BINS = 65_536;

/**
 * The unbiased estimate of MMD².
 *
 * @param reference [n, d], row-major; sets the kernel's width.
 * @param samples [m, d], row-major.
 * @param bandwidth σ; the median heuristic where left out.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 * @example mmdSquared(reference, samples, 2)
 */
export function mmdSquared(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  bandwidth = medianDistance(reference, d),
): number {
  requireRows("reference", reference, d, 2);
  requireRows("samples", samples, d, 2);
  // Points that are all the same are at no distance whatever the unit.
  const rate = -0.5 / (bandwidth > 0 ? bandwidth * bandwidth : 1);
  const within = (x: Float32Array): number => {
    const n = x.length / d;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += kernelSum(x, i, x, i + 1, d, rate);
    return (2 * sum) / (n * (n - 1));
  };
  const [n, m] = [reference.length / d, samples.length / d];
  let between = 0;
  for (let i = 0; i < n; i++) between += kernelSum(reference, i, samples, 0, d, rate);
  return within(reference) + within(samples) - (2 * between) / (n * m);
}

/**
 * Tests whether two samples are of one law by MMD², by permutation: the p-value is right for any number of points, also where few are compared with few.
 *
 * σ is the median distance between all points, which is the same however labels are dealt.
 *
 * @throws InvalidArgumentError as `mmdSquared` does.
 * @example mmdTest(summariesOfSimulations, summariesOfObservations, 8).pValue   // are the observations draws of the model?
 */
export function mmdTest(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  options: PermutationOptions = {},
): PermutationTest {
  const all = together(reference, samples, d);
  const rate = -0.5 / (medianDistance(all, d) || 1) ** 2;
  return permutationTest(
    reference.length / d,
    all.length / d,
    (i, j) => Math.exp(rate * squaredDistance(all, i * d, all, j * d, d)),
    options,
  );
}

/** Σ k(x_i, y_j) over j from a row on. */
function kernelSum(
  x: Float32Array,
  i: number,
  y: Float32Array,
  from: number,
  d: number,
  rate: number,
): number {
  let sum = 0;
  for (let at = from * d; at < y.length; at += d) {
    sum += Math.exp(rate * squaredDistance(x, i * d, y, at, d));
  }
  return sum;
}

/**
 * The median of ‖x_i - x_j‖ over pairs i < j; the lower of two where their number is even.
 *
 * @param x [n, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 */
export function medianDistance(x: Float32Array, d: number): number {
  requireRows("points", x, d, 2);
  const pairs = ((x.length / d) * (x.length / d - 1)) / 2;
  let largest = 0;
  eachSquare(x, d, (square) => {
    if (square > largest) largest = square;
  });
  if (largest === 0) return 0;
  // Where in the order of distances the median is, bin by bin; then among the distances of its bin.
  const scale = (BINS - 1) / Math.sqrt(largest);
  const counts = new Uint32Array(BINS);
  eachSquare(x, d, (square) => {
    const bin = Math.floor(Math.sqrt(square) * scale);
    counts[bin] = (counts[bin] ?? 0) + 1;
  });
  let place = Math.floor((pairs - 1) / 2);
  let bin = 0;
  for (; place >= (counts[bin] ?? 0); bin++) place -= counts[bin] ?? 0;
  const inBin = new Float64Array(counts[bin] ?? 0);
  let filled = 0;
  eachSquare(x, d, (square) => {
    const distance = Math.sqrt(square);
    if (Math.floor(distance * scale) === bin) inBin[filled++] = distance;
  });
  return inBin.toSorted()[place] ?? Number.NaN;
}

function eachSquare(x: Float32Array, d: number, see: (square: number) => void): void {
  for (let i = 0; i < x.length; i += d) {
    for (let j = i + d; j < x.length; j += d) see(squaredDistance(x, i, x, j, d));
  }
}
