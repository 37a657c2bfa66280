/**
 * Moving data: transpose, broadcast, slice, split, concatenate, pad, flip.
 */
import { ShapeError } from "../errors.js";
import { first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import {
  broadcastsTo,
  formatShape,
  isStatic,
  multiplyDims,
  normalizeAxis,
  sameShape,
  staticDim,
  type Dim,
  type Shape,
} from "../shape.js";
import type { Tensor } from "../tensor.js";
import { requireExact } from "./operands.js";
import { sumTo } from "./reduction.js";
import { expandDims, reshape } from "./reshape.js";

export { expandDims, reshape, squeeze } from "./reshape.js";

function operand(inputs: readonly Tensor[]): Tensor {
  return first(inputs);
}

const applyTranspose = definePrimitive<{ readonly perm: readonly number[] }>({
  name: "transpose",
  infer: (inputs, { perm }) => {
    const x = operand(inputs);
    return [{ shape: perm.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype }];
  },
  gradient: ({ cotangents: [g], attributes: { perm } }) => {
    if (g === undefined) return [];
    return [
      transpose(
        g,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  },
  lower: ({ inputs, attributes, emit }) => [
    emit("Transpose", inputs, { perm: { type: "ints", value: attributes.perm } }),
  ],
});

/** Axes in another order; by default reversed. */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  const order = (perm ?? x.shape.map((_, axis) => x.rank - 1 - axis)).map((axis) =>
    normalizeAxis("transpose", axis, x.rank),
  );
  if (order.length !== x.rank || new Set(order).size < x.rank) {
    throw new ShapeError(
      `transpose: [${perm?.join(", ")}] is not a permutation of the axes of ${formatShape(x.shape)}`,
    );
  }
  if (order.every((axis, i) => axis === i)) return x;
  return first(applyTranspose([x], { perm: order }));
}

const applyBroadcast = definePrimitive<{ readonly shape: Shape }>({
  name: "broadcastTo",
  infer: (inputs, { shape }) => [{ shape, dtype: operand(inputs).dtype }],
  gradient: ({ inputs, cotangents: [g] }) => (g === undefined ? [] : [sumTo(g, operand(inputs))]),
  lower: ({ inputs, attributes: { shape }, emit, int64 }) => {
    const [x = "", like = ""] = inputs;
    const target = isStatic(shape) ? int64(shape) : emit("Shape", [like]);
    return [emit("Expand", [x, target])];
  },
});

/**
 * x repeated to a shape it broadcasts to.
 *
 * @param like a tensor of that shape: needed only where a size is dynamic.
 */
export function broadcastTo(x: Tensor, shape: Shape, like?: Tensor): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!broadcastsTo(x.shape, shape)) {
    throw new ShapeError(
      `broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
    );
  }
  if (shape.every((dim) => typeof dim === "number")) return first(applyBroadcast([x], { shape }));
  if (like === undefined || !sameShape(like.shape, shape)) {
    throw new ShapeError(
      `broadcastTo: ${formatShape(shape)} has a dynamic size; pass a tensor of that shape as the third argument`,
    );
  }
  return first(applyBroadcast([x, like], { shape }));
}

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const applySlice = definePrimitive<SliceAttributes>({
  name: "slice",
  infer: (inputs, { axis, start, end, step }) => {
    const x = operand(inputs);
    return [{ shape: x.shape.with(axis, Math.ceil((end - start) / step)), dtype: x.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes: { axis, start, step } }) => {
    if (g === undefined) return [];
    const x = operand(inputs);
    const size = staticDim(x.shape, axis, "slice");
    const spread = step === 1 ? g : interleaveZeros(g, axis, step);
    const length = staticDim(spread.shape, axis, "slice");
    const kept = length > size - start ? slice(spread, axis, 0, size - start) : spread;
    const end = size - start - staticDim(kept.shape, axis, "slice");
    return [pad(kept, padding(x.rank, axis, start, end))];
  },
  lower: ({ inputs, attributes: { axis, start, end, step }, emit, int64 }) => [
    emit("Slice", [...inputs, int64([start]), int64([end]), int64([axis]), int64([step])]),
  ],
});

/** Puts step - 1 zeros after each element along an axis. */
function interleaveZeros(x: Tensor, axis: number, step: number): Tensor {
  const spaced = pad(expandDims(x, axis + 1), padding(x.rank + 1, axis + 1, 0, step - 1));
  return reshape(spaced, x.shape.with(axis, multiplyDims([x.shape[axis] ?? 1, step])));
}

function padding(
  rank: number,
  axis: number,
  lo: number,
  hi: number,
): (readonly [number, number])[] {
  return Array.from({ length: rank }, (_, i): readonly [number, number] =>
    i === axis ? [lo, hi] : [0, 0],
  );
}

/** Elements start, start + step, ... before end along an axis; negative positions count from the end. Step is positive. */
export function slice(x: Tensor, axis: number, start: number, end: number, step = 1): Tensor {
  const at = normalizeAxis("slice", axis, x.rank);
  const size = staticDim(x.shape, at, "slice");
  const from = start < 0 ? start + size : start;
  const to = Math.min(end < 0 ? end + size : end, size);
  if (from < 0 || to <= from || step < 1 || ![from, to, step].every(Number.isInteger)) {
    throw new ShapeError(
      `slice: ${start} to ${end} by ${step} is empty or out of range on axis ${at} of ${formatShape(x.shape)}`,
    );
  }
  if (from === 0 && to === size && step === 1) return x;
  return first(applySlice([x], { axis: at, start: from, end: to, step }));
}

const applyFlip = definePrimitive<{ readonly axis: number }>({
  name: "flip",
  infer: (inputs) => [{ shape: operand(inputs).shape, dtype: operand(inputs).dtype }],
  gradient: ({ cotangents: [g], attributes }) =>
    g === undefined ? [] : [flip(g, attributes.axis)],
  lower: ({ inputs, attributes: { axis }, emit, int64 }) => [
    emit("Slice", [...inputs, int64([-1]), int64([-(2 ** 31)]), int64([axis]), int64([-1])]),
  ],
});

/** Reversed along an axis. */
export function flip(x: Tensor, axis: number): Tensor {
  return first(applyFlip([x], { axis: normalizeAxis("flip", axis, x.rank) }));
}

const applySplit = definePrimitive<{ readonly sizes: readonly number[]; readonly axis: number }>({
  name: "split",
  infer: (inputs, { sizes, axis }) => {
    const x = operand(inputs);
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  },
  gradient: ({ inputs, outputs, cotangents, attributes: { axis } }) => {
    const x = operand(inputs);
    const used = cotangents.findIndex((g) => g !== undefined);
    const only = cotangents[used];
    if (only === undefined) return [];
    if (cotangents.filter((g) => g !== undefined).length === 1) {
      const sizes = outputs.map((output) => staticDim(output.shape, axis, "split"));
      const [lo, hi] = [total(sizes.slice(0, used)), total(sizes.slice(used + 1))];
      return [pad(only, padding(x.rank, axis, lo, hi))];
    }
    const parts = outputs.map((output, i) => cotangents[i] ?? zerosLike(output));
    return [concat(parts, axis)];
  },
  lower: ({ inputs, attributes: { sizes, axis }, emitMany, int64 }) =>
    emitMany("Split", [...inputs, int64(sizes)], sizes.length, {
      axis: { type: "int", value: axis },
    }),
});

function total(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0);
}

/** Cut into parts of the given sizes along an axis. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  const at = normalizeAxis("split", axis, x.rank);
  if (sizes.length === 0 || sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `split: sizes must be whole numbers from 0 on, but are [${sizes.join(", ")}], for axis ${at} of ${formatShape(x.shape)}`,
    );
  }
  if (total(sizes) !== x.shape[at]) {
    throw new ShapeError(
      `split: sizes [${sizes.join(", ")}] add up to ${total(sizes)}, but axis ${at} of ${formatShape(x.shape)} has ${x.shape[at]}`,
    );
  }
  return sizes.length === 1 ? [x] : applySplit([x], { sizes, axis: at });
}

const applyZerosLike = definePrimitive<Readonly<Record<string, never>>>({
  name: "zerosLike",
  infer: (inputs) => [{ shape: operand(inputs).shape, dtype: operand(inputs).dtype }],
  lower: ({ inputs, inputTypes, emit, scalar }) => [
    emit("Expand", [scalar(0, inputTypes[0]?.dtype ?? "float32"), emit("Shape", inputs)]),
  ],
});

/** Zeros of the shape of x, whose sizes may be dynamic. */
export function zerosLike(x: Tensor): Tensor {
  return first(applyZerosLike([x], {}));
}

const applyConcat = definePrimitive<{ readonly axis: number }>({
  name: "concat",
  infer: (inputs, { axis }) => {
    const x = operand(inputs);
    const sizes: number[] = [];
    for (const part of inputs) {
      const fits =
        part.rank === x.rank &&
        part.dtype === x.dtype &&
        part.shape.every((dim, i) => i === axis || dim === x.shape[i]);
      if (!fits) {
        throw new ShapeError(
          `concat: along axis ${axis}, ${part.dtype}${formatShape(part.shape)} does not fit ${x.dtype}${formatShape(x.shape)}`,
        );
      }
      sizes.push(staticDim(part.shape, axis, "concat"));
    }
    const total: Dim = sizes.reduce((a, b) => a + b, 0);
    return [{ shape: x.shape.with(axis, total), dtype: x.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes: { axis } }) => {
    if (g === undefined) return [];
    return split(
      g,
      inputs.map((part) => staticDim(part.shape, axis, "concat")),
      axis,
    );
  },
  lower: ({ inputs, attributes, emit }) => [
    emit("Concat", inputs, { axis: { type: "int", value: attributes.axis } }),
  ],
});

/** Joined along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [x] = parts;
  if (x === undefined) throw new ShapeError("concat needs at least one tensor");
  if (parts.length === 1) return x;
  // A copy: a caller may go on with its list.
  return first(applyConcat([...parts], { axis: normalizeAxis("concat", axis, x.rank) }));
}

/** Joined along a new axis. */
export function stack(parts: readonly Tensor[], axis: number): Tensor {
  return concat(
    parts.map((part) => expandDims(part, axis)),
    axis,
  );
}

interface PadAttributes {
  readonly widths: readonly (readonly [number, number])[];
  readonly value: number;
}

const applyPad = definePrimitive<PadAttributes>({
  name: "pad",
  infer: (inputs, { widths }) => {
    const x = operand(inputs);
    const shape = x.shape.map((dim, axis) => {
      const [lo, hi] = widths[axis] ?? [0, 0];
      return lo + hi === 0 ? dim : staticDim(x.shape, axis, "pad") + lo + hi;
    });
    return [{ shape, dtype: x.dtype }];
  },
  gradient: ({ inputs, cotangents: [g], attributes: { widths } }) => {
    if (g === undefined) return [];
    let inner = g;
    for (const [axis, [lo, hi]] of widths.entries()) {
      if (lo + hi > 0)
        inner = slice(inner, axis, lo, lo + staticDim(operand(inputs).shape, axis, "pad"));
    }
    return [inner];
  },
  lower: ({ inputs, outputTypes, attributes: { widths, value }, emit, int64, scalar }) => {
    const amounts = [...widths.map(([lo]) => lo), ...widths.map(([, hi]) => hi)];
    const fill = value === 0 ? [] : [scalar(value, outputTypes[0]?.dtype ?? "float32")];
    return [emit("Pad", [...inputs, int64(amounts), ...fill])];
  },
});

/** A constant border: `widths` gives [before, after] for each axis. */
export function pad(x: Tensor, widths: readonly (readonly [number, number])[], value = 0): Tensor {
  if (widths.length !== x.rank || widths.flat().some((n) => n < 0 || !Number.isInteger(n))) {
    throw new ShapeError(
      `pad: needs [before, after], both at least 0, for each axis of ${formatShape(x.shape)}, but was given ${JSON.stringify(widths)}`,
    );
  }
  requireExact("pad", value, x);
  if (widths.flat().every((n) => n === 0)) return x;
  return first(applyPad([x], { widths, value }));
}
