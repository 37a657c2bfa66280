/**
 * The exact posterior of the range, by quadrature.
 *
 * θ is one number with a flat prior on (0, θmax), so p(θ|z) = N(z; 0, Σ(θ)) / ∫ N(z; 0, Σ(t)) dt, with the integral over the
 * midpoints of equal cells. The distribution function is the integral of the density that is constant on each cell. A factor of
 * Σ(θ) serves all fields, so a hundred fields cost little more than one.
 */
import { InvalidArgumentError } from "amortis";
import { factorField, fieldCoefficients, logLikelihoodOf } from "./field.js";
import { emptyBlocks, POINTS } from "./symmetry.js";

/** Upper end of the prior, θ ~ U(0, 0.6). */
export const MAX_RANGE = 0.6;

/** How finely to integrate. */
export interface QuadratureOptions {
  /** Cells of the grid in θ; 1,200 by default, an error below 1e-5 in every summary. */
  readonly points?: number;
}

/** A density on (0, θmax) that is constant on equal cells, and what follows from it. */
export class ExactPosterior {
  /** Midpoints of the cells. */
  readonly grid: Float64Array;
  /** p(θ|z) at the midpoints; its sum times the cell's width is 1. */
  readonly density: Float64Array;
  /** log p(z), the logarithm of the likelihood's mean under the prior. */
  readonly logEvidence: number;
  readonly mean: number;
  readonly sd: number;
  readonly #width: number;
  /** F at the cells' edges, one more than there are cells. */
  readonly #cumulative: Float64Array;

  constructor(grid: Float64Array, logLikelihoods: Float64Array) {
    const n = grid.length;
    const largest = logLikelihoods.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = logLikelihoods.map((value) => Math.exp(value - largest));
    const total = weights.reduce((a, b) => a + b, 0);
    this.grid = grid;
    this.#width = MAX_RANGE / n;
    this.density = weights.map((weight) => weight / (total * this.#width));
    this.logEvidence = largest + Math.log(total / n);
    this.#cumulative = new Float64Array(n + 1);
    let mean = 0;
    for (let i = 0; i < n; i++) {
      const weight = (weights[i] ?? 0) / total;
      this.#cumulative[i + 1] = (this.#cumulative[i] ?? 0) + weight;
      mean += weight * (grid[i] ?? 0);
    }
    let variance = this.#width ** 2 / 12;
    for (let i = 0; i < n; i++) {
      variance += ((weights[i] ?? 0) / total) * ((grid[i] ?? 0) - mean) ** 2;
    }
    this.mean = mean;
    this.sd = Math.sqrt(variance);
  }

  /** F(θ) = P(range ≤ θ | z). */
  cdf(theta: number): number {
    const position = theta / this.#width;
    if (!(position > 0)) return 0;
    const cell = Math.floor(position);
    if (cell >= this.grid.length) return 1;
    const below = this.#cumulative[cell] ?? 0;
    const above = this.#cumulative[cell + 1] ?? 0;
    return below + (position - cell) * (above - below);
  }

  /**
   * The θ with F(θ) = level.
   *
   * @throws InvalidArgumentError where the level is not between 0 and 1.
   */
  quantile(level: number): number {
    if (!(level >= 0 && level <= 1)) {
      throw new InvalidArgumentError(
        `a quantile's level must lie between 0 and 1, but is ${level}`,
      );
    }
    let [low, high] = [0, this.grid.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle + 1] ?? 0) < level) low = middle + 1;
      else high = middle;
    }
    const below = this.#cumulative[low] ?? 0;
    const mass = (this.#cumulative[low + 1] ?? 0) - below;
    return (low + (mass > 0 ? Math.min(1, (level - below) / mass) : 0)) * this.#width;
  }

  /** log p(θ|z), linear between midpoints; -Infinity outside the prior's support. */
  logDensity(theta: number): number {
    if (!(theta >= 0 && theta <= MAX_RANGE)) return -Infinity;
    const position = Math.min(Math.max(theta / this.#width - 0.5, 0), this.grid.length - 1);
    const cell = Math.min(Math.floor(position), this.grid.length - 2);
    const left = Math.log(this.density[cell] ?? 0);
    const right = Math.log(this.density[cell + 1] ?? 0);
    const t = position - cell;
    // Where a density has vanished there is no slope of its logarithm.
    if (t === 0 || left === right) return left;
    if (left === -Infinity || right === -Infinity) return -Infinity;
    return left + t * (right - left);
  }

  /**
   * The continuous ranked probability score of a truth, ∫ (F(x) - 1{x ≥ θ})² dx: smaller is better.
   *
   * @param truth θ, inside the prior's support.
   */
  crps(truth: number): number {
    let score = 0;
    const at = this.cdf(truth);
    for (let i = 0; i < this.grid.length; i++) {
      const left = i * this.#width;
      const f = this.#cumulative[i] ?? 0;
      const g = this.#cumulative[i + 1] ?? 0;
      const split = Math.min(Math.max(truth - left, 0), this.#width);
      const middle = split === 0 ? f : split === this.#width ? g : at;
      score += piece(split, f, middle) + piece(this.#width - split, middle - 1, g - 1);
    }
    return score;
  }
}

/** The integral of f² over a length on which f goes linearly from one value to another. */
function piece(length: number, from: number, to: number): number {
  return (length * (from * from + from * to + to * to)) / 3;
}

/**
 * Exact posteriors of many fields.
 *
 * @param fields z, [n, 16, 16] as n × 256 values.
 * @returns one posterior a field, in their order.
 * @throws InvalidArgumentError where the values are no whole number of fields, or there are fewer than 2 points.
 * @example
 * const [posterior] = exactPosteriors(fields);
 * posterior.mean; posterior.quantile(0.9); posterior.crps(0.2);
 */
export function exactPosteriors(
  fields: ArrayLike<number>,
  { points = 1_200 }: QuadratureOptions = {},
): readonly ExactPosterior[] {
  if (fields.length % POINTS !== 0) {
    throw new InvalidArgumentError(
      `fields must be [n, 16, 16], a multiple of ${POINTS} values, but ${fields.length} were given`,
    );
  }
  if (!(Number.isInteger(points) && points >= 2)) {
    throw new InvalidArgumentError(`quadrature takes 2 points or more, but ${points} were given`);
  }
  const curves = Array.from({ length: fields.length / POINTS }, (_, i) => ({
    field: fieldCoefficients(Array.prototype.slice.call(fields, i * POINTS, (i + 1) * POINTS)),
    logLikelihoods: new Float64Array(points),
  }));
  const grid = Float64Array.from({ length: points }, (_, i) => ((i + 0.5) / points) * MAX_RANGE);
  const memory = emptyBlocks();
  grid.forEach((range, i) => {
    const factor = factorField(range, memory);
    for (const { field, logLikelihoods } of curves) {
      logLikelihoods[i] = logLikelihoodOf(factor, field);
    }
  });
  return curves.map(({ logLikelihoods }) => new ExactPosterior(grid, logLikelihoods));
}

/**
 * The exact posterior of one field.
 *
 * @param field z, 256 values, row-major.
 * @throws InvalidArgumentError where the field does not have 256 values.
 */
export function exactPosterior(
  field: ArrayLike<number>,
  options: QuadratureOptions = {},
): ExactPosterior {
  const [posterior] = exactPosteriors(field, options);
  if (posterior === undefined || field.length !== POINTS) {
    throw new InvalidArgumentError(
      `a field has 16×16 = ${POINTS} values, but ${field.length} were given`,
    );
  }
  return posterior;
}
