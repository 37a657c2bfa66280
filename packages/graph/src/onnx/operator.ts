/**
 * What is known of an ONNX operator: how many operands it takes, its attributes, and the types and shapes of its results.
 *
 * Rules are evaluated on types alone, before any runtime sees a program; what they refuse is an EncodingError.
 */
import type { DType } from "../dtype.js";
import { EncodingError } from "../errors.js";

/** A value on the way: its type, its sizes, and its elements where it is a short list of integers that is known beforehand. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly integers?: readonly number[];
}

/** Types of attributes that the engine writes. */
export type AttributeType = "int" | "ints" | "float" | "string";

/** Attributes of a node, by name. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** A node as a rule sees it. */
export interface NodeView {
  /** Undefined where an operand is left out. */
  readonly operands: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** How many results are asked for. */
  readonly results: number;
}

/** One operator of the standard domain, as far as the engine writes it. */
export interface Operator {
  /** Fewest and most operands. */
  readonly operands: readonly [least: number, most: number];
  /** Fewest and most results; by default one. */
  readonly results?: readonly [least: number, most: number];
  readonly attributes?: Readonly<Record<string, AttributeType>>;
  /** Types and shapes of the results. @throws EncodingError where the operands do not fit. */
  readonly infer: (node: NodeView) => readonly Value[];
  /** Multiplications and additions, where they are more than results have elements. */
  readonly work?: (node: NodeView, results: readonly Value[]) => number;
}

/** Refuses a node; the checker says which. */
export function refuse(rule: string): never {
  throw new EncodingError(rule);
}

/** The operand at a place, which must be there. */
export function operand({ operands }: NodeView, at = 0): Value {
  return operands[at] ?? refuse(`its operand ${at} is missing`);
}

/** All operands, none of which may be left out. */
export const given = ({ operands }: NodeView): readonly Value[] =>
  operands.map((value, at) => value ?? refuse(`its operand ${at} is missing`));

/** @throws EncodingError where a value is not of one of the types. */
export function requireType(value: Value, dtypes: readonly DType[]): Value {
  if (dtypes.includes(value.dtype)) return value;
  return refuse(`it takes ${dtypes.join(" or ")}, not ${value.dtype}`);
}

export const FLOATS = ["float32", "float64"] as const;
export const NUMBERS = ["float32", "float64", "int64"] as const;

/** An integer attribute, or its default. */
export function integer({ attributes }: NodeView, name: string, otherwise: number): number {
  const value = attributes[name] ?? otherwise;
  return typeof value === "number" ? value : otherwise;
}

/** The elements of an operand that must be known beforehand. */
export function known(node: NodeView, at: number): readonly number[] {
  const value = requireType(operand(node, at), ["int64"]);
  if (value.shape.length > 1) refuse(`its operand ${at} must be a list of integers`);
  return value.integers ?? refuse(`its operand ${at} is not known before the program runs`);
}

/** An axis counted from the first. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    return refuse(`there is no axis ${axis} among ${rank}`);
  }
  return at;
}

/** Axes counted from the first, none of them twice. */
export function axesOf(axes: readonly number[], rank: number): readonly number[] {
  const found = axes.map((axis) => axisOf(axis, rank));
  if (new Set(found).size < found.length) refuse("it names an axis twice");
  return found;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const formatShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The shape to which shapes broadcast. */
export function broadcast(shapes: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = shapes;
  // As it is most often.
  if (others.every((shape) => isSame(shape, first))) return first;
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + i] ?? 1);
    const size = sizes.find((dim) => dim !== 1) ?? 1;
    if (sizes.some((dim) => dim !== 1 && dim !== size)) {
      refuse(`shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`);
    }
    return size;
  });
}

/** @throws EncodingError where types differ. */
export function sameType(values: readonly Value[]): DType {
  const [first] = values;
  if (first === undefined || values.some(({ dtype }) => dtype !== first.dtype)) {
    return refuse(`its operands are of several types: ${values.map((v) => v.dtype).join(", ")}`);
  }
  return first.dtype;
}
