/** Operators that go by number. */
import { axisOf, known } from "../../onnx/operator.js";
import { attribute, nodeView, operandView, resultOf } from "./emit-context.js";
import type { EmitContext } from "./lowering.js";
import { along, permute, whole, type View } from "./view.js";

/** The step between numbers that are evenly apart; undefined where they are not. */
function evenStep(numbers: readonly number[]): number | undefined {
  if (numbers.length < 2) return 1;
  const step = (numbers[1] ?? 0) - (numbers[0] ?? 0);
  return numbers.every((n, i) => i === 0 || n - (numbers[i - 1] ?? 0) === step) ? step : undefined;
}

export function emitGather(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const { dtype, shape } = resultOf(context);
  const x = operandView(context);
  const axis = axisOf(attribute(context, "axis", 0), x.shape.length);
  const size = x.shape[axis] ?? 0;
  const numbers = context.operands[1]?.integers?.map((n) => (n < 0 ? n + size : n));
  const step = numbers && evenStep(numbers);
  const inRange = numbers?.every((n) => n >= 0 && n < size) === true;
  if (numbers !== undefined && step !== undefined && inRange) {
    return [lowering.reshape(along(x, axis, numbers[0] ?? 0, numbers.length, step), shape)];
  }
  const indices = lowering.contiguous(operandView(context, 1));
  const output = lowering.scratch(dtype, shape);
  if (output.storage.size > 0) {
    const inputs = [lowering.contiguous(x), indices] as const;
    lowering.operations.push({ kind: "gather", inputs, output, axis });
  }
  return [output];
}

export function emitGatherElements(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const { dtype, shape } = resultOf(context);
  const x = operandView(context);
  const axis = axisOf(attribute(context, "axis", 0), x.shape.length);
  const output = lowering.scratch(dtype, shape);
  if (output.storage.size > 0) {
    const inputs = [operandView(context, 1), x];
    lowering.operations.push({ kind: "gatherElements", inputs, output, axis, adds: false });
  }
  return [output];
}

/** A copy of what is changed, in its own storage. */
function changed(context: EmitContext): View {
  const { lowering } = context;
  const copy = lowering.copy(operandView(context));
  return whole(copy.storage, copy.shape);
}

const adds = ({ attributes }: EmitContext): boolean => attributes["reduction"] === "add";

export function emitScatterElements(context: EmitContext): readonly View[] {
  const output = changed(context);
  const axis = axisOf(attribute(context, "axis", 0), output.shape.length);
  const inputs = [operandView(context, 1), operandView(context, 2), output];
  if (sizeOfIndices(inputs) > 0) {
    context.lowering.operations.push({
      kind: "scatterElements",
      inputs,
      output,
      axis,
      adds: adds(context),
    });
  }
  return [output];
}

const sizeOfIndices = ([indices]: readonly View[]): number =>
  indices?.shape.reduce((a, b) => a * b, 1) ?? 0;

export function emitScatterND(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const output = changed(context);
  const indices = lowering.contiguous(operandView(context, 1));
  const updates = lowering.contiguous(operandView(context, 2));
  if (sizeOfIndices([indices]) > 0) {
    lowering.operations.push({
      kind: "scatter",
      inputs: [indices, updates, output],
      output,
      adds: adds(context),
    });
  }
  return [output];
}

/** The first of all values in order, and their places. */
export function emitTopK(context: EmitContext): readonly View[] {
  const { lowering } = context;
  const x = operandView(context);
  const axis = axisOf(attribute(context, "axis", -1), x.shape.length);
  const [k = 0] = known(nodeView(context), 1);
  const order = [...x.shape.keys()].filter((i) => i !== axis);
  order.push(axis);
  const back = order.map((_, i) => order.indexOf(i));
  const seen = permute(x, order);
  const output = lowering.scratch("int64", seen.shape);
  if (output.storage.size > 0) {
    const room = lowering.scratch("int64", [x.shape[axis] ?? 0]);
    const largest = attribute(context, "largest", 1) === 1;
    lowering.operations.push({ kind: "sort", inputs: [seen, room], output, largest });
  }
  const places = permute(along(output, order.length - 1, 0, k), back);
  const values = lowering.scratch(x.storage.dtype, places.shape);
  if (values.storage.size > 0) {
    const inputs = [places, x];
    lowering.operations.push({ kind: "gatherElements", inputs, output: values, axis, adds: false });
  }
  return [values, places];
}
