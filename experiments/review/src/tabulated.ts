/**
 * Log-likelihoods of many Gaussian fields as tables in θ.
 *
 * On nodes equally far apart in log θ, cubic between them: a factor of Σ(θ) serves all fields. Below the lowest node a field is white noise to
 * the last digit, so the log-likelihood is constant there. The error of a cubic through four nodes is t (t - 1) (t - 2) (t - 3) h⁴/24 times the
 * fourth derivative, t counting nodes: where that derivative hardly changes over a cell, it is largest at the middle, 3/128 h⁴ of it, and in the
 * first and the last cell, which have their nodes to one side, 0.38 from the outer end, 1/24 h⁴ of it. It is measured at the middle of all cells,
 * and in those two at further places, for all fields.
 *
 * An error of at most e changes a normalised density by a factor of at most exp(2e): exp(e) in the numerator, and as much in the integral.
 */
import type { LogTarget } from "amortis";
import type { Column } from "amortis/extend";
import {
  factorField,
  fieldCoefficients,
  logLikelihoodOf,
  MAX_RANGE,
} from "@amortis/gaussian-field";

/** exp(-d/θ) of neighbours is 1e-29 here. */
const LOWEST = 0.001;
const NODES = 400;
/** Beyond a field's largest value less this, the posterior has no mass: exp(-50) is 2e-22. */
const REACH = 50;
/** Where t (1 - t) (2 - t) (3 - t) is largest in the first cell. */
const WORST = (3 - Math.sqrt(5)) / 2;
/** Places in the first cell where the error is measured; in the last cell, their mirror images. */
const END_PLACES = [0.125, 0.25, WORST, 0.5, 0.625, 0.75, 0.875];

/** Tables of all fields. */
export interface TabulatedLikelihood {
  /** Under the flat prior. */
  readonly target: LogTarget;
  /** Largest error where it was measured, of values within 50 of a field's largest. */
  readonly largestError: number;
  /** The same in the first and the last cell alone. */
  readonly largestErrorAtEnds: number;
}

/**
 * Tabulates.
 *
 * @param fields z, [n, 16, 16] as n × 256 values.
 */
export function tabulate(fields: Column): TabulatedLikelihood {
  const size = fields.length / 256;
  const coefficients = Array.from({ length: size }, (_, i) =>
    fieldCoefficients(fields.subarray(256 * i, 256 * (i + 1))),
  );
  const start = Math.log(LOWEST);
  const step = (Math.log(MAX_RANGE) - start) / (NODES - 1);
  const table = new Float64Array(size * NODES);
  const evaluate = (at: number): Float64Array => {
    const factor = factorField(Math.exp(start + step * at));
    return Float64Array.from(coefficients, (field) => logLikelihoodOf(factor, field));
  };
  for (let node = 0; node < NODES; node++) {
    for (const [i, value] of evaluate(node).entries()) table[i * NODES + node] = value;
  }
  const value = (i: number, theta: number): number => {
    const at = (Math.log(theta) - start) / step;
    if (!(at > 0)) return table[i * NODES] ?? Number.NaN;
    return interpolate(table, i * NODES, Math.min(at, NODES - 1));
  };
  const peaks = Float64Array.from({ length: size }, (_, i) =>
    table.subarray(i * NODES, (i + 1) * NODES).reduce((a, b) => Math.max(a, b), -Infinity),
  );
  const errorAt = (place: number): number =>
    evaluate(place).reduce((worst, exact, i) => {
      if (exact < (peaks[i] ?? 0) - REACH) return worst;
      return Math.max(worst, Math.abs(interpolate(table, i * NODES, place) - exact));
    }, 0);
  const largest = (places: readonly number[]): number =>
    places.reduce((worst, place) => Math.max(worst, errorAt(place)), 0);
  const largestErrorAtEnds = largest(END_PLACES.flatMap((place) => [place, NODES - 1 - place]));
  const inner = largest(Array.from({ length: NODES - 3 }, (_, i) => i + 1.5));
  return {
    largestError: Math.max(inner, largestErrorAtEnds),
    largestErrorAtEnds,
    target: {
      size,
      dimension: 1,
      logDensity: (theta, from, to) => {
        const each = theta.length / (to - from);
        return Float64Array.from(theta, (x, at) =>
          x >= 0 && x <= MAX_RANGE ? value(from + Math.floor(at / each), x) : -Infinity,
        );
      },
    },
  };
}

/** The cubic through the four nodes about a place, in units of nodes. */
function interpolate(table: Float64Array, offset: number, at: number): number {
  const first = Math.min(Math.max(Math.floor(at) - 1, 0), NODES - 4);
  const t = at - first;
  const [a, b, c, d] = [t, t - 1, t - 2, t - 3];
  return (
    ((table[offset + first] ?? 0) * b * c * d) / -6 +
    ((table[offset + first + 1] ?? 0) * a * c * d) / 2 +
    ((table[offset + first + 2] ?? 0) * a * b * d) / -2 +
    ((table[offset + first + 3] ?? 0) * a * b * c) / 6
  );
}
