/**
 * Calls of a few rows more than were asked for.
 *
 * A program is compiled for the sizes of a call. Where each row of a size is computed by itself, a call of a size that did not come before may be computed as one of a
 * size near it: then as many sizes as there are have few programs, and nobody waits for another one to be compiled.
 */
import type { HostArray } from "../host-tensor.js";
import type { OnnxGraph, OnnxValue } from "../onnx/ir.js";

export type Shape = readonly number[];

/** Whole numbers 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: the smallest that is no smaller. */
export function rounded(size: number): number {
  if (size < 2) return size;
  const power = 2 ** Math.floor(Math.log2(size));
  return size === power ? size : size <= 1.5 * power ? 1.5 * power : 2 * power;
}

/** Rows that kernels take at a time; fewer than some such are as they are. */
const TOGETHER = 8;

/** As many rows as leave none for the ends of loops, which take them one by one: as near to the size as costs little. */
export function evened(size: number): number {
  return size < 4 * TOGETHER ? size : TOGETHER * Math.ceil(size / TOGETHER);
}

/** Sizes of a graph, by name, of which each row is computed by itself. */
export class Rows {
  readonly #names: ReadonlySet<string>;
  readonly #inputs: ReadonlyMap<string, OnnxValue["shape"]>;

  private constructor(names: ReadonlySet<string>, inputs: ReadonlyMap<string, OnnxValue["shape"]>) {
    this.#names = names;
    this.#inputs = inputs;
  }

  /** Undefined where there are none, or a value is as long as a product of them: its rows are not those of an axis. */
  static of({ inputs, outputs }: OnnxGraph, sizes: readonly string[]): Rows | undefined {
    const names = new Set(sizes);
    const dims = [...inputs, ...outputs].flatMap(({ shape }) => shape);
    const isProduct = (dim: number | string): boolean =>
      typeof dim === "string" && dim.includes("*") && dim.split("*").some((one) => names.has(one));
    if (!dims.some((dim) => names.has(String(dim))) || dims.some(isProduct)) return undefined;
    return new Rows(names, new Map(inputs.map(({ name, shape }) => [name, shape])));
  }

  /** Shapes of inputs with other numbers of rows. */
  resized(
    shapes: ReadonlyMap<string, Shape>,
    resize: (size: number) => number,
  ): ReadonlyMap<string, Shape> {
    const each = (name: string, shape: Shape): Shape =>
      shape.map((size, axis) =>
        this.#isRow(this.#inputs.get(name)?.[axis]) ? resize(size) : size,
      );
    return new Map([...shapes].map(([name, shape]) => [name, each(name, shape)]));
  }

  /** The shape of an output for the rows that were asked for. */
  asked({ shape }: OnnxValue, found: Shape, given: ReadonlyMap<string, Shape>): Shape {
    return found.map((size, axis) => {
      const dim = shape[axis];
      if (!this.#isRow(dim)) return size;
      for (const [name, dims] of this.#inputs) {
        const at = dims.indexOf(dim ?? "");
        if (at >= 0) return given.get(name)?.[at] ?? size;
      }
      return size;
    });
  }

  #isRow(dim: number | string | undefined): boolean {
    return typeof dim === "string" && this.#names.has(dim);
  }
}

/** Fills an array from another of the same number of axes: from its beginning along each axis and, where it ends before, with its last row again. */
export function copyRows(target: HostArray, to: Shape, source: HostArray, from: Shape): void {
  const rest = (shape: Shape, axis: number): number => shape.slice(axis).reduce((a, b) => a * b, 1);
  const differing = to.findLastIndex((size, axis) => size !== from[axis]);
  const copy = (axis: number, toAt: number, fromAt: number): void => {
    if (axis > differing) {
      target.set(source.subarray(fromAt, fromAt + rest(from, axis)) as never, toAt);
      return;
    }
    const last = (from[axis] ?? 1) - 1;
    for (let i = 0; i < (to[axis] ?? 1); i++) {
      copy(
        axis + 1,
        toAt + i * rest(to, axis + 1),
        fromAt + Math.min(i, last) * rest(from, axis + 1),
      );
    }
  };
  copy(0, 0, 0);
}
