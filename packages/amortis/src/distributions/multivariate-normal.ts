import { constant, linear, mul, square, sub, sum } from "@amortis/graph";
import { choleskyFactor, invertLower, LOG_SQRT_2PI, solveLower } from "../math/index.js";
import { requireLength, requireSetting, type VectorDistribution } from "./distribution.js";
import { intervalBijection } from "./interval-bijection.js";
import { reals, rows, writtenAs } from "./written.js";

/**
 * Multivariate normal.
 *
 *     p(x) = |2π Σ|^(-1/2) exp(-(x - mean)ᵀ Σ⁻¹ (x - mean) / 2)
 *
 * @param mean [d]
 * @param covariance Σ, rows of a symmetric positive definite matrix [d, d].
 * @throws InvalidArgumentError where the covariance does not fit the mean, or is not symmetric positive definite.
 * @example multivariateNormal([0, 0], [[1, 0.5], [0.5, 2]])
 */
export function multivariateNormal(
  mean: readonly number[],
  covariance: readonly (readonly number[])[],
): VectorDistribution {
  const d = mean.length;
  const centre = [...mean];
  const what = "multivariateNormal(mean, covariance)";
  requireSetting(d > 0 && centre.every(Number.isFinite), what, "needs a finite mean", centre);
  const isSquare = covariance.length === d && covariance.every((row) => row.length === d);
  requireSetting(isSquare, what, `needs a covariance of ${d} rows of ${d}`, covariance);
  const matrix = Float64Array.from(covariance.flat());
  requireSetting(isSymmetric(matrix, d), what, "needs a symmetric covariance", covariance);
  const factor = choleskyFactor(matrix, d);
  requireFactor(factor, what, covariance);
  const inverse = invertLower(factor, d);
  let logConstant = d * LOG_SQRT_2PI;
  for (let i = 0; i < d; i++) logConstant += Math.log(factor[i * d + i] ?? 1);
  return {
    name: "multivariateNormal",
    shape: [d],
    size: d,
    support: {
      kind: "real",
      lower: centre.map(() => -Infinity),
      upper: centre.map(() => Infinity),
    },
    bijection: intervalBijection(-Infinity, Infinity, d),
    sample: (random) => random.multivariateNormal(centre, factor),
    contains: (value) => value.length === d && Array.from(value).every(Number.isFinite),
    logDensity: (value) => {
      requireLength("multivariateNormal", value, d);
      const z = solveLower(
        factor,
        centre.map((m, i) => (value[i] ?? Number.NaN) - m),
      );
      const squares = z.reduce((total, one) => total + one * one, 0);
      return squares < Infinity ? -0.5 * squares - logConstant : -Infinity;
    },
    graph: {
      logDensity: (value) => {
        const centred = sub(value, constant(centre, [d], value.dtype));
        // z = L⁻¹ (x - mean), as rows: (x - mean)ᵀ L⁻ᵀ.
        const z = linear(centred, constant(transposed(inverse, d), [d, d], value.dtype));
        return sub(mul(sum(square(z), { axes: [-1] }), -0.5), logConstant);
      },
    },
    toJSON: () => ({ name: "multivariateNormal", mean: centre, covariance: [...matrix] }),
  };
}

multivariateNormal.written = writtenAs({ mean: reals, covariance: reals }, (data) =>
  multivariateNormal(data.mean, rows(data.covariance, data.mean.length)),
);

/** Up to rounding, relative to the variances. */
function isSymmetric(matrix: Float64Array, d: number): boolean {
  const at = (i: number, j: number): number => matrix[i * d + j] ?? Number.NaN;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.sqrt(at(i, i)) * Math.sqrt(at(j, j));
      if (!(Math.abs(at(i, j) - at(j, i)) <= 1e-10 * scale)) return false;
    }
  }
  return true;
}

function requireFactor(
  factor: Float64Array | undefined,
  what: string,
  covariance: readonly (readonly number[])[],
): asserts factor is Float64Array {
  requireSetting(factor !== undefined, what, "needs a positive definite covariance", covariance);
}

function transposed(matrix: Float64Array, d: number): Float64Array {
  return Float64Array.from(matrix, (_, at) => matrix[(at % d) * d + Math.floor(at / d)] ?? 0);
}
