/**
 * What data sets say of parameters under noise at some places: the means of denoisers and their slopes, which are covariances (Tweedie's formula; Efron 2011, doi
 * 10.1198/jasa.2011.tm11181),
 *
 *     Cov[w | x, Z_i] = sin² φ / cos φ · ∂E[w | x, Z_i] / ∂x.
 */
import {
  choleskyFactor,
  congruent,
  fromEigen,
  invertLower,
  plusDiagonal,
  product,
  symmetricEigen,
  transpose,
} from "../math/index.js";
import { parts, repeated, type Denoisers, type NormalTerms } from "./denoisers.js";

/** Slopes are differences over this share of the noise. */
const STEP = 0.5;
/** Least share of the prior's variance that one data set is believed to leave at a level. */
const LEAST = 1e-6;

/** All that is the same for all draws at a level. */
export interface Level {
  readonly denoisers: Denoisers;
  readonly prior: NormalTerms;
  readonly angle: number;
  /** cot² φ: the precision that x has of w. */
  readonly precision: number;
  /** cos φ / sin² φ: what x weighs. */
  readonly weight: number;
}

/** Data sets at a place: the normal distributions that have their means and covariances, and the sums of these. */
export interface Place {
  readonly at: Float64Array;
  readonly each: readonly NormalTerms[];
  /** Inverse of P's Cholesky factor. */
  readonly inverseFactor: Float64Array;
  /** Σ η_i - (m - 1) η₀. */
  readonly weighted: Float64Array;
}

/** What denoisers and their slopes say at places [n, d]. */
export async function placesAt(level: Level, at: Float64Array): Promise<readonly Place[]> {
  const { denoisers, prior, angle, precision } = level;
  const { size, dimension: d } = denoisers;
  const n = at.length / d;
  const step = STEP * Math.sin(angle);
  // Each place, and two steps along each axis.
  const stencil = 2 * d + 1;
  const points = new Float32Array(n * stencil * d);
  for (let i = 0; i < n; i++) {
    for (let s = 0; s < stencil; s++) {
      const to = (i * stencil + s) * d;
      for (let k = 0; k < d; k++) points[to + k] = at[i * d + k] ?? 0;
      if (s > 0) {
        const axis = to + ((s - 1) >> 1);
        points[axis] = (points[axis] ?? 0) + (s % 2 === 1 ? step : -step);
      }
    }
  }
  const factor = choleskyFactor(plusDiagonal(prior.precision, precision, d), d);
  if (factor === undefined) throw new RangeError("a prior has a positive precision");
  const scale = Math.sin(angle) ** 2 / Math.cos(angle) / (2 * step);
  const each = Array.from({ length: n }, (): NormalTerms[] => []);
  for (const which of parts(size, n * stencil)) {
    const found = await denoisers.means(which, repeated(points, which.length), angle);
    for (let j = 0; j < which.length; j++) {
      for (let i = 0; i < n; i++) {
        const from = (j * n + i) * stencil * d;
        each[i]?.push(
          termsOf(found.subarray(from, from + stencil * d), at.subarray(i * d, (i + 1) * d), {
            level,
            factor,
            scale,
          }),
        );
      }
    }
  }
  return each.map((terms, i) => placeOf(level, at.slice(i * d, (i + 1) * d), terms));
}

/** The normal distribution of one data set that has, with x, such means at a place and beside it, [1 + 2 d, d]. */
function termsOf(
  means: Float32Array,
  at: Float64Array,
  {
    level: { precision, weight },
    factor,
    scale,
  }: { readonly level: Level; readonly factor: Float64Array; readonly scale: number },
): NormalTerms {
  const d = at.length;
  const slope = (row: number, axis: number): number =>
    (means[(1 + 2 * axis) * d + row] ?? 0) - (means[(2 + 2 * axis) * d + row] ?? 0);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) covariance[i * d + j] = (scale * (slope(i, j) + slope(j, i))) / 2;
  // In units of the prior's, data leave between nothing and all of it.
  const white = symmetricEigen(congruent(transpose(factor, d), covariance, d), d);
  const kept = { ...white, values: white.values.map((value) => 1 / clamp(value)) };
  const posterior = congruent(factor, fromEigen(kept), d);
  const weighted = product(posterior, means, d).map((value, k) => value - weight * (at[k] ?? 0));
  return { precision: plusDiagonal(posterior, -precision, d), weighted };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(LEAST, share));
}

function placeOf(
  { prior, precision }: Level,
  at: Float64Array,
  each: readonly NormalTerms[],
): Place {
  const d = at.length;
  const others = 1 - each.length;
  const total = plusDiagonal(
    prior.precision.map((value) => others * value),
    precision,
    d,
  );
  const weighted = prior.weighted.map((value) => others * value);
  for (const terms of each) {
    for (const [k, value] of terms.precision.entries()) total[k] = (total[k] ?? 0) + value;
    for (const [k, value] of terms.weighted.entries()) weighted[k] = (weighted[k] ?? 0) + value;
  }
  const factor = choleskyFactor(total, d);
  if (factor === undefined) {
    throw new RangeError(`what ${each.length} data sets say of the parameters is not finite`);
  }
  return { at, each, inverseFactor: invertLower(factor, d), weighted };
}
