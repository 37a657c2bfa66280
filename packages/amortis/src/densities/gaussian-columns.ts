/**
 * Gaussians whose means and precisions are columns of free numbers.
 *
 * With a unit lower triangular I + N and a diagonal exp(s), (I + N) (u - μ) = exp(-s) z for z ~ N(0, I): the modified Cholesky
 * factor of the precision (Pourahmadi 1999), positive definite whatever the numbers. The density needs a product, a draw a
 * substitution, and neither a division:
 *
 *     log q(u) = Σ s - ½ |z|² - d/2 log 2π,      z = exp(s) (I + N) (u - μ).
 */
import {
  add,
  constant,
  exp,
  expandDims,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  split,
  square,
  sub,
  sum,
  tanh,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";

/** |s| stays below this: standard deviations between exp(-10) and exp(10). */
const LOG_SCALE_BOUND = 10;

/** Full or diagonal covariance. */
export type Covariance = "full" | "diagonal";

/** The setting. */
export const covarianceSetting = z.enum(["full", "diagonal"]);

/** Free numbers of a Gaussian in d dimensions: means, log scales, and the factor below its diagonal. */
export function gaussianParameters(d: number, covariance: Covariance): number {
  return 2 * d + (covariance === "full" ? (d * (d - 1)) / 2 : 0);
}

interface Factors {
  readonly mean: Tensor;
  readonly logScale: Tensor;
  /** Nᵀ, [..., d, d, m]: column j of N is [..., j, :, m]. Absent for a diagonal covariance. */
  readonly transposed?: Tensor;
}

function factors(raw: Tensor, d: number, covariance: Covariance): Factors {
  const below = gaussianParameters(d, covariance) - 2 * d;
  const sizes = below === 0 ? [d, d] : [d, d, below];
  const [mean = raw, free = raw, packed] = split(raw, sizes, -2);
  const logScale = mul(tanh(mul(free, 1 / LOG_SCALE_BOUND)), LOG_SCALE_BOUND);
  if (packed === undefined) return { mean, logScale };
  const square = matmul(constant(unpacking(d), undefined, raw.dtype), packed);
  const shape = [...raw.shape.slice(0, -2), d, d, raw.shape.at(-1) ?? 1];
  return { mean, logScale, transposed: reshape(square, shape) };
}

/** Matrix that puts packed numbers at (j, i), i > j, of a square. */
function unpacking(d: number): readonly (readonly number[])[] {
  const rows = Array.from({ length: d * d }, () =>
    Array.from({ length: (d * (d - 1)) / 2 }, () => 0),
  );
  let next = 0;
  for (let j = 0; j < d; j++) {
    for (let i = j + 1; i < d; i++) {
      const row = rows[j * d + i];
      if (row !== undefined) row[next++] = 1;
    }
  }
  return rows;
}

/**
 * log q of columns.
 *
 * @param u [..., d, n]
 * @param raw [..., gaussianParameters(d), n or 1]
 * @returns [..., n]
 */
export function gaussianLogDensity(u: Tensor, raw: Tensor, covariance: Covariance): Tensor {
  const d = Number(u.shape.at(-2));
  const { mean, logScale, transposed } = factors(raw, d, covariance);
  const difference = sub(u, mean);
  const mixed =
    transposed === undefined ? difference : add(difference, below(transposed, difference));
  const z = mul(mixed, exp(logScale));
  return sum(sub(logScale, add(mul(square(z), 0.5), 0.5 * Math.log(2 * Math.PI))), { axes: [-2] });
}

/** N · x. */
function below(transposed: Tensor, x: Tensor): Tensor {
  if (transposed.shape.at(-1) === 1) {
    // One Gaussian for all columns: a plain product.
    return matmul(reshape(transposed, transposed.shape.slice(0, -1)), x, { transposeA: true });
  }
  return sum(mul(transposed, expandDims(x, -2)), { axes: [-3] });
}

/**
 * Draws from standard normal columns.
 *
 * @param z [..., d, n]
 * @param raw [..., gaussianParameters(d), n or 1]
 * @returns [..., d, n]
 */
export function gaussianDraw(z: Tensor, raw: Tensor, covariance: Covariance): Tensor {
  const d = Number(z.shape.at(-2));
  const { mean, logScale, transposed } = factors(raw, d, covariance);
  let x = mul(z, exp(neg(logScale)));
  if (transposed !== undefined) {
    const columns = split(
      transposed,
      Array.from({ length: d }, () => 1),
      -3,
    );
    for (const column of columns.slice(0, -1).keys()) {
      const own = columns[column];
      if (own === undefined) continue;
      const shape = [...own.shape.slice(0, -3), d, own.shape.at(-1) ?? 1];
      x = sub(x, mul(reshape(own, shape), slice(x, -2, column, column + 1)));
    }
  }
  return add(mean, x);
}
