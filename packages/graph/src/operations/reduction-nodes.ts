/**
 * Nodes that reduce over axes, where ONNX Runtime's own lose something.
 *
 * Its ReduceSum adds one number after the other (in WebAssembly strictly so): of two million equal numbers the sum is off by 1.5 %.
 * Long sums are therefore taken in short blocks, for which a reshape, which moves nothing, is enough, and the blocks' sums are added
 * in double precision. Its ReduceMax and ReduceMin see a NaN only in the first place; Max and Min of whole tensors see all.
 */
import type { OperatorName } from "../onnx/operators.js";
import type { LowerContext, TensorType } from "../primitive.js";
import { multiplyDims } from "../shape.js";

type Nodes = Pick<LowerContext<unknown>, "emit" | "emitMany" | "int64" | "scalar">;

/** What is reduced, over which axes (in ascending order). */
export interface Reduced extends TensorType {
  readonly name: string;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Most numbers that are added one after the other: a sum of so many is off by 2e-6 at worst, usually by far less. */
const LONGEST_RUN = 256;

/** Largest and smallest blocks of longer sums: 64 equal numbers are added to within 6e-7. */
const BLOCK = { most: 64, least: 8 } as const;

/** One node that reduces. */
export function emitReduction(
  { emit, int64 }: Pick<Nodes, "emit" | "int64">,
  op: OperatorName,
  { name, axes, keepDims }: Pick<Reduced, "name" | "axes" | "keepDims">,
): string {
  return emit(op, [name, int64(axes)], { keepdims: { type: "int", value: keepDims ? 1 : 0 } });
}

/** Sum or mean, right to about a millionth however many numbers. */
export function emitSum(nodes: Nodes, op: "ReduceSum" | "ReduceMean", reduced: Reduced): string {
  const { dtype, shape, axes } = reduced;
  const count = multiplyDims(shape.filter((_, axis) => axes.includes(axis)));
  if (dtype !== "float32" || (typeof count === "number" && count <= LONGEST_RUN)) {
    return emitReduction(nodes, op, reduced);
  }
  // A block must divide the length of the sum, so that must be known.
  const blocks =
    typeof count === "number" && canReshape(reduced) ? inBlocks(nodes, reduced) : reduced;
  if (op === "ReduceSum" || blocks === reduced) return emitInDouble(nodes, op, blocks);
  const share = nodes.scalar(1 / Number(count), dtype);
  return nodes.emit("Mul", [emitInDouble(nodes, "ReduceSum", blocks), share]);
}

function emitInDouble(nodes: Nodes, op: OperatorName, reduced: Reduced): string {
  const cast = (name: string, to: number): string =>
    nodes.emit("Cast", [name], { to: { type: "int", value: to } });
  return cast(emitReduction(nodes, op, { ...reduced, name: cast(reduced.name, 11) }), 1);
}

/** Whether the axes are neighbours, and one reshape can say all other sizes: at most one is dynamic. */
function canReshape({ shape, axes: [head = 0, ...rest] }: Reduced): boolean {
  const neighbours = rest.every((axis, i) => axis === head + i + 1);
  return neighbours && shape.filter((dim) => typeof dim !== "number").length <= 1;
}

/** What is summed, seen as [...before, length, ...after]. */
interface Run {
  readonly name: string;
  readonly length: number;
}

/** Sums of blocks along the reduced axes, which still are as many: [...before, 1, ..., 1, blocks, ...after]. */
function inBlocks(nodes: Pick<Nodes, "emit" | "int64">, reduced: Reduced): Reduced {
  const { shape, axes } = reduced;
  const [head = 0, ...others] = axes;
  const [before, after] = [shape.slice(0, head), shape.slice(head + axes.length)];
  // A dynamic size is what is left over.
  const as = (name: string, ...middle: readonly number[]): string => {
    const sizes = [...before, ...middle, ...after].map((d) => (typeof d === "number" ? d : -1));
    return nodes.emit("Reshape", [name, nodes.int64(sizes)]);
  };
  const pad = ({ name, length }: Run, by: number): Run => {
    const pads = padding(head, before.length + 1 + after.length, by);
    return { name: nodes.emit("Pad", [as(name, length), nodes.int64(pads)]), length: length + by };
  };
  const given = {
    name: reduced.name,
    length: axes.reduce((n, axis) => n * Number(shape[axis]), 1),
  };
  const block = largestDivisor(given.length);
  const divides = block >= BLOCK.least;
  const { name, length } = divides ? given : pad(given, BLOCK.most - (given.length % BLOCK.most));
  const size = divides ? block : BLOCK.most;
  const lead = [...others.map(() => 1), length / size];
  const cut = { name: as(name, ...lead, size), axes: [head + axes.length], keepDims: false };
  const sums = emitReduction(nodes, "ReduceSum", cut);
  return { ...reduced, name: sums, shape: [...before, ...lead, ...after] };
}

/** ONNX's pads of one axis at its end. */
function padding(axis: number, rank: number, by: number): readonly number[] {
  return Array.from({ length: 2 * rank }, (_, i) => (i === rank + axis ? by : 0));
}

/** The largest divisor that may be a block. */
function largestDivisor(n: number): number {
  for (let d: number = BLOCK.most; d > 1; d--) if (n % d === 0) return d;
  return 1;
}

/** Most slices that are compared as tensors, and the least size of one for which that pays. */
const MOST_SLICES = 32;
const LEAST_SLICE = 16;

/** Largest or smallest over axes; NaN where there is one. */
export function emitExtreme(nodes: Nodes, op: "ReduceMax" | "ReduceMin", reduced: Reduced): string {
  const { dtype, name } = reduced;
  const isFloat = dtype === "float32" || dtype === "float64";
  if (isFloat && inSlices(reduced)) {
    return emitSlices(nodes, op === "ReduceMax" ? "Max" : "Min", reduced);
  }
  const extreme = emitReduction(nodes, op, reduced);
  if (!isFloat) return extreme;
  // The sum of signs is finite unless one of them is NaN.
  const { emit, scalar } = nodes;
  const signs = emitReduction(nodes, "ReduceSum", { ...reduced, name: emit("Sign", [name]) });
  return emit("Add", [extreme, emit("Mul", [signs, scalar(0, dtype)])]);
}

/** Whether what is left after one axis is a few large tensors: comparing those is several times as fast as reducing. */
function inSlices({ shape, axes }: Reduced): boolean {
  const [axis = 0] = axes;
  const size = shape[axis];
  const slice = multiplyDims(shape.slice(axis + 1));
  if (axes.length !== 1 || typeof size !== "number") return false;
  const large = axis === 0 || typeof slice !== "number" || slice >= LEAST_SLICE;
  return size > 0 && size <= MOST_SLICES && large;
}

function emitSlices(
  { emit, emitMany, int64 }: Nodes,
  op: "Max" | "Min",
  { name, shape, axes, keepDims }: Reduced,
): string {
  const [axis = 0] = axes;
  const size = Number(shape[axis]);
  const slices = emitMany("Split", [name], size, {
    axis: { type: "int", value: axis },
    num_outputs: { type: "int", value: size },
  });
  const extreme = emit(op, slices);
  return keepDims ? extreme : emit("Squeeze", [extreme, int64(axes)]);
}
