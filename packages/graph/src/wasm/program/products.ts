/** Matrix products. */
import { broadcast } from "../../onnx/operator.js";
import { attribute, operandView, resultOf } from "./emit-context.js";
import type { EmitContext } from "./lowering.js";
import { broadcastTo, permute, reshape, sizeOf, type View } from "./view.js";

function product(
  context: EmitContext,
  a: View,
  b: View,
  c: View | undefined,
  shape: readonly number[],
): View {
  const { lowering } = context;
  const output = lowering.scratch(a.storage.dtype, shape);
  if (output.storage.size === 0) return output;
  const inputs = [
    even(context, a),
    even(context, b),
    ...(c ? [even(context, c, true)] : []),
  ] as const;
  lowering.operations.push({
    kind: "matmul",
    inputs: inputs as readonly [View, View, View?],
    output,
  });
  return output;
}

/** Kernels go forwards alone, and take what is added along rows from one number or from neighbours. */
function even({ lowering }: EmitContext, view: View, isAdded = false): View {
  const column = view.strides.at(-1) ?? 0;
  const isGapped =
    isAdded && view.storage.dtype === "float32" && column > 1 && (view.shape.at(-1) ?? 1) > 1;
  return view.strides.some((step) => step < 0) || isGapped ? lowering.copy(view) : view;
}

export function emitMatmul(context: EmitContext): readonly View[] {
  const [a, b] = [operandView(context), operandView(context, 1)];
  const { shape } = resultOf(context);
  const [rows = 1, inner = 1] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 1;
  if (sizeOf(b.shape.slice(0, -2)) === 1 && a.shape.length > 2) {
    // One matrix for all: one product of all rows.
    const all = reshape(a, [sizeOf(a.shape.slice(0, -1)), inner]);
    if (all !== undefined) {
      const matrix = context.lowering.reshape(b, b.shape.slice(-2));
      const result = product(context, all, matrix, undefined, [
        sizeOf(a.shape.slice(0, -1)),
        columns,
      ]);
      return [context.lowering.reshape(result, shape)];
    }
  }
  const lead = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const left = broadcastTo(a, [...lead, rows, inner]);
  return [product(context, left, broadcastTo(b, [...lead, inner, columns]), undefined, shape)];
}

export function emitGemm(context: EmitContext): readonly View[] {
  const { shape } = resultOf(context);
  const turned = (view: View, by: string): View =>
    attribute(context, by, 0) === 1 ? permute(view, [1, 0]) : view;
  const a = turned(operandView(context), "transA");
  const b = turned(operandView(context, 1), "transB");
  const c = context.operands[2] && broadcastTo(operandView(context, 2), shape);
  return [product(context, a, b, c, shape)];
}
