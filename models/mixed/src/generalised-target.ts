/**
 * What proposals of a generalised model are weighed by: the density of coordinates of variances z and of fixed effects e, beside the data.
 *
 *     log p(y, z, e) = log p̂(y | β, Σ) + log p(β) + log |dβ / de| + log p(z),      β = P⁻¹ h + L⁻ᵀ e
 *
 * with P = L Lᵀ and h of the linear model that stands for this one, given the variances of z.
 */
import type { Stream } from "amortis";
import { emptyVariances, SIZE, type Variances } from "./coordinates.js";
import type { GeneralisedLook } from "./generalised-look.js";
import type { VariancePriors } from "./priors.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** Points of a group; the standard deviation that the estimate of the log-likelihood may have; of so many estimates. */
const POINTS = [8, 16, 32, 64, 128] as const;
const NOISE = 0.3;
const REPEATS = 8;

/** The target of one problem; what it was asked for last is held. */
export class GeneralisedTarget {
  readonly variances: Variances;
  /** β in units of the data, [p]. */
  readonly fixed: Float64Array;
  readonly #look: GeneralisedLook;
  readonly #priors: VariancePriors;
  readonly #scaled: Float64Array;
  readonly #lambda: Float64Array;

  constructor(look: GeneralisedLook, priors: VariancePriors) {
    const { p, q } = look.marginal.problem;
    this.#look = look;
    this.#priors = priors;
    this.variances = emptyVariances(q);
    this.fixed = new Float64Array(p);
    this.#scaled = new Float64Array(p);
    this.#lambda = new Float64Array(q * q);
  }

  /** Of the row of z that begins at `at`: SIZE coordinates of variances, then e. */
  logDensity(z: Float32Array, at: number, random: Stream): number {
    const { marginal, coordinates, units, integrals } = this.#look;
    const { p, q, priorMean, priorPrecision, shift, scale, fixedScale } = marginal.problem;
    const { variances, fixed } = this;
    const beta = this.#scaled;
    coordinates.variances(z, variances, at);
    let total = coordinates.logPrior(z, variances, this.#priors, units, at);
    if (!(total > -Infinity)) return -Infinity;
    marginal.logLikelihood(variances.sigma, variances.lambda);
    total += marginal.fixedAt(z, at + SIZE, beta);
    for (let k = 0; k < p; k++) {
      const precision = priorPrecision[k] ?? 1;
      const distance = (beta[k] ?? 0) - (priorMean[k] ?? 0);
      total += 0.5 * (Math.log(precision) - LOG_2PI - precision * distance * distance);
      fixed[k] = (shift[k] ?? 0) + (scale * (beta[k] ?? 0)) / (fixedScale[k] ?? 1);
    }
    for (let k = 0; k < q * q; k++)
      this.#lambda[k] = (variances.lambda[k] ?? 0) * (units[1 + Math.floor(k / q)] ?? 1);
    total += integrals.logLikelihood(fixed, this.#lambda, random);
    return Number.isNaN(total) ? -Infinity : total;
  }
}

/** The fewest points whose estimate at the first look has little noise. */
export function choosePoints({ integrals, fixed, lambda }: GeneralisedLook, random: Stream): void {
  for (const points of POINTS) {
    integrals.points = points;
    const estimates = Array.from({ length: REPEATS }, (_, i) =>
      integrals.logLikelihood(fixed, lambda, random.split(`${points} ${i}`)),
    );
    const mean = estimates.reduce((a, b) => a + b, 0) / REPEATS;
    const variance = estimates.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (REPEATS - 1);
    if (variance < NOISE * NOISE) return;
  }
}
