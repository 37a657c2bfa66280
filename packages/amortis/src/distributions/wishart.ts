/**
 * Wishart and inverse Wishart distributions of covariance and precision matrices, as vectors of the lower triangle, row by row: [x₁₁, x₂₁, x₂₂, x₃₁, ...].
 *
 *     Wishart            log p(X) = (ν - d - 1)/2 log|X| - tr(V⁻¹X)/2 - νd/2 log 2 - ν/2 log|V| - log Γ_d(ν/2)
 *     inverse Wishart    log p(X) = -(ν + d + 1)/2 log|X| - tr(ΨX⁻¹)/2 - νd/2 log 2 + ν/2 log|Ψ| - log Γ_d(ν/2)
 *
 * Densities are of the d (d + 1) / 2 entries of the triangle.
 */
import {
  add,
  constant,
  linear,
  log,
  choleskyFactors,
  diagonal,
  matmul,
  mul,
  square,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";
import { choleskyFactor, invertLower, logGamma } from "../math/index.js";
import type { Stream } from "../random/index.js";
import type { Bijection } from "./bijection.js";
import { covarianceBijection, gram } from "./covariance-bijection.js";
import { requireLength, requireSetting, type VectorDistribution } from "./distribution.js";
import { matricesOf, symmetricOf, triangleOf, trianglePlaces } from "./triangle.js";
import { real, reals, squareRows, writtenAs } from "./written.js";

/**
 * Wishart: Σ_k z_k z_kᵀ of ν draws z_k ~ N(0, V), and what it is for any ν > d - 1. Its mean is ν V.
 *
 * @param degrees ν, above d - 1.
 * @param scale V, rows of a symmetric positive definite matrix [d, d].
 * @throws InvalidArgumentError where the scale is none, or there are too few degrees of freedom.
 * @example wishart(5, [[1, 0.5], [0.5, 2]])   // a vector of 3: x₁₁, x₂₁, x₂₂
 */
export function wishart(
  degrees: number,
  scale: readonly (readonly number[])[],
): VectorDistribution {
  const { d, matrix, factor } = scaleOf("wishart", degrees, scale);
  const inverse = invertLower(factor, d);
  const precision = gram(transposed(inverse, d), d);
  const power = (degrees - d - 1) / 2;
  const logConstant = constantOf(degrees, factor, d, -1);
  return matrixDistribution({
    name: "wishart",
    d,
    degrees,
    matrix,
    sample: (random) => gram(product(factor, bartlett(random, degrees, d), d), d),
    logDensity: (x, logDeterminant) =>
      power * logDeterminant - 0.5 * dot(precision, x) + logConstant,
    graphLogDensity: (x, { logDeterminant }) =>
      add(sub(mul(logDeterminant, power), mul(traceWith(x, precision, d), 0.5)), logConstant),
  });
}

wishart.written = writtenAs({ degrees: real, scale: reals }, (data) =>
  wishart(data.degrees, squareRows(data.scale)),
);

/**
 * Inverse Wishart: the inverse of a Wishart matrix of scale Ψ⁻¹, the conjugate prior of a normal distribution's covariance. Its mean is Ψ / (ν - d - 1).
 *
 * @param degrees ν, above d - 1.
 * @param scale Ψ, rows of a symmetric positive definite matrix [d, d].
 * @throws InvalidArgumentError where the scale is none, or there are too few degrees of freedom.
 * @example inverseWishart(4, [[1, 0], [0, 1]])
 */
export function inverseWishart(
  degrees: number,
  scale: readonly (readonly number[])[],
): VectorDistribution {
  const { d, matrix, factor } = scaleOf("inverseWishart", degrees, scale);
  const power = -(degrees + d + 1) / 2;
  const logConstant = constantOf(degrees, factor, d, 1);
  return matrixDistribution({
    name: "inverseWishart",
    d,
    degrees,
    matrix,
    // X = L A⁻ᵀ A⁻¹ Lᵀ with Ψ = L Lᵀ and a Wishart matrix A Aᵀ of the identity.
    sample: (random) =>
      gram(product(factor, transposed(invertLower(bartlett(random, degrees, d), d), d), d), d),
    logDensity: (_x, logDeterminant, inverseFactor) =>
      power * logDeterminant - 0.5 * sumOfSquares(product(inverseFactor, factor, d)) + logConstant,
    graphLogDensity: (_x, { logDeterminant, inverse }) => {
      // tr(Ψ X⁻¹) = ‖C⁻¹ L‖² with X = C Cᵀ.
      const scaled = matmul(inverse, constant(factor, [d, d], inverse.dtype));
      const trace = sum(square(scaled), { axes: [-2, -1] });
      return add(sub(mul(logDeterminant, power), mul(trace, 0.5)), logConstant);
    },
  });
}

inverseWishart.written = writtenAs({ degrees: real, scale: reals }, (data) =>
  inverseWishart(data.degrees, squareRows(data.scale)),
);

interface MatrixSpec {
  readonly name: string;
  readonly d: number;
  readonly degrees: number;
  /** The scale, row-major. */
  readonly matrix: readonly number[];
  /** A draw, [d, d]. */
  readonly sample: (random: Stream) => Float64Array;
  /** Of x [d, d], and the inverse of its Cholesky factor. */
  readonly logDensity: (
    x: Float64Array,
    logDeterminant: number,
    inverseFactor: Float64Array,
  ) => number;
  readonly graphLogDensity: (
    x: Tensor,
    of: { readonly logDeterminant: Tensor; readonly inverse: Tensor },
  ) => Tensor;
}

function matrixDistribution(spec: MatrixSpec): VectorDistribution {
  const { name, d, degrees, matrix } = spec;
  const places = trianglePlaces(d, true);
  const size = places.length;
  let bijection: Bijection | undefined;
  const factorOf = (value: ArrayLike<number>): Float64Array | undefined =>
    Array.from(value).every(Number.isFinite)
      ? choleskyFactor(symmetricOf(value, d, true), d)
      : undefined;
  return {
    name,
    shape: [size],
    size,
    support: {
      kind: "region",
      lower: places.map((at) => (at % (d + 1) === 0 ? 0 : -Infinity)),
      upper: places.map(() => Infinity),
    },
    get bijection() {
      bijection ??= covarianceBijection(d);
      return bijection;
    },
    sample: (random) => triangleOf(spec.sample(random), d, true),
    contains: (value) => value.length === size && factorOf(value) !== undefined,
    logDensity: (value) => {
      requireLength(name, value, size);
      const factor = factorOf(value);
      if (factor === undefined) return -Infinity;
      const x = symmetricOf(value, d, true);
      return spec.logDensity(x, logDeterminantOf(factor, d), invertLower(factor, d));
    },
    graph: {
      logDensity: (value) => {
        const { factor, inverse } = choleskyFactors(matricesOf(value, d, "symmetric"));
        const logDeterminant = mul(sum(log(diagonal(factor)), { axes: [-1] }), 2);
        return spec.graphLogDensity(value, { logDeterminant, inverse });
      },
    },
    toJSON: () => ({ name, degrees, scale: [...matrix] }),
  };
}

function scaleOf(name: string, degrees: number, scale: readonly (readonly number[])[]) {
  const what = `${name}(degrees, scale)`;
  const d = scale.length;
  const isSquare = d > 0 && d <= 30 && scale.every((row) => row.length === d);
  requireSetting(isSquare, what, "needs a scale of 1 to 30 rows of as many numbers", scale);
  const matrix = scale.flat();
  const isSymmetric = matrix.every((x, at) => x === matrix[(at % d) * d + Math.floor(at / d)]);
  const factor = isSymmetric ? choleskyFactor(Float64Array.from(matrix), d) : undefined;
  requireFactor(factor, what, scale);
  requireSetting(
    degrees > d - 1 && degrees < Infinity,
    what,
    `needs degrees of freedom above ${d - 1}`,
    degrees,
  );
  return { d, matrix, factor };
}

function requireFactor(
  factor: Float64Array | undefined,
  what: string,
  scale: readonly (readonly number[])[],
): asserts factor is Float64Array {
  requireSetting(factor !== undefined, what, "needs a symmetric positive definite scale", scale);
}

/** -νd/2 log 2 ± ν/2 log|scale| - log Γ_d(ν/2). */
function constantOf(degrees: number, factor: Float64Array, d: number, sign: 1 | -1): number {
  let logGammas = (d * (d - 1) * Math.log(Math.PI)) / 4;
  for (let j = 0; j < d; j++) logGammas += logGamma((degrees - j) / 2);
  const scale = (sign * degrees * logDeterminantOf(factor, d)) / 2;
  return scale - (degrees * d * Math.LN2) / 2 - logGammas;
}

/** A with A Aᵀ a Wishart matrix of the identity (Bartlett 1933): lower triangular [d, d]. */
function bartlett(random: Stream, degrees: number, d: number): Float64Array {
  const a = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) a[i * d + j] = random.normal();
    a[i * d + i] = Math.sqrt(2 * random.gamma((degrees - i) / 2));
  }
  return a;
}

/** log |L Lᵀ|. */
function logDeterminantOf(factor: Float64Array, d: number): number {
  let total = 0;
  for (let i = 0; i < d; i++) total += 2 * Math.log(factor[i * d + i] ?? Number.NaN);
  return total;
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let total = 0;
    for (let k = 0; k < d; k++) total += (a[i * d + k] ?? 0) * (b[k * d + j] ?? 0);
    return total;
  });
}

function transposed(matrix: Float64Array, d: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % d) * d + Math.floor(at / d)] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0);
}

function sumOfSquares(values: Float64Array): number {
  return dot(values, values);
}

/** tr(M X) of triangles x [..., entries] and a symmetric matrix: entries off the diagonal count twice. */
function traceWith(x: Tensor, matrix: Float64Array, d: number): Tensor {
  const weights = trianglePlaces(d, true).map(
    (at) => (at % (d + 1) === 0 ? 1 : 2) * (matrix[at] ?? 0),
  );
  return sum(linear(x, constant(weights, [weights.length, 1], x.dtype)), { axes: [-1] });
}
