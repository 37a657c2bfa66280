/**
 * Log-likelihoods of many Gaussian fields as tables in θ.
 *
 * On nodes equally far apart in log θ, cubic between them: a factor of Σ(θ) serves all fields. Below the lowest node a field is white noise to
 * the last digit, so the log-likelihood is constant there. Interpolation through four nodes errs most at the middle of a cell, where
 * the error is (3/128) h⁴ times the fourth derivative; it is measured there, in all cells and for all fields.
 */
import type { LogTarget } from "amortis";
import {
  factorField,
  fieldCoefficients,
  logLikelihoodOf,
  MAX_RANGE,
} from "@amortis/gaussian-field";

/** exp(-d/θ) of neighbours is 1e-29 here. */
const LOWEST = 0.001;
const NODES = 400;

/** Tables of all fields. */
export interface TabulatedLikelihood {
  /** Under the flat prior. */
  readonly target: LogTarget;
  /** Largest error at the midpoints of the cells, of values within 50 of a field's largest. */
  readonly largestError: number;
}

/**
 * Tabulates.
 *
 * @param fields z, [n, 16, 16] as n × 256 values.
 */
export function tabulate(fields: Float32Array): TabulatedLikelihood {
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
  let largestError = 0;
  for (let cell = 0; cell < NODES - 1; cell++) {
    for (const [i, exact] of evaluate(cell + 0.5).entries()) {
      if (exact < (peaks[i] ?? 0) - 50) continue;
      const error = Math.abs(interpolate(table, i * NODES, cell + 0.5) - exact);
      largestError = Math.max(largestError, error);
    }
  }
  return {
    largestError,
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
