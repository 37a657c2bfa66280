/**
 * Picking by index, and running sums.
 */
import { ShapeError } from "../errors.js";
import { first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import { formatShape, normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { transpose } from "./movement.js";
import { operandOf } from "./operands.js";

function operands(inputs: readonly Tensor[], operation: string): readonly [Tensor, Tensor] {
  const [a, b] = inputs;
  if (a === undefined || b === undefined) throw new ShapeError(`${operation} needs two tensors`);
  return [a, b];
}

function requireIndices(operation: string, indices: Tensor): void {
  if (indices.dtype !== "int64") {
    throw new ShapeError(`${operation}: indices must be int64, but are ${indices.toString()}`);
  }
}

interface Axis {
  readonly axis: number;
}

const applyGather = definePrimitive<Axis>({
  name: "gather",
  infer: (inputs, { axis }) => {
    const [x, indices] = operands(inputs, "gather");
    return [{ shape: x.shape.toSpliced(axis, 1, ...indices.shape), dtype: x.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes: { axis } }) => {
    if (g === undefined) return [];
    const [x, indices] = operands(inputs, "gather");
    // Rows to the front, summed where an index repeats, and back.
    const n = indices.rank;
    const rest = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const perm = [
      ...indices.shape.map((_, i) => axis + i),
      ...rest.map((i) => (i < axis ? i : i + n - 1)),
    ];
    const front = transpose(x, [axis, ...rest]);
    const summed = first(applyScatterRows([front, indices, transpose(g, perm)], {}));
    const back = [axis, ...rest];
    return [
      transpose(
        summed,
        back.map((_, i) => back.indexOf(i)),
      ),
    ];
  },
  lower: ({ inputs, attributes: { axis }, emit }) => [
    emit("Gather", inputs, { axis: { type: "int", value: axis } }),
  ],
});

/** Zeros like the first operand, with the rows of the third added at the indices of the second. */
const applyScatterRows = definePrimitive<Readonly<Record<string, never>>>({
  name: "scatterRows",
  infer: (inputs) => {
    const [like] = operands(inputs, "scatterRows");
    return [{ shape: like.shape, dtype: like.dtype }];
  },
  gradient: ({ inputs, cotangents: [g] }) => {
    if (g === undefined) return [];
    const [, indices] = operands(inputs, "scatterRows");
    return [undefined, undefined, gather(g, indices, 0)];
  },
  lower: ({ inputs: [like = "", indices = "", updates = ""], inputTypes, emit, int64, scalar }) => {
    const zeros = emit("Expand", [
      scalar(0, inputTypes[0]?.dtype ?? "float32"),
      emit("Shape", [like]),
    ]);
    const rows = emit("Unsqueeze", [indices, int64([-1])]);
    return [
      emit("ScatterND", [zeros, rows, updates], { reduction: { type: "string", value: "add" } }),
    ];
  },
});

/** Slices of x at the indices (int64) along an axis: shape x[:axis] + indices + x[axis+1:]. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireIndices("gather", indices);
  return first(applyGather([x, indices], { axis: normalizeAxis("gather", axis, x.rank) }));
}

function requireAligned(operation: string, x: Tensor, indices: Tensor, axis: number): void {
  requireIndices(operation, indices);
  if (x.rank !== indices.rank || x.shape.some((dim, i) => i !== axis && dim !== indices.shape[i])) {
    throw new ShapeError(
      `${operation}: indices ${formatShape(indices.shape)} must have the shape of the operand ${formatShape(x.shape)} but along axis ${axis}`,
    );
  }
}

const applyGatherElements = definePrimitive<Axis>({
  name: "gatherElements",
  infer: (inputs) => {
    const [x, indices] = operands(inputs, "gatherElements");
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes }) => {
    if (g === undefined) return [];
    const [x, indices] = operands(inputs, "gatherElements");
    return [first(applyScatterElements([x, indices, g], attributes))];
  },
  lower: ({ inputs, attributes: { axis }, emit }) => [
    emit("GatherElements", inputs, { axis: { type: "int", value: axis } }),
  ],
});

const applyScatterElements = definePrimitive<Axis>({
  name: "scatterElements",
  infer: (inputs) => {
    const [like] = operands(inputs, "scatterElements");
    return [{ shape: like.shape, dtype: like.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes: { axis } }) => {
    if (g === undefined) return [];
    const [, indices] = operands(inputs, "scatterElements");
    return [undefined, undefined, gatherElements(g, indices, axis)];
  },
  lower: ({
    inputs: [like = "", indices = "", updates = ""],
    inputTypes,
    attributes,
    emit,
    scalar,
  }) => {
    const zeros = emit("Expand", [
      scalar(0, inputTypes[0]?.dtype ?? "float32"),
      emit("Shape", [like]),
    ]);
    return [
      emit("ScatterElements", [zeros, indices, updates], {
        axis: { type: "int", value: attributes.axis },
        reduction: { type: "string", value: "add" },
      }),
    ];
  },
});

/** y[i, j] = x[indices[i, j], j] for axis 0, and so on: indices (int64) have the shape of x but along the axis. */
export function gatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normalizeAxis("gatherElements", axis, x.rank);
  requireAligned("gatherElements", x, indices, at);
  return first(applyGatherElements([x, indices], { axis: at }));
}

/** Whether the element itself is left out, and whether the sum runs from the end. */
export interface CumsumOptions {
  readonly exclusive?: boolean;
  readonly reverse?: boolean;
}

const applyCumsum = definePrimitive<Axis & Required<CumsumOptions>>({
  name: "cumsum",
  infer: (inputs) => {
    const { shape, dtype } = operandOf("cumsum", inputs, "number");
    return [{ shape, dtype }];
  },
  gradient: ({ cotangents: [g], attributes: { axis, exclusive, reverse } }) =>
    g === undefined ? [] : [cumsum(g, axis, { exclusive, reverse: !reverse })],
  lower: ({ inputs, attributes: { axis, exclusive, reverse }, emit, int64 }) => [
    emit("CumSum", [...inputs, int64([axis])], {
      exclusive: { type: "int", value: exclusive ? 1 : 0 },
      reverse: { type: "int", value: reverse ? 1 : 0 },
    }),
  ],
});

/** Running sum along an axis. */
export function cumsum(x: Tensor, axis: number, options: CumsumOptions = {}): Tensor {
  const { exclusive = false, reverse = false } = options;
  return first(
    applyCumsum([x], { axis: normalizeAxis("cumsum", axis, x.rank), exclusive, reverse }),
  );
}
