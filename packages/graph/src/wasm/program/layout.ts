/** Operators that move elements about: mostly other views of the same storage. */
import { axesOf, axisOf, known } from "../../onnx/operator.js";
import { attribute, nodeView, operandView, resultOf } from "./emit-context.js";
import type { EmitContext } from "./lowering.js";
import { along, type View } from "./view.js";

/** Parts one after the other, each written into its place. */
export function emitConcat(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const { dtype, shape } = resultOf(context);
  const axis = axisOf(attribute(context, "axis", 0), shape.length);
  const output = lowering.scratch(dtype, shape);
  let start = 0;
  for (const at of context.operands.keys()) {
    const part = operandView(context, at);
    const size = part.shape[axis] ?? 0;
    lowering.mapInto("identity", [part], along(output, axis, start, size));
    start += size;
  }
  return [output];
}

export function emitSplit(context: EmitContext): readonly View[] {
  const x = operandView(context);
  const axis = axisOf(attribute(context, "axis", 0), x.shape.length);
  let start = 0;
  return context.results.map(({ shape }) => {
    const size = shape[axis] ?? 0;
    const part = along(x, axis, start, size);
    start += size;
    return part;
  });
}

export function emitSlice(context: EmitContext): readonly View[] {
  const node = nodeView(context);
  const { shape } = resultOf(context);
  const [starts, steps] = [known(node, 1), context.operands[4] ? known(node, 4) : []];
  const x = operandView(context);
  const axes = context.operands[3]
    ? axesOf(known(node, 3), x.shape.length)
    : starts.map((_, i) => i);
  let view = x;
  for (const [i, axis] of axes.entries()) {
    const size = x.shape[axis] ?? 0;
    const step = steps[i] ?? 1;
    const start = starts[i] ?? 0;
    const from = Math.min(
      Math.max(start < 0 ? start + size : start, 0),
      step > 0 ? size : size - 1,
    );
    view = along(view, axis, from, shape[axis] ?? 0, step);
  }
  return [view];
}

/** The operand in the middle, and around it, slab by slab, one number. */
export function emitPad(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const { dtype, shape } = resultOf(context);
  const amounts = known(nodeView(context), 1);
  const x = operandView(context);
  const fill = context.operands[2];
  const number = fill ? lowering.reshape(lowering.view(fill), []) : lowering.scalar(0, dtype);
  const output = lowering.scratch(dtype, shape);
  let inner = output;
  for (const [axis, size] of x.shape.entries()) {
    const before = amounts[axis] ?? 0;
    const after = amounts[axis + shape.length] ?? 0;
    lowering.mapInto("identity", [number], along(inner, axis, 0, before));
    lowering.mapInto("identity", [number], along(inner, axis, before + size, after));
    inner = along(inner, axis, before, size);
  }
  lowering.mapInto("identity", [x], inner);
  return [output];
}

/** The triangle of matrices that is kept, by a mask. */
export function emitTriangle(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const { dtype, shape } = resultOf(context);
  const [rows = 1, columns = 1] = shape.slice(-2);
  const [k = 0] = context.operands[1] ? known(nodeView(context), 1) : [];
  const isUpper = attribute(context, "upper", 1) === 1;
  const data = Uint8Array.from({ length: rows * columns }, (_, at) => {
    const above = (at % columns) - Math.floor(at / columns);
    return (isUpper ? above >= k : above <= k) ? 1 : 0;
  });
  const mask = lowering.constant({ dtype: "bool", shape: [rows, columns], data });
  const given = [mask, operandView(context), lowering.scalar(0, dtype)];
  return [lowering.map("where", given, dtype, shape)];
}
