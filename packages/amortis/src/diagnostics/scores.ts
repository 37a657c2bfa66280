/**
 * Proper scores of one data set's answer: small is good, and no answer has a smaller expectation than the posterior itself.
 *
 * With draws X, X' of the answer, F its distribution function and θ the truth,
 *
 *     CRPS            E|X - θ| - ½ E|X - X'| = ∫ (F(x) - 1{x ≥ θ})² dx
 *     energy score    E‖X - θ‖ - ½ E‖X - X'‖
 *     interval score  (u - l) + (2/α) (l - θ)₊ + (2/α) (θ - u)₊      for a central interval (l, u) of level 1 - α
 *     log score       -log q(θ)
 *
 * Expectations over draws are taken over distinct pairs, which makes the estimates unbiased whatever the number of draws ("fair").
 *
 * References: Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation"; Ferro 2014, "Fair scores for
 * ensemble forecasts".
 */
import { InvalidArgumentError } from "@amortis/graph";
import { gaussLegendre, integrate } from "../math/index.js";

/**
 * Continuous ranked probability score of draws, by the fair estimator
 *
 *     (1/n) Σ |xᵢ - θ| - (1 / (n (n - 1))) Σ_{i<j} |xᵢ - xⱼ|,
 *
 * whose second sum is Σ (2 i - n - 1) x₍ᵢ₎ over sorted draws.
 *
 * @param draws n of them, in any order.
 * @param truth θ, in the same unit; so is the score.
 * @throws InvalidArgumentError where there are fewer than two draws.
 * @example crps(posterior.draws, 0.2)
 */
export function crps(draws: ArrayLike<number>, truth: number): number {
  requireTwo(draws.length);
  return crpsOfSorted(Float64Array.from(draws).toSorted(), truth);
}

/**
 * `crps` of draws that are sorted already.
 *
 * @param stratified whether draws are stratified, as `resample` has them, and not independent. Those are further apart: the empirical distribution
 * is then within 1/n of the answer's everywhere, and its own CRPS, with the mean over all n² pairs, is off by terms in 1/n² only.
 */
export function crpsOfSorted(sorted: ArrayLike<number>, truth: number, stratified = false): number {
  const n = sorted.length;
  let distance = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    // Measured from the truth, so that large locations do not cost digits; the coefficients sum to zero.
    const x = (sorted[i] ?? Number.NaN) - truth;
    distance += Math.abs(x);
    spread += (2 * i - n + 1) * x;
  }
  return distance / n - spread / (n * (stratified ? n : n - 1));
}

// Between points F is a quadratic, and its square of degree four: three nodes are exact.
const RULE = gaussLegendre(3);

/**
 * Continuous ranked probability score of a density on a grid, taken as linear between its points and zero outside.
 *
 * @param grid increasing points, two or more.
 * @param density at the points, up to a constant factor.
 * @param truth θ; it may lie outside the grid.
 * @throws InvalidArgumentError where the grid does not increase, or the density is negative, or zero throughout.
 * @example crpsOfDensity([0, 1], [1, 1], 0.5)   // 1/12, of a uniform distribution
 */
export function crpsOfDensity(
  grid: ArrayLike<number>,
  density: ArrayLike<number>,
  truth: number,
): number {
  const cells = cellsOf(grid, density);
  const mass = cells.reduce(
    (total, { width, left, right }) => total + (width * (left + right)) / 2,
    0,
  );
  if (!(mass > 0)) throw new InvalidArgumentError("the density is zero throughout the grid");
  let score = 0;
  let below = 0;
  for (const { start, width, left, right } of cells) {
    const cdf = (t: number): number =>
      (below + t * left + (t * t * (right - left)) / (2 * width)) / mass;
    const split = Math.min(Math.max(truth - start, 0), width);
    score += integrate((t) => cdf(t) ** 2, 0, split, RULE);
    score += integrate((t) => (1 - cdf(t)) ** 2, split, width, RULE);
    below += (width * (left + right)) / 2;
  }
  const first = grid[0] ?? 0;
  const last = grid[grid.length - 1] ?? 0;
  return score + Math.max(0, first - truth) + Math.max(0, truth - last);
}

interface Cell {
  readonly start: number;
  readonly width: number;
  readonly left: number;
  readonly right: number;
}

function cellsOf(grid: ArrayLike<number>, density: ArrayLike<number>): readonly Cell[] {
  if (grid.length < 2 || grid.length !== density.length) {
    throw new InvalidArgumentError(
      `a density is given on two points or more, one value each, but there are ${grid.length} points and ${density.length} values`,
    );
  }
  return Array.from({ length: grid.length - 1 }, (_, i) => {
    const [start, end] = [grid[i] ?? Number.NaN, grid[i + 1] ?? Number.NaN];
    const [left, right] = [density[i] ?? Number.NaN, density[i + 1] ?? Number.NaN];
    if (!(end > start)) {
      throw new InvalidArgumentError(`the grid must increase, but goes from ${start} to ${end}`);
    }
    if (!(left >= 0 && right >= 0)) {
      throw new InvalidArgumentError(
        `a density is never negative, but is ${left} at ${start} and ${right} at ${end}`,
      );
    }
    return { start, width: end - start, left, right };
  });
}

/**
 * Energy score of draws of several parameters together, by the fair estimator; takes time in the square of the number of draws.
 *
 * @param draws flat, [n, p].
 * @param truth θ, [p].
 * @throws InvalidArgumentError where the draws are no whole number of vectors, or fewer than two.
 */
export function energyScore(draws: ArrayLike<number>, truth: ArrayLike<number>): number {
  const p = truth.length;
  const n = draws.length / p;
  if (!Number.isInteger(n)) {
    throw new InvalidArgumentError(
      `draws must be [n, ${p}], as the truth has ${p} values, but ${draws.length} were given`,
    );
  }
  requireTwo(n);
  let distance = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    distance += norm(draws, i * p, truth, 0, p);
    for (let j = 0; j < i; j++) spread += norm(draws, i * p, draws, j * p, p);
  }
  return distance / n - spread / (n * (n - 1));
}

function norm(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, p: number): number {
  let total = 0;
  for (let k = 0; k < p; k++) total += ((a[i + k] ?? Number.NaN) - (b[j + k] ?? Number.NaN)) ** 2;
  return Math.sqrt(total);
}

/**
 * Interval score of a central interval.
 *
 * @param level 1 - α, within (0, 1).
 * @throws InvalidArgumentError where the level is not within (0, 1).
 * @example intervalScore(0.1, 0.3, 0.35, 0.9)   // 0.2 + 20 × 0.05
 */
export function intervalScore(lower: number, upper: number, truth: number, level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new InvalidArgumentError(`an interval's level must lie within (0, 1), but is ${level}`);
  }
  const penalty = 2 / (1 - level);
  return upper - lower + penalty * (Math.max(0, lower - truth) + Math.max(0, truth - upper));
}

/** @throws InvalidArgumentError */
function requireTwo(n: number): void {
  if (n < 2) {
    throw new InvalidArgumentError(`a score of draws needs two draws or more, but ${n} were given`);
  }
}
