/**
 * Recalibration: posteriors moved and widened so that truths lie among them as they should, by pairs of data and parameters that nothing was learned from.
 *
 * In unconstrained space, with m(Z) and s(Z) the posterior's means and standard deviations, a coordinate's residual r = (u - m(Z)) / s(Z) has mean zero and variance one over draws, and over
 * truths as well where posteriors are right, whatever their shape. What truths have instead is put right by
 *
 *     r' = b + a r,      log q'(u' | Z) = log q(u | Z) - Σ log a,
 *
 * so that densities stay exact, and no mass leaves the support of the prior. The correction is the posterior predictive mean and standard deviation of a truth's residual under a
 * normal-inverse-gamma prior that expects none: of thousands of held-out simulations it is their mean and their standard deviation; of a few real data sets with known parameters, it moves by
 * what these say, and widens by what they leave open.
 *
 * References: Gelman et al., "Bayesian Data Analysis", section 3.3, for the predictive distribution; Wehenkel et al. (2024), arXiv 2405.08719, and arXiv 2509.23385 for corrections by a few real
 * data sets, of which this is the one with two numbers a parameter.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import type { Floats } from "../data/layout.js";
import { meanOf, sdOf } from "./marginals.js";
import type { PosteriorSource } from "./posterior-source.js";

/** A correction of each coordinate of unconstrained space. */
export interface Recalibration {
  /** b */
  readonly shift: readonly number[];
  /** a */
  readonly scale: readonly number[];
  /** Pairs that it was learned from. */
  readonly pairs: number;
}

/** Draws by which a posterior's middle and width are known, and their seed. */
const [DRAWS, SEED] = [512, 20_250_928];

/** Pairs, at least. */
const FEWEST = 5;

/** Pairs that the presumption that there is nothing to correct is worth: of the mean, and of the variance. */
const [WORTH_OF_MEAN, WORTH_OF_VARIANCE] = [1, 4];

/** Middles and widths of posteriors, [size, d] each. */
export interface Middles {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** Middles and widths of posteriors of the data sets [start, end), in unconstrained space. */
export async function middlesOf(
  source: PosteriorSource,
  { size: p, unconstrainedSize: d, ...bijection }: Bijection,
  start: number,
  end: number,
): Promise<Middles> {
  const { draws } = await source.draw(DRAWS, SEED, start, end);
  const mean = new Float64Array((end - start) * d);
  const sd = new Float64Array((end - start) * d);
  const own = Array.from({ length: d }, () => new Float64Array(DRAWS));
  for (let i = 0; i < end - start; i++) {
    for (let j = 0; j < DRAWS; j++) {
      const at = (i * DRAWS + j) * p;
      const u = bijection.inverse(draws.subarray(at, at + p));
      for (const [k, column] of own.entries()) column[j] = u[k] ?? Number.NaN;
    }
    for (const [k, column] of own.entries()) {
      mean[i * d + k] = meanOf(column);
      sd[i * d + k] = sdOf(column);
    }
  }
  return { mean, sd };
}

/** `middlesOf`, remembered for the data sets that were asked for last: densities are asked again and again of the same. */
export function rememberedMiddles(
  source: PosteriorSource,
  bijection: Bijection,
): (start: number, end: number) => Promise<Middles> {
  let last:
    | { readonly start: number; readonly end: number; readonly found: Promise<Middles> }
    | undefined;
  return (start, end) => {
    if (last?.start !== start || last.end !== end) {
      last = { start, end, found: middlesOf(source, bijection, start, end) };
    }
    return last.found;
  };
}

/**
 * Learns a correction from pairs of data and parameters.
 *
 * @param source posteriors of the data sets, as they are.
 * @param truth their parameters, [size, p].
 * @throws InvalidArgumentError where there are fewer than five pairs, or a parameter is outside its support.
 */
export async function learnRecalibration(
  source: PosteriorSource,
  truth: Float64Array,
  bijection: Bijection,
): Promise<Recalibration> {
  const { size } = source;
  if (size < FEWEST) {
    throw new InvalidArgumentError(
      `a recalibration needs ${FEWEST} data sets with known parameters, but there are ${size}`,
    );
  }
  const { size: p, unconstrainedSize: d } = bijection;
  const { mean, sd } = await middlesOf(source, bijection, 0, size);
  const residuals = Array.from({ length: d }, () => new Float64Array(size));
  for (let i = 0; i < size; i++) {
    const u = bijection.inverse(truth.subarray(i * p, (i + 1) * p));
    for (const [k, own] of residuals.entries()) {
      own[i] = ((u[k] ?? Number.NaN) - (mean[i * d + k] ?? 0)) / (sd[i * d + k] ?? 1);
    }
    if (residuals.some((own) => !Number.isFinite(own[i]))) {
      throw new InvalidArgumentError(
        `a recalibration needs true parameters within their support, but those of data set ${i} are ${truth.subarray(i * p, (i + 1) * p).join(", ")}`,
      );
    }
  }
  const found = residuals.map(predictive);
  return {
    shift: found.map(({ shift }) => shift),
    scale: found.map(({ scale }) => scale),
    pairs: size,
  };
}

/** Mean and standard deviation of the next residual. */
function predictive(residuals: Float64Array): {
  readonly shift: number;
  readonly scale: number;
} {
  const n = residuals.length;
  const mean = meanOf(residuals);
  const squares = residuals.reduce((sum, r) => sum + (r - mean) ** 2, 0);
  const [kappa, nu] = [WORTH_OF_MEAN + n, WORTH_OF_VARIANCE + n];
  const apart = (WORTH_OF_MEAN * n * mean ** 2) / kappa;
  // Student's t with nu degrees of freedom has the variance nu / (nu - 2) in squares of its scale.
  const variance = ((WORTH_OF_VARIANCE + squares + apart) * (1 + 1 / kappa)) / (nu - 2);
  return { shift: (n * mean) / kappa, scale: Math.sqrt(variance) };
}

/** Posteriors with a correction. */
export function recalibratedSource(
  source: PosteriorSource,
  { shift, scale }: Recalibration,
  bijection: Bijection,
): PosteriorSource {
  const { size: p, unconstrainedSize: d } = bijection;
  const middles = rememberedMiddles(source, bijection);
  const logScale = scale.reduce((sum, a) => sum + Math.log(a), 0);
  /** u moved from the middle of its posterior, or back. */
  const moved = (u: Float64Array, { mean, sd }: Middles, i: number, back: boolean) =>
    u.map((x, k) => {
      const [m, s] = [mean[i * d + k] ?? 0, sd[i * d + k] ?? 1];
      const [a, b] = [scale[k] ?? 1, (shift[k] ?? 0) * s];
      return back ? m + (x - m - b) / a : m + a * (x - m) + b;
    });
  return {
    ...source,
    draw: async (draws, seed, start, end, report) => {
      const drawn = await source.draw(draws, seed, start, end, report);
      const known = await middles(start, end);
      const own = Float64Array.from(drawn.draws);
      for (let row = 0; row < own.length / p; row++) {
        const theta = own.subarray(row * p, (row + 1) * p);
        const u = moved(bijection.inverse(theta), known, Math.floor(row / draws), false);
        theta.set(bijection.forward(u));
      }
      return { ...drawn, draws: own };
    },
    logDensity: async (parameters: Floats, start, end) => {
      const known = await middles(start, end);
      const rows = parameters.length / p;
      const each = rows / (end - start);
      const before = new Float64Array(parameters.length);
      const change = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const u = bijection.inverse(parameters.subarray(row * p, (row + 1) * p));
        const from = moved(u, known, Math.floor(row / each), true);
        before.set(bijection.forward(from), row * p);
        change[row] = u.every(Number.isFinite)
          ? bijection.logJacobian(from) - bijection.logJacobian(u) - logScale
          : -Infinity;
      }
      const values = await source.logDensity(before.map(finite), start, end);
      return values.map((value, row) =>
        change[row] === -Infinity ? -Infinity : value + (change[row] ?? 0),
      );
    },
  };
}

/** Parameters without support have no density, whatever is asked in their place. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
