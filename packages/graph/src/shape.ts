/**
 * Shapes, static and dynamic.
 *
 * A size is a number, or a monomial in named dynamic sizes written as a string: `"batch"`, `"3*batch"`, `"batch*draws"`. Two
 * dynamic sizes are equal when their names are; products and quotients are taken symbolically, so reshaping
 * `["batch", 3]` to `["3*batch"]` is checked at build time like any other reshape.
 */
import { ShapeError } from "./errors.js";

/** One size: a number, or a product of named dynamic sizes such as `"batch"` or `"3*batch"`. */
export type Dim = number | string;

/** The sizes of a tensor, outermost first. */
export type Shape = readonly Dim[];

interface Monomial {
  readonly coefficient: number;
  readonly symbols: readonly string[];
}

function parse(dim: Dim): Monomial {
  if (typeof dim === "number") return { coefficient: dim, symbols: [] };
  let coefficient = 1;
  const symbols: string[] = [];
  for (const factor of dim.split("*")) {
    if (/^\d+$/.test(factor)) coefficient *= Number(factor);
    else symbols.push(factor);
  }
  return { coefficient, symbols: symbols.toSorted() };
}

function unparse({ coefficient, symbols }: Monomial): Dim {
  if (symbols.length === 0 || coefficient === 0) return coefficient;
  return coefficient === 1 ? symbols.join("*") : [coefficient, ...symbols].join("*");
}

/** The product of sizes. */
export function multiplyDims(dims: readonly Dim[]): Dim {
  let coefficient = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    const monomial = parse(dim);
    coefficient *= monomial.coefficient;
    symbols.push(...monomial.symbols);
  }
  return unparse({ coefficient, symbols: symbols.toSorted() });
}

/** The quotient `a / b`, or undefined where `b` does not divide `a`. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  const numerator = parse(a);
  const denominator = parse(b);
  if (denominator.coefficient === 0 || numerator.coefficient % denominator.coefficient !== 0) {
    return undefined;
  }
  const symbols = [...numerator.symbols];
  for (const symbol of denominator.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return unparse({ coefficient: numerator.coefficient / denominator.coefficient, symbols });
}

/** Number of elements. */
export function sizeOf(shape: Shape): Dim {
  return multiplyDims(shape);
}

/**
 * A shape whose dynamic sizes are written in the one way that compares equal: "draws*batch" becomes "batch*draws".
 *
 * @throws ShapeError naming `operation` where something is no size.
 */
export function canonicalShape(shape: Shape, operation: string): Shape {
  return shape.map((dim) => {
    const valid =
      typeof dim === "number"
        ? Number.isInteger(dim) && dim >= 0
        : /^[^*\s]+(\*[^*\s]+)*$/.test(dim);
    if (!valid) {
      throw new ShapeError(
        `${operation}: sizes must be whole numbers or names such as "batch" or "3*batch", but [${shape.map((d) => JSON.stringify(d)).join(", ")}] was given`,
      );
    }
    return typeof dim === "number" ? dim : multiplyDims([dim]);
  });
}

/** Whether no size is dynamic. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** The shape as numbers; an error naming `operation` where a size is dynamic. */
export function staticShape(shape: Shape, operation: string): readonly number[] {
  if (!isStatic(shape)) {
    throw new ShapeError(
      `${operation} needs sizes known at build time, but was given ${formatShape(shape)}; fix the dynamic size before this operation`,
    );
  }
  return shape;
}

/** One size as a number; an error naming `operation` where it is dynamic. */
export function staticDim(shape: Shape, axis: number, operation: string): number {
  const dim = shape[axis];
  if (typeof dim !== "number") {
    throw new ShapeError(
      `${operation} needs the size of axis ${axis} at build time, but was given ${formatShape(shape)}`,
    );
  }
  return dim;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** A shape as people read it: `[batch, 16, 16]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** NumPy broadcasting of two shapes; an error names the operation and both shapes. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p === q || q === 1) result.push(p);
    else if (p === 1) result.push(q);
    else {
      throw new ShapeError(
        `${operation}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast (sizes ${p} and ${q})`,
      );
    }
  }
  return result;
}

/** Whether `from` broadcasts to exactly `to`. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  return from.every((dim, i) => dim === 1 || dim === to[to.length - from.length + i]);
}

/** An axis counted from the front; negative axes count from the end. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || index < 0 || index >= rank) {
    throw new ShapeError(`${operation}: axis ${axis} is out of range for a tensor of rank ${rank}`);
  }
  return index;
}
