/**
 * Linear algebra on positive definite and triangular matrices, the last two axes of their tensors.
 *
 * A Cholesky factor comes with its inverse, so solving with it is a matrix product. Solutions lose about as many digits as
 * the condition number of L has, as with any method.
 */
import { ShapeError } from "../errors.js";
import { customGradient } from "../gradient.js";
import { constant, first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import { formatShape, staticDim } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, log, mul, neg } from "./elementwise.js";
import { matmul } from "./linear.js";
import { emitCholesky, emitLowerTriangle, emitTriangularInverse } from "./matrix-nodes.js";
import { reshape, slice, transpose } from "./movement.js";
import { sum, sumTo } from "./reduction.js";

type Empty = Readonly<Record<string, never>>;

/** The size of square float matrices. */
function squareSize(operation: string, x: Tensor): number {
  const [rows, columns] = x.shape.slice(-2);
  if (x.rank < 2 || rows !== columns || !x.dtype.startsWith("float")) {
    throw new ShapeError(
      `${operation} needs square float matrices, [..., n, n], but was given ${x.toString()}`,
    );
  }
  return staticDim(x.shape, x.rank - 1, operation);
}

function swapped(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

const applyLowerTriangle = definePrimitive<Empty>({
  name: "lowerTriangle",
  infer: ([x]) => {
    if (x === undefined || x.rank < 2) throw new ShapeError("lowerTriangle needs matrices");
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  gradient: ({ cotangents: [g] }) => (g === undefined ? [] : [lowerTriangle(g)]),
  lower: (context) => [emitLowerTriangle(context, context.inputs[0] ?? "")],
});

/** x with zeros above the diagonal of its matrices. */
export function lowerTriangle(x: Tensor): Tensor {
  return first(applyLowerTriangle([x], {}));
}

/** The diagonals of square matrices: [..., n, n] to [..., n]. */
export function diagonal(x: Tensor): Tensor {
  const [rows, columns] = x.shape.slice(-2);
  if (x.rank < 2 || rows !== columns) {
    throw new ShapeError(`diagonal needs square matrices, but was given ${x.toString()}`);
  }
  const n = staticDim(x.shape, x.rank - 1, "diagonal");
  if (n === 1) return reshape(x, x.shape.slice(0, -1));
  const rowMajor = reshape(x, [...x.shape.slice(0, -2), n * n]);
  return slice(rowMajor, -1, 0, n * n, n + 1);
}

/** Φ of the rule below, halved: 1/2 below the diagonal, 1/4 on it. */
function halfTriangle(n: number, dtype: Tensor["dtype"]): Tensor {
  const values = Float64Array.from({ length: n * n }, (_, k) => {
    const [row, column] = [Math.floor(k / n), k % n];
    return row > column ? 0.5 : row === column ? 0.25 : 0;
  });
  return constant(values, [n, n], dtype);
}

/**
 * L and M = L⁻¹ together. With cotangents L̄ and M̄, dM = -M dL M gives P = LᵀL̄ - M̄Mᵀ, and
 * Ā = K + Kᵀ with K = Mᵀ Φ(P) M / 2, Φ taking the lower triangle and half the diagonal
 * (Murray 2016, arXiv 1602.07527, section 3).
 */
const applyCholesky = definePrimitive<Empty>({
  name: "cholesky",
  infer: ([a]) => {
    if (a === undefined) throw new ShapeError("cholesky needs one operand");
    squareSize("cholesky", a);
    const type = { shape: a.shape, dtype: a.dtype };
    return [type, type];
  },
  gradient: ({ outputs: [factor, inverse], cotangents: [ofFactor, ofInverse] }) => {
    if (factor === undefined || inverse === undefined) return [];
    const parts = [
      ...(ofFactor ? [matmul(factor, ofFactor, { transposeA: true })] : []),
      ...(ofInverse ? [neg(matmul(ofInverse, inverse, { transposeB: true }))] : []),
    ];
    const p = parts.reduce((a, b) => add(a, b));
    const phi = mul(p, halfTriangle(squareSize("cholesky", factor), p.dtype));
    const k = matmul(inverse, matmul(phi, inverse), { transposeA: true });
    return [add(k, swapped(k))];
  },
  lower: (context) => {
    const n = Number(context.inputTypes[0]?.shape.at(-1));
    const { factor, inverse } = emitCholesky(context, context.inputs[0] ?? "", n);
    return [factor, inverse];
  },
});

/** A lower Cholesky factor L with A = L Lᵀ, and its inverse. */
export interface CholeskyFactors {
  readonly factor: Tensor;
  readonly inverse: Tensor;
}

/**
 * The Cholesky factor and its inverse, which costs about a third more than the factor alone.
 *
 * @param a [..., n, n] as for {@link cholesky}
 */
export function choleskyFactors(a: Tensor): CholeskyFactors {
  const [factor, inverse] = applyCholesky([a], {});
  if (factor === undefined || inverse === undefined) throw new ShapeError("cholesky gave nothing");
  return { factor, inverse };
}

/**
 * The lower Cholesky factor L of symmetric positive definite matrices: A = L Lᵀ.
 *
 * A is taken to be symmetric, and so is its gradient. L is as accurate as LAPACK's: L Lᵀ is A up to a few roundings,
 * whatever its condition. A matrix that is not positive definite (as far as its type can tell: in float32, one with a
 * condition number near 10⁷ is not) gives NaN or infinities from the first bad pivot on, and NaN or -∞ for the log-determinant;
 * nothing is thrown, since one bad matrix should not spoil a batch. Add a small multiple of the identity to such a matrix.
 *
 * @param a [..., n, n], n known at build time
 * @returns [..., n, n]
 * @throws ShapeError for anything but square float matrices
 * @example const draw = matmul(cholesky(covariance), noise);   // [batch, n, n] · [batch, n, 1]
 */
export function cholesky(a: Tensor): Tensor {
  return choleskyFactors(a).factor;
}

/**
 * log |A| of symmetric positive definite matrices, by Cholesky: 2 Σ log Lᵢᵢ; as there where A is not positive definite.
 *
 * @param a [..., n, n]
 * @returns [...]
 */
export function logDeterminant(a: Tensor): Tensor {
  const { factor, inverse } = choleskyFactors(a);
  const value = mul(2, sum(log(diagonal(factor)), { axes: [-1] }));
  // By hand, Ā = g A⁻¹, since the rule of the factor would take two more products.
  return customGradient(value, [a], (g) => [
    mul(reshape(g, [...g.shape, 1, 1]), matmul(inverse, inverse, { transposeA: true })),
  ]);
}

/** L̄ = -tril(Mᵀ M̄ Mᵀ) for M = L⁻¹. */
function inverseRule(inverse: Tensor, g: Tensor): Tensor {
  const right = matmul(g, inverse, { transposeB: true });
  return neg(lowerTriangle(matmul(inverse, right, { transposeA: true })));
}

const applyTriangularInverse = definePrimitive<Empty>({
  name: "triangularInverse",
  infer: ([l]) => {
    if (l === undefined) throw new ShapeError("triangularInverse needs one operand");
    squareSize("triangularInverse", l);
    return [{ shape: l.shape, dtype: l.dtype }];
  },
  gradient: ({ outputs, cotangents: [g] }) =>
    g === undefined ? [] : [inverseRule(first(outputs), g)],
  lower: (context) => {
    const n = Number(context.inputTypes[0]?.shape.at(-1));
    return [emitTriangularInverse(context, context.inputs[0] ?? "", n)];
  },
});

/**
 * The inverse of lower triangular matrices. For a factor from {@link cholesky} it is at hand already and costs nothing more; its
 * gradient goes to the factor, and by the factor to A. (The inverse of {@link choleskyFactors} gives A the same gradient with two
 * products fewer, and none to the factor.)
 *
 * @param l [..., n, n], n known at build time; only the lower triangle is read
 * @returns [..., n, n], lower triangular
 */
export function triangularInverse(l: Tensor): Tensor {
  const { application, outputIndex } = l;
  const isFactor = application?.primitive.name === "cholesky" && outputIndex === 0;
  const known = isFactor ? application.outputs[1] : undefined;
  if (known === undefined) return first(applyTriangularInverse([l], {}));
  // The rule reads the result itself, and not `known`, so that second derivatives go to the factor as well.
  const inverse: Tensor = customGradient(known, [l], (g) => [inverseRule(inverse, g)]);
  return inverse;
}

/** Which triangle a matrix has, and whether it is transposed before solving. */
export interface TriangularSolveOptions {
  readonly transpose?: boolean;
  readonly upper?: boolean;
}

/**
 * x with L x = b, or Lᵀ x = b, for triangular L.
 *
 * Computed as a product with L⁻¹, of which b gets its gradient b̄ = L⁻ᵀ g, and L gets -tril(b̄ xᵀ).
 *
 * @param l [..., n, n]; only its lower triangle is read, with `upper` its upper one
 * @param b [..., n, m]; leading axes of both broadcast
 * @returns [..., n, m]
 * @throws ShapeError where sizes do not fit
 * @example const whitened = triangularSolve(cholesky(covariance), residuals);
 */
export function triangularSolve(
  l: Tensor,
  b: Tensor,
  options: TriangularSolveOptions = {},
): Tensor {
  const { transpose: transposed = false, upper = false } = options;
  const n = squareSize("triangularSolve", l);
  if (b.rank < 2 || b.shape.at(-2) !== n || b.dtype !== l.dtype) {
    throw new ShapeError(
      `triangularSolve: for matrices ${l.dtype}${formatShape(l.shape)} the right-hand sides must be ${l.dtype}[..., ${n}, m], but are ${b.dtype}${formatShape(b.shape)}`,
    );
  }
  if (upper) return triangularSolve(swapped(l), b, { transpose: !transposed });
  const value = matmul(triangularInverse(l), b, { transposeA: transposed });
  const x = customGradient(value, [l, b], (g) => {
    const db = triangularSolve(l, g, { transpose: !transposed });
    const outer = transposed
      ? matmul(x, db, { transposeB: true })
      : matmul(db, x, { transposeB: true });
    return [neg(sumTo(lowerTriangle(outer), l)), sumTo(db, b)];
  });
  return x;
}

/**
 * x with A x = b, given the Cholesky factor of A.
 *
 * @param factor [..., n, n] from {@link cholesky}
 * @param b [..., n, m]; leading axes of both broadcast
 * @returns [..., n, m]
 */
export function choleskySolve(factor: Tensor, b: Tensor): Tensor {
  return triangularSolve(factor, triangularSolve(factor, b), { transpose: true });
}
