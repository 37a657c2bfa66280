/**
 * Draws of a posterior given many data sets from what denoisers learned of each: composition of scores without new training (Geffner, Papamakarios & Mnih 2023, arXiv 2209.14249;
 * Linhart et al. 2024, arXiv 2404.07593; of very many groups: Arruda et al. 2025, arXiv 2505.14429).
 *
 * With parameters w under noise, x = cos φ · w + sin φ · z, what all m data sets say of w given x follows from what each says:
 *
 *     p(w | x, Z₁ .. Z_m) ∝ p(w | x) ∏_i p(w | x, Z_i) / p(w | x),
 *
 * where of each p(w | x, Z_i) a denoiser knows the mean, and its slope the covariance (Tweedie's formula), Cov[w | x] = sin² φ / cos φ · ∂E[w | x] / ∂x. These are narrow where noise is
 * little, and so nearly normal; then all is sums of precisions and of what they weigh,
 *
 *     P = Σ_i S_i - (m - 1) S₀ + cot² φ,      P E[w | x, Z₁ .. Z_m] = Σ_i η_i - (m - 1) η₀ + cos φ / sin² φ · x,
 *
 * with S₀, η₀ of a normal prior, and S_i, η_i of the normal distribution that has the mean and the covariance of data set i at x. No S_i is less than S₀, since data take nothing
 * away: what a network errs by there is cut off, and the sum stays positive however many they are.
 *
 * Draws are made by Gibbs's sampler at levels that fall: w given x from there, and x at the next level given w, which is fresh noise. Normal posteriors come out right with any number
 * of levels, and of others each level mends what those before took for normal. It ends where x says so much more of w than any one data set that there is nothing left to mend, since
 * what a network errs by in F counts 1 / sin φ in scores.
 *
 * Slopes are taken at some of the draws, and hold about them; what denoisers say of the others otherwise is asked of a few data sets at a time, a part of the sum that is small and has the
 * right expectation.
 */
import { plusDiagonal, product, transpose } from "../math/index.js";
import type { Stream } from "../random/index.js";
import { placesAt, type Level, type Place } from "./denoised-places.js";
import { parts, repeated, type Denoisers, type NormalTerms } from "./denoisers.js";

/** How draws are made. */
export interface CompositionOptions {
  readonly draws: number;
  /** Levels φ that fall: noise to data. */
  readonly levels: readonly number[];
  readonly random: Stream;
  /** Values of denoisers for each level, about: more of them follow posteriors of more than one mode better. */
  readonly evaluations?: number;
  /** Hears of the share that is done. */
  readonly report?: (share: number) => void;
}

/** Values of denoisers for each level where nothing else is said. */
const EVALUATIONS = 20_000;
/** Fewest places at which slopes are taken. */
const FEWEST_PLACES = 4;
/** Fewest data sets that are asked of every draw. */
const FEWEST_ASKED = 8;
/** It ends where x says so many times more than a data set. */
const ENOUGH = 10;
/** Data sets from which x, at the end, says far less than all of them, so that draws are as wide as what the data say. */
const MANY = 10 * ENOUGH;

/** Draws of a posterior given many data sets. */
export interface ComposedDraws {
  /** [draws, d]. */
  readonly draws: Float64Array;
  /**
   * How many times as wide draws are as what the data sets say at them allows, by their standard deviations, of the worst number: near 1 where composition has settled. Undefined
   * for fewer than a hundred data sets.
   */
  readonly excess: number | undefined;
}

/**
 * Draws of w given all data sets.
 *
 * @param prior of w.
 * @example
 * await composedDraws(denoisers, prior, { draws: 1000, levels: levelGrid(32, 0.002, 1.57).toReversed(), random: stream(1) })
 */
export async function composedDraws(
  denoisers: Denoisers,
  prior: NormalTerms,
  options: CompositionOptions,
): Promise<ComposedDraws> {
  const { size, dimension: d } = denoisers;
  const { draws, levels, random, report } = options;
  let excess: number | undefined;
  const noise = random.split("noise");
  const x = Float64Array.from({ length: draws * d }, () => noise.normal());
  for (const [step, angle] of levels.entries()) {
    const asked = random.split("asked").split(step);
    const kernel = await kernelAt(denoisers, prior, x, angle, { ...options, random: asked });
    const next = kernel.enough ? undefined : levels[step + 1];
    for (let i = 0; i < draws; i++) {
      const w = kernel.draw(i, noise);
      const noisy = next === undefined ? w : w.map((value) => renoised(value, next, noise));
      x.set(noisy, i * d);
    }
    if (next === undefined) {
      if (size >= MANY) excess = excessOf(x, kernel.variances);
      break;
    }
    report?.((step + 1) / levels.length);
  }
  report?.(1);
  return { draws: x, excess };
}

/** How many times as wide draws are as by these variances, at most; infinite where any is not finite. */
function excessOf(x: Float64Array, variances: readonly number[]): number {
  const d = variances.length;
  const n = x.length / d;
  const ratios = variances.map((variance, k) => {
    const column = Array.from({ length: n }, (_, i) => x[i * d + k] ?? 0);
    const mean = column.reduce((a, b) => a + b, 0) / n;
    const spread = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    return Math.sqrt(spread / variance);
  });
  const worst = Math.max(...ratios);
  return Number.isNaN(worst) ? Infinity : worst;
}

function renoised(w: number, angle: number, noise: Stream): number {
  return Math.cos(angle) * w + Math.sin(angle) * noise.normal();
}

/** w given x. */
interface Kernel {
  draw(index: number, noise: Stream): Float64Array;
  /** Whether x says far more than any one data set. */
  readonly enough: boolean;
  /** Of each number of w, the mean over places. */
  readonly variances: readonly number[];
}

async function kernelAt(
  denoisers: Denoisers,
  prior: NormalTerms,
  x: Float64Array,
  angle: number,
  { draws, random, evaluations = EVALUATIONS }: CompositionOptions,
): Promise<Kernel> {
  const { size, dimension: d } = denoisers;
  const level: Level = {
    denoisers,
    prior,
    angle,
    precision: (Math.cos(angle) / Math.sin(angle)) ** 2,
    weight: Math.cos(angle) / Math.sin(angle) ** 2,
  };
  const count = Math.min(
    draws,
    Math.max(FEWEST_PLACES, Math.floor(evaluations / (size * (2 * d + 1)))),
  );
  // Draws are exchangeable: the first are as good as any.
  const places = await placesAt(level, x.subarray(0, count * d));
  const nearest = Array.from({ length: draws }, (_, i) =>
    i < count ? i : nearestTo(places, x.subarray(i * d, (i + 1) * d)),
  );
  const corrections =
    count === draws
      ? undefined
      : await correctionsAt(level, places, nearest, x, {
          asked: Math.min(size, Math.max(FEWEST_ASKED, Math.floor(evaluations / draws))),
          random,
        });
  return {
    enough: level.precision > ENOUGH * sharpest(places),
    variances: variancesOf(places, d),
    draw: (index, noise) => {
      const place = places[nearest[index] ?? 0];
      if (place === undefined) throw new RangeError(`draw ${index} has no place`);
      const weighted = place.weighted.map(
        (value, k) =>
          value + level.weight * (x[index * d + k] ?? 0) + (corrections?.[index * d + k] ?? 0),
      );
      return normalDraw(place.inverseFactor, weighted, noise);
    },
  };
}

/** Variances of w by P, whose inverse is L⁻ᵀ L⁻¹: the mean over places. */
function variancesOf(places: readonly Place[], d: number): readonly number[] {
  return Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (const { inverseFactor } of places)
      for (let row = k; row < d; row++) sum += (inverseFactor[row * d + k] ?? 0) ** 2;
    return sum / places.length;
  });
}

/** What a data set says of w on average, at the place where that is most: the trace of its precision. */
function sharpest(places: readonly Place[]): number {
  return Math.max(
    ...places.map(({ each, at: { length: d } }) => {
      let sum = 0;
      for (const { precision } of each)
        for (let k = 0; k < d; k++) sum += precision[k * (d + 1)] ?? 0;
      return sum / each.length;
    }),
  );
}

/** What some data sets say otherwise of each draw than their normal distributions, as of all of them: [draws, d]. */
async function correctionsAt(
  { denoisers, angle, precision, weight }: Level,
  places: readonly Place[],
  nearest: readonly number[],
  x: Float64Array,
  { asked, random }: { readonly asked: number; readonly random: Stream },
): Promise<Float64Array> {
  const { size, dimension: d } = denoisers;
  const corrections = new Float64Array(x.length);
  const points = Float32Array.from(x);
  const chosen = someOf(size, asked, random);
  for (const part of parts(chosen.length, nearest.length)) {
    const which = part.map((i) => chosen[i] ?? 0);
    const found = await denoisers.means(which, repeated(points, which.length), angle);
    for (const [j, set] of which.entries()) {
      for (const [i, place] of nearest.entries()) {
        const terms = places[place]?.each[set];
        if (terms === undefined) continue;
        const from = (j * nearest.length + i) * d;
        const mean = found.subarray(from, from + d);
        const right = product(plusDiagonal(terms.precision, precision, d), mean, d);
        for (let k = 0; k < d; k++) {
          const at = i * d + k;
          const left = (right[k] ?? 0) - (terms.weighted[k] ?? 0) - weight * (x[at] ?? 0);
          corrections[at] = (corrections[at] ?? 0) + (left * size) / asked;
        }
      }
    }
  }
  return corrections;
}

/** Numbers below `size`, `count` of them, all different. */
function someOf(size: number, count: number, random: Stream): readonly number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (count >= size) return all;
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random.uniform() * (size - i));
    [all[i], all[other]] = [all[other] ?? 0, all[i] ?? 0];
  }
  return all.slice(0, count);
}

function nearestTo(places: readonly Place[], x: Float64Array): number {
  let [best, least] = [0, Infinity];
  for (const [i, { at }] of places.entries()) {
    const distance = at.reduce((sum, value, k) => sum + (value - (x[k] ?? 0)) ** 2, 0);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** A draw of the normal distribution with precision (L Lᵀ) and mean (L Lᵀ)⁻¹ h, by L⁻¹. */
function normalDraw(inverse: Float64Array, h: Float64Array, noise: Stream): Float64Array {
  const d = h.length;
  const half = product(inverse, h, d).map((value) => value + noise.normal());
  return product(transpose(inverse, d), half, d);
}
