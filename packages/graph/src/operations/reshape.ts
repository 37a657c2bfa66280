/**
 * The same elements in another shape.
 */
import { ShapeError } from "../errors.js";
import { first } from "../leaves.js";
import { definePrimitive, type LowerContext, type LoweredValue } from "../primitive.js";
import {
  canonicalShape,
  divideDims,
  formatShape,
  multiplyDims,
  normalizeAxis,
  sameShape,
  sizeOf,
  type Shape,
} from "../shape.js";
import type { Tensor } from "../tensor.js";

interface Attributes {
  readonly shape: Shape;
}

const applyReshape = definePrimitive<Attributes>({
  name: "reshape",
  reshapes: true,
  infer: (inputs, { shape }) => [{ shape, dtype: first(inputs).dtype }],
  gradient: ({ inputs: [x], cotangents: [g] }) =>
    g === undefined || x === undefined ? [] : [reshape(g, x.shape, x)],
  lower: lowerReshape,
});

/** Where a dynamic size of the result is found when the program runs. */
type Source =
  /** At the same place in the operand: ONNX copies it for a 0. */
  | { readonly kind: "kept" }
  /** An axis of one of the inputs. */
  | { readonly kind: "axis"; readonly input: number; readonly axis: number }
  /** ONNX infers one size from the others. */
  | { readonly kind: "inferred" };

/** Sources of the sizes of `shape`; undefined where more than one would have to be inferred. */
function sources(shape: Shape, from: readonly Shape[]): readonly (Source | number)[] | undefined {
  const inferable = shape.filter(
    (dim, i) => typeof dim !== "number" && from[0]?.[i] !== dim,
  ).length;
  let inferred = 0;
  const found = shape.map((dim, i): Source | number => {
    if (typeof dim === "number") return dim;
    if (from[0]?.[i] === dim) return { kind: "kept" };
    const input = from.findIndex((known) => known.includes(dim));
    // A single size out of place is inferred: a constant shape is the cheapest.
    if (input < 0 || inferable === 1) {
      inferred++;
      return { kind: "inferred" };
    }
    return { kind: "axis", input, axis: from[input]?.indexOf(dim) ?? 0 };
  });
  return inferred > 1 ? undefined : found;
}

/** Whether `shape` is a constant in ONNX, given the shape of what is reshaped: no size has to be read from a tensor. */
function isConstantTarget(shape: Shape, from: Shape): boolean {
  const found = sources(shape, [from]);
  return found?.every((source) => typeof source === "number" || source.kind !== "axis") ?? false;
}

/** Whether a second reshape had better start from what the first was given: unless that takes sizes to be read, and it does not. */
function merges(shape: Shape, origin: Shape, given: Shape): boolean {
  if (isConstantTarget(shape, origin)) return true;
  return sources(shape, [origin]) !== undefined && !isConstantTarget(shape, given);
}

/** A reshape of a reshape is lowered as one; what lies between is pruned where nothing else reads it. */
function lowerReshape({
  inputs,
  inputTypes,
  beforeReshapes: origin,
  attributes: { shape },
  ...context
}: LowerContext<Attributes>): readonly string[] {
  if (origin !== undefined && sameShape(origin.shape, shape)) return [origin.name];
  const given = inputs.map((name, i) => ({ name, shape: inputTypes[i]?.shape ?? [] }));
  const merged = origin !== undefined && merges(shape, origin.shape, given[0]?.shape ?? []);
  return [emitReshape(context, shape, merged ? [origin] : given)];
}

function emitReshape(
  { emit, int64 }: Pick<LowerContext<Attributes>, "emit" | "int64">,
  shape: Shape,
  from: readonly LoweredValue[],
): string {
  const found =
    sources(
      shape,
      from.map((value) => value.shape),
    ) ?? [];
  const parts: string[] = [];
  let constants: number[] = [];
  const flush = (): void => {
    if (constants.length > 0) parts.push(int64(constants));
    constants = [];
  };
  for (const source of found) {
    if (typeof source === "number") constants.push(source);
    else if (source.kind === "kept") constants.push(0);
    else if (source.kind === "inferred") constants.push(-1);
    else {
      flush();
      const { input, axis } = source;
      parts.push(
        emit("Shape", [from[input]?.name ?? ""], {
          start: { type: "int", value: axis },
          end: { type: "int", value: axis + 1 },
        }),
      );
    }
  }
  flush();
  const [only = int64([])] = parts;
  const target =
    parts.length > 1 ? emit("Concat", parts, { axis: { type: "int", value: 0 } }) : only;
  return emit("Reshape", [from[0]?.name ?? "", target]);
}

/**
 * The same elements in another shape.
 *
 * @param shape one size may be -1: it is inferred.
 * @param like a tensor that has the dynamic sizes of `shape`: needed only where several of them are not sizes of x, as when
 * `["batch*draws"]` becomes `["batch", "draws"]`.
 * @throws ShapeError where the numbers of elements differ.
 */
export function reshape(x: Tensor, shape: Shape, like?: Tensor): Tensor {
  const target = resolve(x, shape);
  if (sizeOf(target) !== sizeOf(x.shape)) {
    throw new ShapeError(
      `reshape: ${formatShape(x.shape)} has ${sizeOf(x.shape)} elements, ${formatShape(target)} has ${sizeOf(target)}`,
    );
  }
  if (sameShape(target, x.shape)) return x;
  for (const inputs of [
    [x],
    ...sizesBefore(x).map((like) => [x, like]),
    ...(like ? [[x, like]] : []),
  ]) {
    if (
      sources(
        target,
        inputs.map((tensor) => tensor.shape),
      ) !== undefined
    ) {
      return first(applyReshape(inputs, { shape: target }));
    }
  }
  throw new ShapeError(
    `reshape: from ${formatShape(x.shape)} to ${formatShape(target)} more than one dynamic size must be found; pass a tensor that has these sizes as the third argument`,
  );
}

/** What x was before reshapes, the last first: dynamic sizes that x has lost may be found there. */
function sizesBefore(x: Tensor): readonly Tensor[] {
  const before: Tensor[] = [];
  let { application } = x;
  while (application?.primitive.name === "reshape") {
    before.push(...application.inputs);
    application = application.inputs[0]?.application;
  }
  return before;
}

/** The shape asked for, with its -1 found. */
function resolve(x: Tensor, shape: Shape): Shape {
  const at = shape.indexOf(-1);
  if (at < 0) return canonicalShape(shape, "reshape");
  const known = canonicalShape(shape.toSpliced(at, 1), "reshape");
  const rest = divideDims(sizeOf(x.shape), multiplyDims(known));
  if (rest === undefined) {
    throw new ShapeError(
      `reshape: cannot infer the size -1 from ${formatShape(x.shape)} to ${formatShape(shape)}`,
    );
  }
  return known.toSpliced(at, 0, rest);
}

/** Removes axes of size one. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  const removed = axes.map((axis) => normalizeAxis("squeeze", axis, x.rank));
  for (const axis of removed) {
    if (x.shape[axis] !== 1) {
      throw new ShapeError(`squeeze: axis ${axis} of ${formatShape(x.shape)} does not have size 1`);
    }
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !removed.includes(axis)),
  );
}

/** Inserts an axis of size one. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("expandDims", axis, x.rank + 1);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
}
