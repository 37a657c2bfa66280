/**
 * Where values lie: storages, and views of them by strides.
 *
 * What only changes layout (slices, transposes, broadcasts, most reshapes) is another view of the same storage and costs nothing.
 */
import type { DType } from "../../dtype.js";
import type { HostArray } from "../../host-tensor.js";

/** What holds the elements of one or more values. */
export interface Storage {
  readonly id: number;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  readonly place: Place;
}

/** Where a storage is: elements that are known, a weight of the model, memory of one run, or an input of as many rows as a run gives. */
export type Place =
  | { readonly kind: "constant"; readonly data: HostArray }
  | { readonly kind: "weight"; readonly name: string }
  /** Of the program itself, or of the body of its loop. */
  | { readonly kind: "scratch"; readonly region: 0 | 1 }
  | { readonly kind: "stream"; readonly cell: number };

/** Elements of a storage, by strides. */
export interface View {
  readonly storage: Storage;
  readonly shape: readonly number[];
  /** Elements from one to the next along each axis. */
  readonly strides: readonly number[];
  readonly offset: number;
}

let storages = 0;

/** A storage that nothing else is. */
export function newStorage(dtype: DType, size: number, place: Place): Storage {
  return { id: storages++, dtype, size, place };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Strides of a row-major array. */
export function rowMajor(shape: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/** All of a storage in a shape. */
export function whole(storage: Storage, shape: readonly number[]): View {
  return { storage, shape, strides: rowMajor(shape), offset: 0 };
}

/** Whether the elements lie one after the other, in row-major order. */
export function isContiguous({ shape, strides }: View): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Whether all elements are one and the same. */
export function isScalar({ shape, strides }: View): boolean {
  return shape.every((size, axis) => size === 1 || strides[axis] === 0);
}

export function broadcastTo(view: View, shape: readonly number[]): View {
  const added = shape.length - view.shape.length;
  const strides = shape.map((_, axis) => {
    const own = axis - added;
    return own < 0 || view.shape[own] === 1 ? 0 : (view.strides[own] ?? 0);
  });
  return { ...view, shape, strides };
}

export function permute(view: View, order: readonly number[]): View {
  return {
    ...view,
    shape: order.map((axis) => view.shape[axis] ?? 1),
    strides: order.map((axis) => view.strides[axis] ?? 0),
  };
}

/** Every `step`-th of the elements along an axis, from one of them on. */
export function along(view: View, axis: number, start: number, size: number, step = 1): View {
  const stride = view.strides[axis] ?? 0;
  return {
    ...view,
    shape: view.shape.with(axis, size),
    strides: view.strides.with(axis, stride * step),
    offset: view.offset + start * stride,
  };
}

/** The same elements in another shape, where strides can say that: undefined where elements would have to move. */
export function reshape(view: View, shape: readonly number[]): View | undefined {
  if (isContiguous(view)) return { ...view, shape, strides: rowMajor(shape) };
  const axes = view.shape.flatMap((size, axis) =>
    size === 1 ? [] : [{ size, stride: view.strides[axis] ?? 0 }],
  );
  const strides: number[] = [];
  // From the last axis on: each new one is a part of an old one, which is used up before the next is begun.
  let [left, stride] = [1, 1];
  for (const size of shape.toReversed()) {
    if (size === 1) {
      strides.unshift(0);
      continue;
    }
    while (left === 1) {
      const next = axes.pop();
      if (next === undefined) return undefined;
      ({ size: left, stride } = next);
      const outer = axes.at(-1);
      if (outer !== undefined && outer.stride === stride * left) {
        axes[axes.length - 1] = { size: outer.size * left, stride };
        left = 1;
      }
    }
    if (left % size !== 0) return undefined;
    strides.unshift(stride);
    left /= size;
    stride *= size;
  }
  return { ...view, shape, strides };
}

/** Whether a view is the whole of its storage, in order. */
export function isWhole(view: View): boolean {
  return view.offset === 0 && sizeOf(view.shape) === view.storage.size && isContiguous(view);
}
