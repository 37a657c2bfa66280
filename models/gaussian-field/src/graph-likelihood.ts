/**
 * The exact log-likelihood as a graph, differentiable in the range.
 *
 * As on the host, Σ(θ) is block diagonal in the basis of symmetry.ts: a field's coefficients are its product with a constant; the
 * blocks are one too, of exp(-d/θ) at the 136 distinct lags; and the engine's Cholesky factors five small matrices.
 */
import {
  add,
  choleskyFactors,
  constant,
  customGradient,
  diagonal,
  div,
  exp,
  log,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  square,
  stack,
  sub,
  sum,
  sumTo,
  type Shape,
  type Tensor,
} from "amortis/extend";
import { distances } from "./field.js";
import {
  ANTISYMMETRIC,
  BLOCKS,
  MIXED,
  POINTS,
  SIDE,
  SYMMETRIC,
  covarianceBlocks,
  emptyBlocks,
  toCoefficients,
  type BlockPlace,
} from "./symmetry.js";

/** Lags (dx, dy) with dx ≥ dy: the others are their mirror images. */
const LAGS: readonly (readonly [number, number])[] = Array.from({ length: SIDE }, (_, x) =>
  Array.from({ length: x + 1 }, (__, y): [number, number] => [x, y]),
).flat();

/** Blocks of one size are factored together. */
const GROUPS: readonly (readonly BlockPlace[])[] = [SYMMETRIC, ANTISYMMETRIC, MIXED].map((size) =>
  BLOCKS.filter((place) => place.size === size),
);

/** [256, 256] that turns fields, as rows, into coefficients. */
export function coefficientMatrix(): Float64Array {
  const matrix = new Float64Array(POINTS * POINTS);
  const unit = new Float64Array(POINTS);
  for (let point = 0; point < POINTS; point++) {
    unit.fill(0);
    unit[point] = 1;
    toCoefficients(unit, matrix.subarray(point * POINTS, (point + 1) * POINTS));
  }
  return matrix;
}

/** For each group of blocks, the matrix [lags, blocks × size × size] that makes them from the covariances at the lags. */
function blockMatrices(): readonly Float64Array[] {
  const widths = GROUPS.map((group) => group.reduce((total, { size }) => total + size ** 2, 0));
  const matrices = widths.map((width) => new Float64Array(LAGS.length * width));
  const blocks = emptyBlocks();
  for (const [lag, [x, y]] of LAGS.entries()) {
    const table = new Float64Array(POINTS);
    table[x * SIDE + y] = 1;
    table[y * SIDE + x] = 1;
    covarianceBlocks(table, blocks);
    for (const [g, group] of GROUPS.entries()) {
      const matrix = matrices[g];
      if (matrix === undefined) continue;
      for (const [i, { block, size }] of group.entries()) {
        const start = lag * (widths[g] ?? 0) + i * size ** 2;
        for (let row = 0; row < size; row++) {
          for (let column = 0; column <= row; column++) {
            const value = blocks[block][row * size + column] ?? 0;
            matrix[start + row * size + column] = value;
            matrix[start + column * size + row] = value;
          }
        }
      }
    }
  }
  return matrices;
}

let constants:
  | { readonly basis: Float64Array; readonly blocks: readonly Float64Array[] }
  | undefined;

/**
 * log N(z; 0, Σ(θ)).
 *
 * @param range θ > 0, [..., 1], in units of the grid's side.
 * @param field z, [..., 16, 16]; both with one leading axis or more, which broadcast.
 * @returns [...]
 * @example exactGraphLogLikelihood(range, z);   // [batch, draws, 1] and [batch, 1, 16, 16] to [batch, draws]
 */
export function exactGraphLogLikelihood(range: Tensor, field: Tensor): Tensor {
  constants ??= { basis: coefficientMatrix(), blocks: blockMatrices() };
  const { dtype } = range;
  const lags = LAGS.map(([x, y]) => -(distances[x * SIDE + y] ?? 0));
  const covariances = exp(div(constant(lags, [LAGS.length], dtype), range));
  const coefficients = matmul(
    reshape(field, [...field.shape.slice(0, -2), POINTS], field),
    constant(constants.basis, [POINTS, POINTS], dtype),
  );
  const parts = GROUPS.map((group, g) => {
    const [{ size, starts } = { size: 1, starts: [] }] = group;
    const matrix = constant(
      constants?.blocks[g] ?? [],
      [LAGS.length, group.length * size ** 2],
      dtype,
    );
    const leading: Shape = range.shape.slice(0, -1);
    const blocks = reshape(
      matmul(covariances, matrix),
      [...leading, group.length, size, size],
      range,
    );
    // [..., blocks, size, fields of the block]
    const columns = group.map((place) =>
      stack(
        place.starts.map((start) => slice(coefficients, -1, start, start + size)),
        -1,
      ),
    );
    return blockLogLikelihood(blocks, stack(columns, -3), starts.length);
  });
  return sub(
    parts.reduce((a, b) => add(a, b)),
    (POINTS / 2) * Math.log(2 * Math.PI),
  );
}

/**
 * Σ over blocks of -½ (Σ |L⁻¹x|² + m log det), with the gradient by hand: ½ (Σ αᵀα - m Σ⁻¹) takes half the products of the
 * chain through the factor.
 *
 * @param blocks [..., blocks, n, n]
 * @param x [..., blocks, n, m]
 */
function blockLogLikelihood(blocks: Tensor, x: Tensor, m: number): Tensor {
  const { factor, inverse } = choleskyFactors(blocks);
  const whitened = matmul(inverse, x);
  const squared = sum(square(whitened), { axes: [-3, -2, -1] });
  const logRoot = sum(log(diagonal(factor)), { axes: [-2, -1] });
  const value = neg(add(mul(squared, 0.5), mul(logRoot, m)));
  return customGradient(value, [blocks, x], (g) => {
    const weight = reshape(g, [...g.shape, 1, 1, 1], g);
    const solution = matmul(inverse, whitened, { transposeA: true });
    const outer = matmul(solution, solution, { transposeB: true });
    const precision = mul(matmul(inverse, inverse, { transposeA: true }), m);
    return [
      sumTo(mul(mul(sub(outer, precision), 0.5), weight), blocks),
      sumTo(mul(neg(solution), weight), x),
    ];
  });
}
