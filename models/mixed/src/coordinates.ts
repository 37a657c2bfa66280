/**
 * Coordinates of the variances in which posteriors of all problems look much the same: about zero, with a spread of about one.
 *
 *     log σ = log σ₀ + z / √(2 ν),      τ_k = c_k u(s_k z),      r = 2 Φ(v₀ + s z) - 1
 *
 * with the first look's σ₀, degrees of freedom ν, scales c_k = √(τ₀² + a_k), or of the prior, where a_k is the standard error of τ_k², and partial correlations r. There are seven whatever the model has: those of random effects that
 * it lacks are standard normal, and nothing depends on them.
 */
import { normalQuantile, normalCdf } from "amortis/extend";
import type { Pilot } from "./pilot.js";
import { fromPositive, logSlope, SLOPE, toPositive } from "./positive-line.js";
import { correlationFactor, logPartialDensity, partials, type VariancePriors } from "./priors.js";
import type { Problem } from "./problem.js";
import { factorize } from "./symmetric.js";

/** Random effects of a group at most. */
export const MOST = 3;

/** Coordinates: of σ, of MOST standard deviations, of their partial correlations. */
export const SIZE = 1 + MOST + (MOST * (MOST - 1)) / 2;

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
/** Partial correlations are kept so far from one. */
const EDGE = 1e-9;

/** Variances of a problem in units of it. */
export interface Variances {
  sigma: number;
  /** [q] */
  readonly sd: Float64Array;
  /** Λ = diag(sd) · factor of the correlations, [q, q]. */
  readonly lambda: Float64Array;
  /** Partial correlations in the order of `partials`; zero where effects do not correlate. */
  readonly partial: Float64Array;
}

/** The coordinates of one problem. */
export class Coordinates {
  readonly q: number;
  readonly correlated: boolean;
  /** Whether σ is known, so that its coordinate is one that the model lacks. */
  readonly knownSigma: boolean;
  /** c_k, in units of the problem. */
  readonly scales: Float64Array;
  /** s_k of the standard deviations. */
  readonly widths: Float64Array;
  /** v₀ and s of each partial correlation. */
  readonly centres: Float64Array;
  readonly spans: Float64Array;
  readonly sigma: number;
  /** ν */
  readonly freedom: number;

  /** @param limits 90 % quantiles of the priors, as of `pilotOf`. */
  constructor(
    { q }: Problem,
    pilot: Pilot,
    correlated: boolean,
    limits: ArrayLike<number>,
    knownSigma = false,
  ) {
    this.q = q;
    this.knownSigma = knownSigma;
    this.correlated = correlated && q > 1;
    this.sigma = pilot.sigma;
    this.freedom = Math.max(pilot.freedom, 2);
    this.scales = new Float64Array(q);
    this.widths = new Float64Array(q);
    for (let k = 0; k < q; k++) {
      const variance = Math.max(pilot.covariance[k * q + k] ?? 0, 1e-8);
      const error = 1 / Math.sqrt(Math.max(pilot.information[k * q + k] ?? 0, 1e-8));
      // Where the data hardly tell, the prior does.
      this.scales[k] = 1 / Math.sqrt(1 / (variance + error) + 1 / (limits[k + 1] ?? 1) ** 2);
      const share = error / (this.scales[k] ?? 1) ** 2;
      // From the standard error of τ far from zero to all of c at zero.
      this.widths[k] = Math.min(Math.max((share * (1 + share)) / 2, 0.01), 1) / SLOPE;
    }
    const factor = pilot.covariance.slice();
    for (let k = 0; k < q; k++) factor[k * q + k] = (factor[k * q + k] ?? 0) * 1.001 + 1e-8;
    factorize(factor, q);
    const r = partialsOf(factor, q);
    this.centres = new Float64Array(r.length);
    this.spans = new Float64Array(r.length);
    for (const [at, [i, j]] of partials(q).entries()) {
      const size = Math.sqrt(
        Math.max((pilot.covariance[i * q + i] ?? 0) * (pilot.covariance[j * q + j] ?? 0), 1e-16),
      );
      const value = Math.min(Math.max(r[at] ?? 0, -0.98), 0.98);
      const v = normalQuantile((1 + value) / 2);
      const slope = 2 * Math.exp(-0.5 * v * v - HALF_LOG_2PI);
      const error =
        (1 - value * value) /
        (slope * size * Math.sqrt(Math.max(pilot.information[i * q + j] ?? 0, 1e-8)));
      // Where the data hardly tell, the prior about zero does.
      this.spans[at] = error / Math.sqrt(1 + error * error);
      this.centres[at] = v / (1 + error * error);
    }
  }

  /** Where coordinates hold partial correlations. */
  static partialAt(i: number, j: number): number {
    return 1 + MOST + (i * (i - 1)) / 2 + j;
  }

  /** The variances at z [SIZE], written into `into`. */
  variances(z: ArrayLike<number>, into: Variances, offset = 0): void {
    const { q } = this;
    into.sigma = this.knownSigma
      ? this.sigma
      : this.sigma * Math.exp((z[offset] ?? 0) / Math.sqrt(2 * this.freedom));
    for (let k = 0; k < q; k++) {
      const v = (this.widths[k] ?? 1) * (z[offset + 1 + k] ?? 0);
      into.sd[k] = (this.scales[k] ?? 1) * toPositive(v);
    }
    if (this.correlated) {
      for (const [at, [i, j]] of PARTIALS[q]?.entries() ?? []) {
        const v =
          (this.centres[at] ?? 0) +
          (this.spans[at] ?? 1) * (z[offset + Coordinates.partialAt(i, j)] ?? 0);
        into.partial[at] = Math.min(Math.max(2 * normalCdf(v) - 1, EDGE - 1), 1 - EDGE);
      }
    }
    correlationFactor(into.partial, q, into.lambda);
    for (let r = 0; r < q; r++) {
      for (let c = 0; c <= r; c++)
        into.lambda[r * q + c] = (into.lambda[r * q + c] ?? 0) * (into.sd[r] ?? 0);
    }
  }

  /** The coordinates of variances; of those that the model lacks, zero. */
  locate({ sigma, sd, partial }: Variances): Float64Array {
    const z = new Float64Array(SIZE);
    if (!this.knownSigma) z[0] = Math.log(sigma / this.sigma) * Math.sqrt(2 * this.freedom);
    for (let k = 0; k < this.q; k++)
      z[1 + k] = fromPositive((sd[k] ?? 0) / (this.scales[k] ?? 1)) / (this.widths[k] ?? 1);
    if (this.correlated) {
      for (const [at, [i, j]] of partials(this.q).entries()) {
        const v = normalQuantile((1 + (partial[at] ?? 0)) / 2);
        z[Coordinates.partialAt(i, j)] = (v - (this.centres[at] ?? 0)) / (this.spans[at] ?? 1);
      }
    }
    return z;
  }

  /** Whether a coordinate is of something that the model has. */
  has(coordinate: number): boolean {
    if (coordinate === 0) return !this.knownSigma;
    if (coordinate <= this.q) return true;
    if (coordinate <= MOST || !this.correlated) return false;
    return PARTIALS[this.q]?.some(([i, j]) => Coordinates.partialAt(i, j) === coordinate) === true;
  }

  /** Coordinates that the model lacks, on which nothing depends. */
  get idle(): readonly number[] {
    return Array.from({ length: SIZE }, (_, at) => at).filter((at) => !this.has(at));
  }

  /**
   * log of the prior's density of the coordinates z, whose variances are given: of those that the model lacks, standard normal.
   *
   * @param units what standard deviations in units of the problem are to be multiplied by: of σ first, then of random effects.
   */
  logPrior(
    z: ArrayLike<number>,
    { sigma, sd, partial }: Variances,
    priors: VariancePriors,
    units: ArrayLike<number>,
    offset = 0,
  ): number {
    const { q } = this;
    // dσ/dz = σ / √(2 ν).
    const unit = units[0] ?? 1;
    let total = this.knownSigma
      ? -0.5 * (z[offset] ?? 0) ** 2 - HALF_LOG_2PI
      : priors.sigma.logDensity([sigma * unit]) +
        Math.log((sigma * unit) / Math.sqrt(2 * this.freedom));
    for (let k = 0; k < q; k++) {
      const width = this.widths[k] ?? 1;
      const own = units[1 + k] ?? 1;
      total += priors.sd[k]?.logDensity([(sd[k] ?? 0) * own]) ?? 0;
      total +=
        Math.log(own * (this.scales[k] ?? 1) * width) + logSlope(width * (z[offset + 1 + k] ?? 0));
    }
    if (this.correlated) {
      for (const [at, [i, j, level]] of PARTIALS[q]?.entries() ?? []) {
        const span = this.spans[at] ?? 1;
        const v = (this.centres[at] ?? 0) + span * (z[offset + Coordinates.partialAt(i, j)] ?? 0);
        total += logPartialDensity(partial[at] ?? 0, priors.lkj, q, level);
        // dr/dz = 2 φ(v) s.
        total += Math.log(2 * span) - 0.5 * v * v - HALF_LOG_2PI;
      }
    }
    for (let at = q + 1; at < SIZE; at++) {
      if (!this.has(at)) total += -0.5 * (z[offset + at] ?? 0) ** 2 - HALF_LOG_2PI;
    }
    return total;
  }
}

/** Partial correlations of so many effects. */
const PARTIALS = Array.from({ length: MOST + 1 }, (_, d) => partials(d));

/** Room for the variances of a problem. */
export function emptyVariances(q: number): Variances {
  return {
    sigma: 1,
    sd: new Float64Array(q),
    lambda: new Float64Array(q * q),
    partial: new Float64Array((q * (q - 1)) / 2),
  };
}

/** Partial correlations of a covariance with a lower Cholesky factor [d, d], in the order of `partials`. */
function partialsOf(factor: Float64Array, d: number): Float64Array {
  return Float64Array.from(partials(d), ([i, j]) => {
    let left = 0;
    for (let k = j; k <= i; k++) left += (factor[i * d + k] ?? 0) ** 2;
    return (factor[i * d + j] ?? 0) / Math.sqrt(Math.max(left, 1e-300));
  });
}
