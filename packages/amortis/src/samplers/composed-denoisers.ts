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
 * Two limits hold draws where denoisers are wrong: w lies within the noise that its x was given, and within what the prior has. Where draws lie at the latter, or do not move as far from
 * one level to the next as what the data sets say of them allows, they are no answer, which `excess` tells.
 *
 * Slopes are taken at some of the draws, and hold about them; what denoisers say of the others otherwise is asked of a few data sets at a time, a part of the sum that is small and has the
 * right expectation.
 */
import { choleskyFactor, invertLower, plusDiagonal, product, transpose } from "../math/index.js";
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
/** Data sets from which x, at the end, says far less than all of them, so that draws move by what the data say. */
const MANY = 10 * ENOUGH;
/** Standard deviations of the noise that x may have been given. */
const NOISE_REACH = 4;
/** Standard deviations of the prior that w may lie from its mean. */
const PRIOR_REACH = 8;
/** The share of draws that may lie at the prior's ends. */
const AT_THE_ENDS = 0.01;

/** Draws of a posterior given many data sets. */
export interface ComposedDraws {
  /** [draws, d]. */
  readonly draws: Float64Array;
  /**
   * How many times as far draws move from the last level but one to the last as what the data sets say at them makes draws differ, or as little, of the worst number: near 1 where
   * composition has settled, however many modes there are. Infinite where draws are held at the prior's ends; else undefined for fewer than a hundred data sets.
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
  const ends = endsOf(prior, d);
  const noise = random.split("noise");
  const x = Float64Array.from({ length: draws * d }, () => noise.normal());
  let last: LevelDraws | undefined;
  for (const [step, angle] of levels.entries()) {
    const asked = random.split("asked").split(step);
    const kernel = await kernelAt(denoisers, prior, x, angle, { ...options, random: asked });
    // Of the first level all is noise.
    const reach = step === 0 ? Infinity : NOISE_REACH * Math.tan(angle);
    const w = new Float64Array(draws * d);
    let held = 0;
    for (let i = 0; i < draws; i++) {
      const given = x.subarray(i * d, (i + 1) * d).map((value) => value / Math.cos(angle));
      const near = kernel.draw(i, noise).map((value, k) => within(value, given[k] ?? 0, reach));
      const kept = near.map((value, k) => within(value, ends.mean[k] ?? 0, ends.reach[k] ?? 0));
      if (kept.some((value, k) => value !== near[k])) held += 1;
      w.set(kept, i * d);
    }
    const next = kernel.enough ? undefined : levels[step + 1];
    const now: LevelDraws = { w, variances: kernel.variances };
    if (next === undefined) {
      report?.(1);
      // No posterior lies there, however few data sets it is of.
      if (held > AT_THE_ENDS * draws) return { draws: w, excess: Infinity };
      return { draws: w, excess: size < MANY ? undefined : excessOf(now, last) };
    }
    for (const [i, value] of w.entries()) x[i] = renoised(value, next, noise);
    last = now;
    report?.((step + 1) / levels.length);
  }
  throw new RangeError("draws are composed at one level at least");
}

/** Draws of a level, [draws, d], and the variances of w given x there. */
interface LevelDraws {
  readonly w: Float64Array;
  readonly variances: readonly number[];
}

/** How far draws moved from one level to the next beside what their variances make draws differ, or how little; infinite where that is not finite. */
function excessOf(now: LevelDraws, last: LevelDraws | undefined): number | undefined {
  if (last === undefined) return undefined;
  const d = now.variances.length;
  const n = now.w.length / d;
  const ratios = now.variances.map((variance, k) => {
    let squares = 0;
    for (let at = k; at < now.w.length; at += d) {
      squares += ((now.w[at] ?? 0) - (last.w[at] ?? 0)) ** 2;
    }
    const ratio = Math.sqrt(squares / n / (variance + (last.variances[k] ?? 0)));
    return Math.max(ratio, 1 / ratio);
  });
  const worst = Math.max(...ratios);
  return Number.isNaN(worst) ? Infinity : worst;
}

/** The value, or the nearest that is no farther from this middle. */
function within(value: number, middle: number, reach: number): number {
  return Math.min(middle + reach, Math.max(middle - reach, value));
}

/** Where a normal prior ends for our purposes: each number's mean, and how far from it. */
function endsOf(
  prior: NormalTerms,
  d: number,
): { readonly mean: Float64Array; readonly reach: Float64Array } {
  const lower = choleskyFactor(prior.precision, d);
  if (lower === undefined)
    throw new RangeError("the precision of a normal prior is positive definite");
  const inverse = invertLower(lower, d);
  const mean = product(transpose(inverse, d), product(inverse, prior.weighted, d), d);
  const reach = Float64Array.from(variancesBy(inverse, d), (v) => PRIOR_REACH * Math.sqrt(v));
  return { mean, reach };
}

/** Variances by a precision L Lᵀ, whose inverse is L⁻ᵀ L⁻¹. */
function variancesBy(inverseFactor: Float64Array, d: number): readonly number[] {
  return Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (let row = k; row < d; row++) sum += (inverseFactor[row * d + k] ?? 0) ** 2;
    return sum;
  });
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
    variances: averaged(
      places.map(({ inverseFactor }) => variancesBy(inverseFactor, d)),
      d,
    ),
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

function averaged(rows: readonly (readonly number[])[], d: number): readonly number[] {
  return Array.from(
    { length: d },
    (_, k) => rows.reduce((sum, row) => sum + (row[k] ?? 0), 0) / rows.length,
  );
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
