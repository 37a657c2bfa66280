import {
  constant,
  matmul,
  mul,
  square,
  sub,
  sum,
  expandDims,
  reshape,
  UnsupportedError,
} from "@amortis/graph";
import { intervalBijection } from "./bijection.js";
import { requireSetting, type VectorDistribution } from "./distribution.js";

/** Lower Cholesky factor, row-major, or undefined where the matrix is not positive definite. */
function choleskyFactor(matrix: readonly (readonly number[])[]): Float64Array | undefined {
  const d = matrix.length;
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i]?.[j] ?? Number.NaN;
      for (let k = 0; k < j; k++) value -= (factor[i * d + k] ?? 0) * (factor[j * d + k] ?? 0);
      if (i === j && !(value > 0)) return undefined;
      factor[i * d + j] = i === j ? Math.sqrt(value) : value / (factor[j * d + j] ?? 1);
    }
  }
  return factor;
}

/** Inverse of a lower triangular factor, row-major. */
function inverseFactor(factor: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let value = i === j ? 1 : 0;
      for (let k = j; k < i; k++) value -= (factor[i * d + k] ?? 0) * (inverse[k * d + j] ?? 0);
      inverse[i * d + j] = value / (factor[i * d + i] ?? 1);
    }
  }
  return inverse;
}

/**
 * Multivariate normal.
 *
 * @param covariance rows of a symmetric positive definite matrix.
 * @throws InvalidArgumentError where the covariance does not fit the mean, or is not symmetric positive definite.
 */
export function multivariateNormal(
  mean: readonly number[],
  covariance: readonly (readonly number[])[],
): VectorDistribution {
  const d = mean.length;
  const what = "multivariateNormal(mean, covariance)";
  requireSetting(d > 0 && mean.every(Number.isFinite), what, "needs a finite mean", mean);
  const square_ = covariance.length === d && covariance.every((row) => row.length === d);
  requireSetting(
    square_,
    what,
    `needs a covariance of ${d} rows of ${d}`,
    JSON.stringify(covariance),
  );
  const symmetric = covariance.every((row, i) =>
    row.every(
      (value, j) => Math.abs(value - (covariance[j]?.[i] ?? Number.NaN)) <= 1e-10 * Math.abs(value),
    ),
  );
  const factor = choleskyFactor(covariance);
  requireSetting(
    symmetric && factor !== undefined,
    what,
    "needs a symmetric positive definite covariance",
    JSON.stringify(covariance),
  );
  if (factor === undefined) throw new UnsupportedError(`${what}: not positive definite`);
  const inverse = inverseFactor(factor, d);
  let logConstant = 0.5 * d * Math.log(2 * Math.PI);
  for (let i = 0; i < d; i++) logConstant += Math.log(factor[i * d + i] ?? 1);
  return {
    name: "multivariateNormal",
    shape: [d],
    size: d,
    support: {
      kind: "real",
      lower: mean.map(() => -Infinity),
      upper: mean.map(() => Infinity),
    },
    bijection: intervalBijection(-Infinity, Infinity, d),
    sample: (random) => random.multivariateNormal(mean, factor),
    logDensity: (value) => {
      let squares = 0;
      for (let i = 0; i < d; i++) {
        let z = 0;
        for (let j = 0; j <= i; j++)
          z += (inverse[i * d + j] ?? 0) * ((value[j] ?? Number.NaN) - (mean[j] ?? 0));
        squares += z * z;
      }
      return -0.5 * squares - logConstant;
    },
    graph: {
      logDensity: (value) => {
        const centred = expandDims(sub(value, constant(mean, [d], value.dtype)), -2);
        const z = matmul(centred, constant(inverse, [d, d], value.dtype), { transposeB: true });
        const squares = sum(square(reshape(z, value.shape)), { axes: [-1] });
        return sub(mul(squares, -0.5), logConstant);
      },
    },
    toJSON: () => ({ name: "multivariateNormal", mean, covariance: covariance.flat() }),
  };
}
