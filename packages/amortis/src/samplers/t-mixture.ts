/**
 * Mixtures of multivariate t distributions, one for each of many data sets: proposals that know several modes, with tails heavier than theirs.
 *
 *     q(u) = Σ_c w_c t_ν(u; m_c, S_c),   u = m + L z √(ν / χ²_ν)
 */
import type { Stream } from "../random/index.js";
import { choleskyFactor, logGamma, solveLower } from "../math/index.js";

/** Degrees of freedom ν. */
const FREEDOM = 5;

/** One place of mass. */
export interface Component {
  /** m, [k]. */
  readonly mean: Float64Array;
  /** S, [k, k], the lower triangle. */
  readonly scale: Float64Array;
  /** Not negative; weights need not have sum one. */
  readonly weight: number;
}

/** A component ready for use. */
interface Factored {
  readonly mean: Float64Array;
  readonly factor: Float64Array;
  readonly logWeight: number;
  /** Logarithm of what the density has in front. */
  readonly logFront: number;
}

/** A mixture of t distributions. */
export class TMixture {
  readonly #k: number;
  readonly #parts: readonly Factored[];

  /** Components whose scale is not positive definite are left out. */
  constructor(components: readonly Component[], k: number) {
    const usable = components.flatMap(({ mean, scale, weight }) => {
      const factor = choleskyFactor(scale, k);
      return factor === undefined || !(weight > 0) ? [] : [{ mean, factor, weight }];
    });
    const total = usable.reduce((sum, { weight }) => sum + weight, 0);
    const front =
      logGamma((FREEDOM + k) / 2) - logGamma(FREEDOM / 2) - (k / 2) * Math.log(FREEDOM * Math.PI);
    this.#k = k;
    this.#parts = usable.map(({ mean, factor, weight }) => {
      let logDeterminant = 0;
      for (let j = 0; j < k; j++) logDeterminant += Math.log(factor[j * (k + 1)] ?? 1);
      return {
        mean,
        factor,
        logWeight: Math.log(weight / total),
        logFront: front - logDeterminant,
      };
    });
  }

  /** Number of components. */
  get size(): number {
    return this.#parts.length;
  }

  /** A draw, [k]. */
  sample(random: Stream): Float64Array {
    const k = this.#k;
    const chosen = random.categorical(this.#parts.map(({ logWeight }) => Math.exp(logWeight)));
    const { mean = new Float64Array(k), factor = new Float64Array(k * k) } =
      this.#parts[chosen] ?? {};
    const z = Float64Array.from({ length: k }, () => random.normal());
    const spread = Math.sqrt(FREEDOM / (2 * random.gamma(FREEDOM / 2)));
    return mean.map((m, j) => {
      let step = 0;
      for (let l = 0; l <= j; l++) step += (factor[j * k + l] ?? 0) * (z[l] ?? 0);
      return m + spread * step;
    });
  }

  /** log q(u). */
  logDensity(u: Float64Array): number {
    const terms = this.logTerms(u);
    const largest = Math.max(...terms);
    return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
  }

  /** The component with most of the density at u. */
  nearest(u: Float64Array): number {
    const terms = this.logTerms(u);
    return terms.indexOf(Math.max(...terms));
  }

  /** log w_c t(u; m_c, S_c) of each component. */
  logTerms(u: Float64Array): readonly number[] {
    return this.#parts.map(({ mean, factor, logWeight, logFront }) => {
      const z = solveLower(
        factor,
        u.map((value, j) => value - (mean[j] ?? 0)),
      );
      const square = z.reduce((sum, value) => sum + value * value, 0);
      return logWeight + logFront - ((FREEDOM + this.#k) / 2) * Math.log1p(square / FREEDOM);
    });
  }
}
