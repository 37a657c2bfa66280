/**
 * A matrix product and a sum in one node: Y = op(A) · op(B) + C.
 *
 * `linear` lays out examples as rows. Where examples are columns (x is [features, batch], so that splitting and joining
 * features moves whole rows), the weight comes first and the bias is a column: that is what this is for.
 */
import { ShapeError } from "../errors.js";
import { first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import { broadcastsTo, formatShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { matmul, type MatmulOptions } from "./linear.js";
import { operandOf } from "./operands.js";
import { sumTo } from "./reduction.js";

type Attributes = Required<MatmulOptions>;

const applyGemm = definePrimitive<Attributes>({
  name: "gemm",
  infer: ([a, b, c], { transposeA, transposeB }) => {
    if (a === undefined || b === undefined || c === undefined) {
      throw new ShapeError("gemm needs two factors and a summand");
    }
    operandOf("gemm", [a], "float");
    const rows = a.shape[transposeA ? 1 : 0] ?? 1;
    const inner = a.shape[transposeA ? 0 : 1];
    const columns = b.shape[transposeB ? 0 : 1] ?? 1;
    const innerB = b.shape[transposeB ? 1 : 0];
    const fits =
      a.rank === 2 &&
      b.rank === 2 &&
      inner === innerB &&
      a.dtype === b.dtype &&
      a.dtype === c.dtype &&
      broadcastsTo(c.shape, [rows, columns]);
    if (!fits) {
      throw new ShapeError(
        `gemm: ${a.dtype}${formatShape(a.shape)}${transposeA ? "ᵀ" : ""} · ${b.dtype}${formatShape(b.shape)}${transposeB ? "ᵀ" : ""} + ${c.dtype}${formatShape(c.shape)} do not fit; needs two matrices and a summand that broadcasts to their product`,
      );
    }
    return [{ shape: [rows, columns], dtype: a.dtype }];
  },
  gradient: ({ inputs: [a, b, c], cotangents: [g], attributes: { transposeA, transposeB } }) => {
    if (a === undefined || b === undefined || c === undefined || g === undefined) return [];
    const da = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB });
    const db = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA });
    return [da, db, sumTo(g, c)];
  },
  lower: ({ inputs, attributes: { transposeA, transposeB }, emit }) => [
    emit("Gemm", inputs, {
      transA: { type: "int", value: transposeA ? 1 : 0 },
      transB: { type: "int", value: transposeB ? 1 : 0 },
    }),
  ],
});

/**
 * op(a) · op(b) + c for matrices, as one node.
 *
 * @param c any shape that broadcasts to the product: a column [rows, 1] is a bias of each row.
 * @throws ShapeError where the shapes do not fit.
 * @example gemm(weight, x, bias, { transposeA: true });   // [in, out]ᵀ · [in, batch] + [out, 1]
 */
export function gemm(a: Tensor, b: Tensor, c: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  return first(applyGemm([a, b, c], { transposeA, transposeB }));
}
