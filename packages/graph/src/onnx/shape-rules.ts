/**
 * Shapes of the results of operators that do more than go element by element.
 */
import type { DType } from "../dtype.js";
import {
  axesOf,
  axisOf,
  broadcast,
  FLOATS,
  formatShape,
  given,
  integer,
  known,
  NUMBERS,
  operand,
  refuse,
  requireType,
  sameType,
  sizeOf,
  type NodeView,
  type Value,
} from "./operator.js";
import { ELEMENT_TYPES } from "./tensor-message.js";

/** Integers that stay known, of a list. */
function listOf(integers: readonly number[] | undefined, length: number): Value {
  return { dtype: "int64", shape: [length], ...(integers && { integers }) };
}

export function inferShape(node: NodeView): readonly Value[] {
  const { shape } = operand(node);
  const rank = shape.length;
  const integers = shape.slice(integer(node, "start", 0), integer(node, "end", rank));
  return [listOf(integers, integers.length)];
}

export function inferReshape(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const asked = known(node, 1);
  const copied = asked.map((dim, axis) => (dim === 0 ? (shape[axis] ?? 0) : dim));
  const free = copied.filter((dim) => dim < 0).length;
  const rest = sizeOf(copied.filter((dim) => dim >= 0));
  if (free > 1 || copied.some((dim) => dim < -1)) refuse("it leaves more than one size open");
  const inferred = rest === 0 ? 0 : sizeOf(shape) / rest;
  const target = copied.map((dim) => (dim === -1 ? inferred : dim));
  if (!Number.isInteger(inferred) || sizeOf(target) !== sizeOf(shape)) {
    refuse(`${formatShape(shape)} does not become ${formatShape(asked)}`);
  }
  return [{ dtype, shape: target }];
}

export function inferSlice(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const [starts, ends] = [known(node, 1), known(node, 2)];
  const axes = node.operands[3] ? axesOf(known(node, 3), shape.length) : starts.map((_, i) => i);
  const steps = node.operands[4] ? known(node, 4) : starts.map(() => 1);
  if (new Set([starts, ends, axes, steps].map(({ length }) => length)).size > 1) {
    refuse("its starts, ends, axes and steps are not equally many");
  }
  const result = [...shape];
  for (const [i, axis] of axes.entries()) {
    const size = shape[axis] ?? refuse(`there is no axis ${axis}`);
    const [start = 0, end = 0, step = 1] = [starts[i], ends[i], steps[i]];
    if (step === 0) refuse("its step is zero");
    const lowest = step > 0 ? 0 : -1;
    const place = (at: number, most: number): number =>
      Math.min(Math.max(at < 0 ? at + size : at, lowest), most);
    const from = place(start, step > 0 ? size : size - 1);
    // Before the first element is what counts from the end as far as there is none.
    const to = step < 0 && end < -size ? -1 : place(end, size);
    result[axis] = Math.max(0, Math.ceil((to - from) / step));
  }
  return [{ dtype, shape: result }];
}

export function inferSplit(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const axis = axisOf(integer(node, "axis", 0), shape.length);
  const size = shape[axis] ?? 0;
  const parts = integer(node, "num_outputs", node.results);
  const each = Math.ceil(size / parts);
  const sizes = node.operands[1]
    ? known(node, 1)
    : Array.from({ length: parts }, (_, i) => Math.min(each, Math.max(0, size - each * i)));
  if (
    sizes.length !== node.results ||
    sizes.some((n) => n < 0) ||
    sizes.reduce((a, b) => a + b, 0) !== size
  ) {
    refuse(`sizes ${formatShape(sizes)} for ${node.results} results do not cut a size of ${size}`);
  }
  return sizes.map((part) => ({ dtype, shape: shape.with(axis, part) }));
}

export function inferConcat(node: NodeView): readonly Value[] {
  const parts = given(node);
  const dtype = sameType(parts);
  const [first = refuse("it joins nothing")] = parts;
  // Without a default of the standard's, and runtimes fail where it lacks.
  if (node.attributes["axis"] === undefined) refuse("it does not say along which axis it joins");
  const axis = axisOf(integer(node, "axis", 0), first.shape.length);
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((dim, i) => i === axis || dim === first.shape[i]),
  );
  if (!fits) refuse(`${parts.map(({ shape }) => formatShape(shape)).join(" and ")} do not join`);
  const total = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  const lists = parts.map(({ integers }) => integers);
  const integers = lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  return [{ dtype, shape: first.shape.with(axis, total), ...(integers && { integers }) }];
}

export function inferPad(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const amounts = known(node, 1);
  if (amounts.length !== 2 * shape.length || amounts.some((n) => n < 0)) {
    refuse(`pads ${formatShape(amounts)} do not go around ${formatShape(shape)}`);
  }
  const fill = node.operands[2];
  if (fill) sameType([operand(node), fill]);
  if (fill && sizeOf(fill.shape) !== 1) refuse("it pads with more than one number");
  return [
    {
      dtype,
      shape: shape.map((dim, i) => dim + (amounts[i] ?? 0) + (amounts[i + shape.length] ?? 0)),
    },
  ];
}

export function inferUnsqueeze(node: NodeView): readonly Value[] {
  const { dtype, shape, integers } = operand(node);
  const axes = known(node, 1);
  const rank = shape.length + axes.length;
  const inserted = axesOf(axes, rank);
  const rest = [...shape];
  const result = Array.from({ length: rank }, (_, i) =>
    inserted.includes(i) ? 1 : (rest.shift() ?? 1),
  );
  return [{ dtype, shape: result, ...(integers && { integers }) }];
}

export function inferSqueeze(node: NodeView): readonly Value[] {
  const { dtype, shape, integers } = operand(node);
  const axes = node.operands[1]
    ? axesOf(known(node, 1), shape.length)
    : shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  if (axes.some((axis) => shape[axis] !== 1)) refuse("it removes an axis whose size is not one");
  const left = shape.filter((_, axis) => !axes.includes(axis));
  return [{ dtype, shape: left, ...(integers && { integers }) }];
}

export function inferTranspose(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const { perm } = node.attributes;
  const order = Array.isArray(perm) ? axesOf(perm as readonly number[], shape.length) : [];
  if (order.length !== shape.length) refuse("its order is none of all axes");
  return [{ dtype, shape: order.map((axis) => shape[axis] ?? 1) }];
}

export function inferMatMul(node: NodeView): readonly Value[] {
  const [a, b] = [operand(node), operand(node, 1)];
  const dtype = sameType([requireType(a, NUMBERS), b]);
  const [rows, inner] = a.shape.slice(-2);
  const [innerB, columns] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== innerB) {
    refuse(`${formatShape(a.shape)} and ${formatShape(b.shape)} are not multiplied`);
  }
  const lead = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return [{ dtype, shape: [...lead, rows ?? 1, columns ?? 1] }];
}

export function inferGemm(node: NodeView): readonly Value[] {
  const [a, b, c] = [operand(node), operand(node, 1), node.operands[2]];
  const dtype = sameType([requireType(a, FLOATS), b, ...(c ? [c] : [])]);
  const turned = ({ shape }: Value, by: string): readonly number[] =>
    integer(node, by, 0) === 1 ? shape.toReversed() : shape;
  const [first, second] = [turned(a, "transA"), turned(b, "transB")];
  if (first.length !== 2 || second.length !== 2 || first[1] !== second[0]) {
    refuse(`${formatShape(first)} and ${formatShape(second)} are not multiplied`);
  }
  const shape = [first[0] ?? 1, second[1] ?? 1];
  if (c && formatShape(broadcast([c.shape, shape])) !== formatShape(shape)) {
    refuse(`${formatShape(c.shape)} is not added to ${formatShape(shape)}`);
  }
  return [{ dtype, shape }];
}

/** Multiplications of a matrix product: results times the inner size. */
export function products(node: NodeView, [result]: readonly Value[]): number {
  const { shape } = operand(node);
  const inner = integer(node, "transA", 0) === 1 ? shape[0] : shape.at(-1);
  return sizeOf(result?.shape ?? []) * (inner ?? 1);
}

export function inferGather(node: NodeView): readonly Value[] {
  const { dtype, shape, integers } = operand(node);
  const indices = requireType(operand(node, 1), ["int64"]);
  const axis = axisOf(integer(node, "axis", 0), shape.length);
  const chosen = indices.integers?.map((i) => integers?.[i < 0 ? i + integers.length : i]);
  const picked = chosen?.every((value) => value !== undefined) ? chosen : undefined;
  const result = shape.toSpliced(axis, 1, ...indices.shape);
  return [{ dtype, shape: result, ...(integers && picked && { integers: picked }) }];
}

/** Operands of which the second are indices; all along an axis that is an attribute. */
export function byElement(result: (x: Value, indices: Value) => readonly number[]) {
  return (node: NodeView): readonly Value[] => {
    const [x, indices] = [operand(node), requireType(operand(node, 1), ["int64"])];
    const axis = axisOf(integer(node, "axis", 0), x.shape.length);
    const fits =
      indices.shape.length === x.shape.length &&
      indices.shape.every((dim, i) => i === axis || dim <= (x.shape[i] ?? 0));
    if (!fits) refuse(`indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}`);
    const updates = node.operands[2];
    if (updates && formatShape(updates.shape) !== formatShape(indices.shape)) {
      refuse(`updates ${formatShape(updates.shape)} are not as many as indices`);
    }
    if (updates) sameType([x, updates]);
    return [{ dtype: x.dtype, shape: result(x, indices) }];
  };
}

export function inferScatterND(node: NodeView): readonly Value[] {
  const [x, indices, updates] = [operand(node), operand(node, 1), operand(node, 2)];
  requireType(indices, ["int64"]);
  const depth = indices.shape.at(-1) ?? 0;
  const expected = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  if (depth > x.shape.length || formatShape(updates.shape) !== formatShape(expected)) {
    refuse(`updates ${formatShape(updates.shape)} do not fit ${formatShape(expected)}`);
  }
  return [{ dtype: sameType([x, updates]), shape: x.shape }];
}

export function inferCast(node: NodeView): readonly Value[] {
  const { shape } = operand(node);
  const to = integer(node, "to", 0);
  const found = Object.entries(ELEMENT_TYPES).find(([, number]) => number === to);
  if (found === undefined)
    return refuse(`it casts to ONNX's type ${to}, which the engine does not know`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a record of types
  return [{ dtype: found[0] as DType, shape }];
}

export function inferLayerNormalization(node: NodeView): readonly Value[] {
  const [x, scale] = [requireType(operand(node), ["float32"]), operand(node, 1)];
  const axis = axisOf(integer(node, "axis", -1), x.shape.length);
  if (axis !== x.shape.length - 1 || formatShape(scale.shape) !== formatShape(x.shape.slice(-1))) {
    refuse("it normalises over other axes than the last");
  }
  const moment: Value = { dtype: x.dtype, shape: x.shape.with(axis, 1) };
  return [{ dtype: sameType([x, scale]), shape: x.shape }, moment, moment].slice(0, node.results);
}

export function inferExpand(node: NodeView): readonly Value[] {
  const { dtype, shape } = operand(node);
  const target = known(node, 1);
  if (target.some((dim) => dim < 0)) refuse(`${formatShape(target)} is no shape`);
  return [{ dtype, shape: broadcast([shape, target]) }];
}

export function inferWhere(node: NodeView): readonly Value[] {
  const [condition, a, b] = [operand(node), operand(node, 1), operand(node, 2)];
  requireType(condition, ["bool"]);
  const dtype = sameType([requireType(a, NUMBERS), b]);
  return [{ dtype, shape: broadcast([condition.shape, a.shape, b.shape]) }];
}

export function inferClip(node: NodeView): readonly Value[] {
  const x = requireType(operand(node), NUMBERS);
  const bounds = node.operands.slice(1).filter((value) => value !== undefined);
  if (bounds.some(({ shape }) => shape.length > 0)) refuse("its bounds are no scalars");
  return [{ dtype: sameType([x, ...bounds]), shape: x.shape }];
}

export function inferArgMax(node: NodeView): readonly Value[] {
  const { shape } = requireType(operand(node), NUMBERS);
  const axis = axisOf(integer(node, "axis", 0), shape.length);
  if ((shape[axis] ?? 0) === 0) refuse("it looks for the largest of nothing");
  const kept = integer(node, "keepdims", 1) === 1 ? [1] : [];
  return [{ dtype: "int64", shape: shape.toSpliced(axis, 1, ...kept) }];
}

export function inferTrilu(node: NodeView): readonly Value[] {
  const { dtype, shape } = requireType(operand(node), FLOATS);
  if (shape.length < 2) refuse("it takes matrices");
  if (node.operands[1]) known(node, 1);
  return [{ dtype, shape }];
}

export function inferCumSum(node: NodeView): readonly Value[] {
  const { dtype, shape } = requireType(operand(node), NUMBERS);
  const [axis = 0, ...others] = known(node, 1);
  if (others.length > 0) refuse("it runs along one axis");
  axisOf(axis, shape.length);
  return [{ dtype, shape }];
}

export function inferTopK(node: NodeView): readonly Value[] {
  const { dtype, shape } = requireType(operand(node), NUMBERS);
  const axis = axisOf(integer(node, "axis", -1), shape.length);
  const [k = -1, ...others] = known(node, 1);
  if (others.length > 0 || k < 0 || k > (shape[axis] ?? 0)) {
    refuse(`there are no ${k} smallest among ${shape[axis] ?? 0}`);
  }
  const found = shape.with(axis, k);
  const values: readonly Value[] = [
    { dtype, shape: found },
    { dtype: "int64", shape: found },
  ];
  return values.slice(0, node.results);
}
