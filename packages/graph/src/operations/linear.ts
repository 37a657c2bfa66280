/**
 * Matrix products and linear layers.
 */
import { ShapeError } from "../errors.js";
import { first, ones } from "../leaves.js";
import { definePrimitive, type LowerContext } from "../primitive.js";
import { broadcastShapes, formatShape, type Dim, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { reshape } from "./movement.js";
import { operandOf } from "./operands.js";
import { sum, sumTo } from "./reduction.js";

/** Whether either matrix is transposed (its last two axes) before the product. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

type Attributes = Required<MatmulOptions>;

function matrixDims(shape: Shape, transposed: boolean): readonly [Dim, Dim] {
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1) ?? 1;
  return transposed ? [columns, rows] : [rows, columns];
}

const applyMatmul = definePrimitive<Attributes>({
  name: "matmul",
  infer: ([a, b], { transposeA, transposeB }) => {
    if (a === undefined || b === undefined) throw new ShapeError("matmul needs two tensors");
    operandOf("matmul", [a], "number");
    const describe = `${formatShape(a.shape)}${transposeA ? "ᵀ" : ""} and ${formatShape(b.shape)}${transposeB ? "ᵀ" : ""}`;
    if (a.rank < 2 || b.rank < 2)
      throw new ShapeError(`matmul: needs matrices, but was given ${describe}`);
    if (a.dtype !== b.dtype)
      throw new ShapeError(`matmul: types differ, ${a.dtype} and ${b.dtype}`);
    const [rows, inner] = matrixDims(a.shape, transposeA);
    const [innerB, columns] = matrixDims(b.shape, transposeB);
    if (inner !== innerB) {
      throw new ShapeError(`matmul: inner sizes ${inner} and ${innerB} differ in ${describe}`);
    }
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
  },
  gradient: ({ inputs: [a, b], cotangents: [g], attributes: { transposeA, transposeB } }) => {
    if (a === undefined || b === undefined || g === undefined) return [];
    const da = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB });
    return [sumTo(da, a), rightGradient(a, b, g, { transposeA, transposeB })];
  },
  lower: lowerMatmul,
});

/** Cotangent of b. A single matrix b against a stack of matrices is one large product instead of a sum of small ones. */
function rightGradient(
  a: Tensor,
  b: Tensor,
  g: Tensor,
  { transposeA, transposeB }: Attributes,
): Tensor {
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = reshape(a, [-1, a.shape.at(-1) ?? 1]);
    const cotangents = reshape(g, [-1, g.shape.at(-1) ?? 1]);
    return transposeB
      ? matmul(cotangents, rows, { transposeA: true })
      : matmul(rows, cotangents, { transposeA: true });
  }
  const db = transposeB
    ? matmul(g, a, { transposeA: true, transposeB: transposeA })
    : matmul(a, g, { transposeA: !transposeA });
  return sumTo(db, b);
}

function lowerMatmul({
  inputs: [a = "", b = ""],
  inputTypes,
  attributes: { transposeA, transposeB },
  emit,
}: LowerContext<Attributes>): readonly string[] {
  const [rankA, rankB] = inputTypes.map((type) => type.shape.length);
  if (rankA === 2 && rankB === 2 && inputTypes[0]?.dtype !== "int64") {
    if (!transposeA && !transposeB) return [emit("MatMul", [a, b])];
    return [
      emit("Gemm", [a, b], {
        transA: { type: "int", value: transposeA ? 1 : 0 },
        transB: { type: "int", value: transposeB ? 1 : 0 },
      }),
    ];
  }
  const swap = (name: string, rank = 2): string => {
    const perm = Array.from({ length: rank }, (_, i) => i);
    perm.splice(rank - 2, 2, rank - 1, rank - 2);
    return emit("Transpose", [name], { perm: { type: "ints", value: perm } });
  };
  return [emit("MatMul", [transposeA ? swap(a, rankA) : a, transposeB ? swap(b, rankB) : b])];
}

/**
 * Matrix product over the last two axes; leading axes broadcast.
 *
 * @throws ShapeError where the inner sizes differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  return first(applyMatmul([a, b], { transposeA, transposeB }));
}

/** Sums of the columns of [n, m]: as a product with a row of ones, which the runtime does twenty times faster than its reduction. */
function columnSums(g: Tensor): Tensor {
  const [rows, columns] = g.shape;
  if (typeof rows !== "number" || columns === undefined) return sum(g, { axes: [0] });
  return reshape(matmul(ones([1, rows], g.dtype), g), [columns]);
}

const applyLinear = definePrimitive<Readonly<Record<string, never>>>({
  name: "linear",
  infer: ([x, weight, bias]) => {
    if (x === undefined || weight === undefined || bias === undefined) {
      throw new ShapeError("linear needs an input, a weight and a bias");
    }
    operandOf("linear", [x], "float");
    const [inputs, outputs] = weight.shape;
    if (
      x.rank !== 2 ||
      weight.rank !== 2 ||
      x.shape[1] !== inputs ||
      weight.dtype !== x.dtype ||
      bias.dtype !== x.dtype ||
      bias.rank !== 1 ||
      bias.shape[0] !== outputs
    ) {
      throw new ShapeError(
        `linear: input ${x.dtype}${formatShape(x.shape)}, weight ${weight.dtype}${formatShape(weight.shape)} and bias ${bias.dtype}${formatShape(bias.shape)} do not fit; needs [..., in], [in, out], [out] of one type`,
      );
    }
    return [{ shape: [x.shape[0] ?? 1, outputs ?? 1], dtype: x.dtype }];
  },
  gradient: ({ inputs: [x, weight], cotangents: [g] }) => {
    if (x === undefined || weight === undefined || g === undefined) return [];
    return [
      matmul(g, weight, { transposeB: true }),
      matmul(x, g, { transposeA: true }),
      columnSums(g),
    ];
  },
  lower: ({ inputs, emit }) => [emit("Gemm", inputs)],
});

/**
 * x · weight + bias, over the last axis.
 *
 * @param x [..., in]
 * @param weight [in, out]
 * @param bias [out]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.rank === 2)
    return bias === undefined ? matmul(x, weight) : first(applyLinear([x, weight, bias], {}));
  const rows = reshape(x, [-1, x.shape.at(-1) ?? 1]);
  return reshape(linear(rows, weight, bias), [...x.shape.slice(0, -1), weight.shape[1] ?? 1], x);
}
