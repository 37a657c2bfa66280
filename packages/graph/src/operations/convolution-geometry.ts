/**
 * Kernels and windows along the axes of a map: options checked, where the user gave them and in the user's layout.
 */
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { formatShape, staticDim } from "../shape.js";
import type { Tensor } from "../tensor.js";

/** Border: "same" keeps the size (at stride one), "valid" adds none, or [before, after] for each axis. */
export type Padding = "same" | "valid" | readonly (readonly [number, number])[];

/** Settings of a convolution; one number holds for all axes. */
export interface ConvolutionOptions {
  readonly padding?: Padding;
  readonly stride?: number | readonly number[];
  readonly dilation?: number | readonly number[];
}

/** Window and step of a pooling; one number holds for all axes, and the step is the window unless given. */
export interface PoolingOptions {
  readonly window?: number | readonly number[];
  readonly stride?: number | readonly number[];
}

/** How an operation lays out what it is given. */
export interface Layout {
  readonly x: string;
  readonly kernel: string;
  /** The axes of x that kernels move along. */
  readonly spatial: readonly number[];
  readonly noun: string;
}

const KERNEL = "[kernel height, kernel width, in, out]";

/** What networks are given. */
export const IMAGES: Layout = {
  x: "[batch, height, width, channels]",
  kernel: KERNEL,
  spatial: [1, 2],
  noun: "map",
};
/** What they keep inside. */
export const MAPS: Layout = { ...IMAGES, x: "[height, width, batch, channels]", spatial: [0, 1] };
/** With one spatial axis. */
export const SERIES: Layout = {
  x: "[batch, length, channels]",
  kernel: "[kernel length, in, out]",
  spatial: [1],
  noun: "series",
};

/** Border, step and spacing along one axis. */
export interface AxisGeometry {
  readonly padding: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
}

/**
 * A setting for each axis.
 *
 * @throws InvalidArgumentError for anything but whole numbers from 1 on, one for each axis.
 */
export function perAxis(
  operation: string,
  setting: string,
  value: number | readonly number[],
  axes: number,
): readonly number[] {
  const list = typeof value === "number" ? Array.from({ length: axes }, () => value) : value;
  if (list.length !== axes || list.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new InvalidArgumentError(
      `${operation}: ${setting} must be a whole number from 1 on, or ${axes} of them, one for each axis, but is ${JSON.stringify(value)}`,
    );
  }
  return list;
}

/** [before, after] for each axis. */
function borders(
  operation: string,
  padding: Padding,
  reaches: readonly number[],
): readonly (readonly [number, number])[] {
  if (padding === "valid") return reaches.map(() => [0, 0]);
  if (padding === "same") return reaches.map((n) => [Math.floor(n / 2), Math.ceil(n / 2)]);
  const fits =
    typeof padding === "object" &&
    padding.length === reaches.length &&
    padding.every((pair) => pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0));
  if (!fits) {
    throw new InvalidArgumentError(
      `${operation}: padding must be "same", "valid" or [before, after], whole numbers from 0 on, for each of ${reaches.length} axes, but is ${JSON.stringify(padding)}`,
    );
  }
  return padding;
}

/**
 * The geometry of a convolution along each spatial axis.
 *
 * @throws ShapeError where map and kernel do not fit, naming the operation and both as they were given.
 * @throws InvalidArgumentError where an option is out of range.
 */
export function convolutionGeometry(
  operation: string,
  { x: layout, kernel: kernelLayout, spatial, noun }: Layout,
  x: Tensor,
  kernel: Tensor,
  { padding = "same", stride = 1, dilation = 1 }: ConvolutionOptions,
): readonly AxisGeometry[] {
  requireRank(operation, x, spatial.length + 2, layout);
  requireRank(operation, kernel, spatial.length + 2, `a kernel ${kernelLayout}`);
  if (!x.dtype.startsWith("float") || kernel.dtype !== x.dtype) {
    throw new ShapeError(
      `${operation} needs a ${noun} and a kernel of one float type, but was given ${x.dtype}${formatShape(x.shape)} and ${kernel.dtype}${formatShape(kernel.shape)}; cast them`,
    );
  }
  const [channels, inputs] = [x.shape.at(-1), kernel.shape.at(-2)];
  if (channels !== inputs) {
    throw new ShapeError(
      `${operation}: a ${noun} ${formatShape(x.shape)} has ${channels} channels, but the kernel ${formatShape(kernel.shape)} takes ${inputs}; needs ${layout} and ${kernelLayout}`,
    );
  }
  const kernelSizes = spatial.map((_, i) => staticDim(kernel.shape, i, operation));
  const strides = perAxis(operation, "stride", stride, spatial.length);
  const dilations = perAxis(operation, "dilation", dilation, spatial.length);
  const reaches = kernelSizes.map((size, i) => (dilations[i] ?? 1) * (size - 1));
  const widths = borders(operation, padding, reaches);
  const lengths = spatial.map((axis) => staticDim(x.shape, axis, operation));
  const fits = widths.every(
    ([before, after], i) => (lengths[i] ?? 0) + before + after > (reaches[i] ?? 0),
  );
  if (!fits) {
    const spread = dilations.every((n) => n === 1) ? "" : ` at dilation ${dilations.join("×")}`;
    throw new ShapeError(
      `${operation}: a kernel of ${kernelSizes.join("×")}${spread} does not fit into a ${noun} of ${lengths.join("×")} with padding ${JSON.stringify(widths)}`,
    );
  }
  return spatial.map((_, i) => ({
    padding: widths[i] ?? [0, 0],
    stride: strides[i] ?? 1,
    dilation: dilations[i] ?? 1,
  }));
}

/** Refuses tensors of another rank, and says what was expected. */
export function requireRank(operation: string, x: Tensor, rank: number, layout: string): void {
  if (x.rank !== rank) {
    throw new ShapeError(`${operation}: needs ${layout}, but was given ${formatShape(x.shape)}`);
  }
}
