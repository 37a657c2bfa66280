/**
 * A least-squares classifier of pairs (θ, Z) that tells true parameters from draws, in closed form.
 *
 * Of each data set there is a true θ and a draw θ'. The score f(θ, Z) = β·φ(θ, Z) is fitted to +1 for the truths and -1 for the draws by ridge regression, which needs the differences
 * φ(θ, Z) - φ(θ', Z) alone:
 *
 *     β = (Φᵀ Φ + λ I)⁻¹ Σ_i s_i ( φ(θ_i, Z_i) - φ(θ'_i, Z_i) ),   s_i = 1.
 *
 * A chance swap of a pair is s_i = -1, and leaves Φᵀ Φ as it is. So the classifiers of all swaps cost one factorisation together: a null distribution of hundreds of classifiers trained
 * anew comes at the price of one. Features are θ, its squares and products, its products with the data and with their squares, and random cosines of both.
 *
 * References: Kim, Lee & Lei (2019), "Global and local two-sample tests via regression", arXiv 1812.08927; Rahimi & Recht (2007), "Random features for large-scale kernel machines".
 */
import { meansAndSds } from "../data/moments.js";
import { correlation } from "../math/correlation.js";
import type { Stream } from "../random/index.js";
import { ridgeSolver } from "./ridge-solver.js";

/** Numbers of the data that features are of, at most: those that correlate most with the parameters. */
const MOST_DATA = 24;
/** Parameters whose products are features. */
const FEW = 12;
/** Random cosines. */
const COSINES = 64;

/** Rows of parameters and data to learn from, a truth and a draw of each. */
export interface Pairs {
  /** [n, p] */
  readonly truth: Float64Array;
  /** [n, p] */
  readonly draw: Float64Array;
  /** [n, k] */
  readonly data: Float64Array;
  readonly p: number;
  readonly k: number;
}

/** Features of a parameter and a data set. */
export interface Features {
  readonly size: number;
  /** Writes φ(θ, Z) to [size], of rows of arrays. */
  write(
    into: Float64Array,
    theta: ArrayLike<number>,
    thetaAt: number,
    data: ArrayLike<number>,
    dataAt: number,
  ): void;
}

/** Features in units of the pairs to learn from. */
export function featuresOf({ truth, draw, data, p, k }: Pairs, random: Stream): Features {
  const both = new Float64Array(truth.length + draw.length);
  both.set(truth);
  both.set(draw, truth.length);
  const [own, seen] = [meansAndSds(both, p), meansAndSds(data, Math.max(1, k))];
  const columns = tellingColumns(truth, data, p, k);
  const q = columns.length;
  const d = p + q;
  const frequencies = new Float64Array(COSINES * d);
  random.fillNormal(frequencies);
  const phases = Float64Array.from({ length: COSINES }, () => 2 * Math.PI * random.uniform());
  const products = p <= FEW ? (p * (p + 1)) / 2 : p;
  const z = new Float64Array(d);
  // Distances of standard normal points grow as √d: cosines that turn once over them.
  const rate = 1 / Math.sqrt(d);
  return {
    size: p + products + 2 * p * q + COSINES,
    write: (into, theta, thetaAt, rows, dataAt) => {
      for (let j = 0; j < p; j++) {
        z[j] = clamp(((theta[thetaAt + j] ?? NaN) - (own.mean[j] ?? 0)) / (own.sd[j] ?? 1));
      }
      for (const [i, column] of columns.entries()) {
        const x =
          ((rows[dataAt + column] ?? NaN) - (seen.mean[column] ?? 0)) / (seen.sd[column] ?? 1);
        // What lacks is at the mean.
        z[p + i] = Number.isNaN(x) ? 0 : clamp(x);
      }
      let at = 0;
      for (let j = 0; j < p; j++) into[at++] = z[j] ?? 0;
      for (let j = 0; j < p; j++) {
        for (let l = p <= FEW ? 0 : j; l <= j; l++) into[at++] = (z[j] ?? 0) * (z[l] ?? 0);
      }
      for (let j = 0; j < p; j++) {
        for (let i = 0; i < q; i++) {
          const x = z[p + i] ?? 0;
          into[at++] = (z[j] ?? 0) * x;
          into[at++] = (z[j] ?? 0) * x * x;
        }
      }
      for (let c = 0; c < COSINES; c++) {
        let angle = phases[c] ?? 0;
        for (let i = 0; i < d; i++) angle += rate * (frequencies[c * d + i] ?? 0) * (z[i] ?? 0);
        into[at++] = Math.cos(angle);
      }
    },
  };
}

/** Far points would be all that a square sees. */
function clamp(x: number): number {
  return Math.max(-5, Math.min(5, x));
}

/** Columns of the data that go most with a parameter or its distance from the middle. */
export function tellingColumns(
  truth: Float64Array,
  data: Float64Array,
  p: number,
  k: number,
): readonly number[] {
  const all = Array.from({ length: k }, (_, i) => i);
  if (k <= MOST_DATA) return all;
  const n = truth.length / p;
  const column = (values: Float64Array, width: number, at: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => values[i * width + at] ?? 0);
  const parameters = Array.from({ length: p }, (_, j) => column(truth, p, j));
  const strength = all.map((i) => {
    const own = column(data, k, i).map((x) => (Number.isNaN(x) ? 0 : x));
    const squares = own.map((x) => x * x);
    return Math.max(
      ...parameters.flatMap((theta) =>
        [own, squares].map((x) => Math.abs(correlation(x, theta)) || 0),
      ),
    );
  });
  return all
    .toSorted((a, b) => (strength[b] ?? 0) - (strength[a] ?? 0))
    .slice(0, MOST_DATA)
    .toSorted((a, b) => a - b);
}

/** The classifiers of some pairs, for any swaps. */
export interface RidgeScores {
  readonly features: Features;
  /** β of signs [n]: all 1 for the pairs as they are. */
  weights(signs: ArrayLike<number>): Float64Array;
}

/** Fits the classifiers. */
export function fitRidge(pairs: Pairs, random: Stream): RidgeScores {
  const features = featuresOf(pairs, random);
  const { size } = features;
  const { truth, draw, data, p, k } = pairs;
  const n = truth.length / p;
  const differences = new Float64Array(n * size);
  const gram = new Float64Array(size * size);
  const [a, b] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < n; i++) {
    features.write(a, truth, i * p, data, i * k);
    features.write(b, draw, i * p, data, i * k);
    for (let r = 0; r < size; r++) {
      const [ar, br] = [a[r] ?? 0, b[r] ?? 0];
      differences[i * size + r] = ar - br;
      for (let c = 0; c <= r; c++) {
        gram[r * size + c] = (gram[r * size + c] ?? 0) + ar * (a[c] ?? 0) + br * (b[c] ?? 0);
      }
    }
  }
  const solve = ridgeSolver(gram, size);
  return {
    features,
    weights: (signs) => {
      const sum = new Float64Array(size);
      for (let i = 0; i < n; i++) {
        const sign = signs[i] ?? 0;
        for (let r = 0; r < size; r++) {
          sum[r] = (sum[r] ?? 0) + sign * (differences[i * size + r] ?? 0);
        }
      }
      return solve(sum);
    },
  };
}
