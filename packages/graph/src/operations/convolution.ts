/**
 * Convolution and pooling in the usual layouts: images [batch, height, width, channels], series [batch, length, channels].
 *
 * Kernels are [kernel height, kernel width, in, out] and [kernel length, in, out]. Inside, the spatial axes are outermost
 * (spatial-convolution.ts); networks of many layers stay in that layout from the first to the last.
 */
import { ShapeError } from "../errors.js";
import { customGradient } from "../gradient.js";
import { formatShape, staticDim } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { equal, where } from "./comparison.js";
import { concat, expandDims, reshape, slice, squeeze, transpose } from "./movement.js";
import { max, mean } from "./reduction.js";
import { convolveAt, outputSize, type ConvolutionGeometry } from "./spatial-convolution.js";

/** Border: "same" keeps the size (at stride one), "valid" adds none, or [before, after] for each axis. */
export type Padding = "same" | "valid" | readonly (readonly [number, number])[];

/** Settings of a convolution; one number holds for all axes. */
export interface ConvolutionOptions {
  readonly padding?: Padding;
  readonly stride?: number | readonly number[];
  readonly dilation?: number | readonly number[];
}

function perAxis(value: number | readonly number[] | undefined, axes: number): readonly number[] {
  if (typeof value === "object") return value;
  return Array.from({ length: axes }, () => value ?? 1);
}

/** The border of a convolution along one axis. */
function border(
  padding: Padding,
  axis: number,
  kernel: number,
  dilation: number,
): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") {
    const total = dilation * (kernel - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }
  return padding[axis] ?? [0, 0];
}

function geometryOf(kernel: Tensor, options: ConvolutionOptions): ConvolutionGeometry {
  const { padding = "same" } = options;
  const [sy = 1, sx = 1] = perAxis(options.stride, 2);
  const [dy = 1, dx = 1] = perAxis(options.dilation, 2);
  const size = (axis: number): number => staticDim(kernel.shape, axis, "convolution");
  return {
    padding: [border(padding, 0, size(0), dy), border(padding, 1, size(1), dx)],
    stride: [sy, sx],
    dilation: [dy, dx],
  };
}

function requireRank(operation: string, x: Tensor, rank: number, layout: string): void {
  if (x.rank !== rank) {
    throw new ShapeError(`${operation}: needs ${layout}, but was given ${formatShape(x.shape)}`);
  }
}

/**
 * Convolution of maps whose spatial axes are outermost.
 *
 * @param x [height, width, batch, in]
 * @param kernel [kernel height, kernel width, in, out]
 * @returns [height', width', batch, out]
 */
export function spatialConv2d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = geometryOf(kernel, options);
  const [height, width] = outputSize(x, kernel, geometry);
  const outputs = convolveAt(x, kernel, geometry);
  return reshape(outputs, [height, width, ...outputs.shape.slice(1)]);
}

/**
 * Convolution whose outputs come grouped by their place in windows that do not overlap, for pooling: it then compares or adds
 * long contiguous runs, and the map is never put in order. A last row or column that does not fill a window is left out.
 *
 * @param x [height, width, batch, in]
 * @returns [window height · window width, height' / window, width' / window, batch, out]
 */
export function spatialConvWindows2d(
  x: Tensor,
  kernel: Tensor,
  window: readonly [number, number],
  options: ConvolutionOptions = {},
): Tensor {
  const geometry = geometryOf(kernel, options);
  const [height, width] = outputSize(x, kernel, geometry);
  const rows = Math.floor(height / window[0]);
  const columns = Math.floor(width / window[1]);
  if (rows < 1 || columns < 1) {
    throw new ShapeError(
      `pooling: a window of ${window.join("×")} does not fit into a map of ${height}×${width}`,
    );
  }
  const places: number[] = [];
  for (let dy = 0; dy < window[0]; dy++) {
    for (let dx = 0; dx < window[1]; dx++) {
      for (let y = 0; y < rows; y++) {
        for (let px = 0; px < columns; px++) {
          places.push((y * window[0] + dy) * width + px * window[1] + dx);
        }
      }
    }
  }
  const outputs = convolveAt(x, kernel, geometry, places);
  return reshape(outputs, [window[0] * window[1], rows, columns, ...outputs.shape.slice(1)]);
}

/**
 * Convolution followed by max pooling over windows that do not overlap.
 *
 * @param x [height, width, batch, in]
 * @returns [height' / window, width' / window, batch, out]
 */
export function spatialConvMaxPool2d(
  x: Tensor,
  kernel: Tensor,
  window: readonly [number, number],
  options: ConvolutionOptions = {},
): Tensor {
  return maxOverTaps(spatialConvWindows2d(x, kernel, window, options));
}

/** Largest over the first axis. The gradient goes to every tap that is largest, without counting ties: two equal floats are rare. */
function maxOverTaps(taps: Tensor): Tensor {
  const largest = max(taps, { axes: [0] });
  return customGradient(largest, [taps], (g) => [
    where(equal(taps, expandDims(largest, 0)), expandDims(g, 0), 0),
  ]);
}

/** Windows side by side: [window, ...] from a spatial map, one slice a place in the window. */
function windows(
  x: Tensor,
  window: readonly [number, number],
  stride: readonly [number, number],
): Tensor {
  const [height, width] = [staticDim(x.shape, 0, "pooling"), staticDim(x.shape, 1, "pooling")];
  const rows = Math.floor((height - window[0]) / stride[0]) + 1;
  const columns = Math.floor((width - window[1]) / stride[1]) + 1;
  if (rows < 1 || columns < 1) {
    throw new ShapeError(
      `pooling: a window of ${window.join("×")} does not fit into a map of ${height}×${width}`,
    );
  }
  const taps: Tensor[] = [];
  for (let dy = 0; dy < window[0]; dy++) {
    for (let dx = 0; dx < window[1]; dx++) {
      const part = slice(x, 0, dy, dy + (rows - 1) * stride[0] + 1, stride[0]);
      taps.push(expandDims(slice(part, 1, dx, dx + (columns - 1) * stride[1] + 1, stride[1]), 0));
    }
  }
  return concat(taps, 0);
}

/** Window and step of a pooling; one number holds for both axes, and the step is the window unless given. */
export interface PoolingOptions {
  readonly window?: number | readonly number[];
  readonly stride?: number | readonly number[];
}

function pool(
  operation: string,
  x: Tensor,
  { window = 2, stride = window }: PoolingOptions,
  reduce: (taps: Tensor) => Tensor,
): Tensor {
  requireRank(operation, x, 4, "[batch, height, width, channels]");
  const [wy = 1, wx = 1] = perAxis(window, 2);
  const [sy = 1, sx = 1] = perAxis(stride, 2);
  const pooled = reduce(windows(transpose(x, [1, 2, 0, 3]), [wy, wx], [sy, sx]));
  return transpose(pooled, [2, 0, 1, 3]);
}

/** Largest in each window; equal ones share the gradient. @param x [batch, height, width, channels] */
export function maxPool2d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("maxPool2d", x, options, (taps) => max(taps, { axes: [0] }));
}

/** Mean of each window. @param x [batch, height, width, channels] */
export function averagePool2d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("averagePool2d", x, options, (taps) => mean(taps, { axes: [0] }));
}

/**
 * Convolution (as networks mean it: correlation).
 *
 * @param x [batch, height, width, in]
 * @param kernel [kernel height, kernel width, in, out]
 * @returns [batch, height', width', out]
 * @throws ShapeError where they do not fit.
 */
export function conv2d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  requireRank("conv2d", x, 4, "[batch, height, width, channels]");
  requireRank("conv2d", kernel, 4, "a kernel [height, width, in, out]");
  return transpose(spatialConv2d(transpose(x, [1, 2, 0, 3]), kernel, options), [2, 0, 1, 3]);
}

/** A series as an image of height one. */
function asImage(x: Tensor): Tensor {
  return expandDims(x, 1);
}

const vertical = (value: number | readonly number[] | undefined): readonly number[] => [
  1,
  perAxis(value, 1)[0] ?? 1,
];

/**
 * Convolution along a series.
 *
 * @param x [batch, length, in]
 * @param kernel [kernel length, in, out]
 * @returns [batch, length', out]
 */
export function conv1d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  requireRank("conv1d", x, 3, "[batch, length, channels]");
  requireRank("conv1d", kernel, 3, "a kernel [length, in, out]");
  const { padding = "same" } = options;
  const image = conv2d(asImage(x), expandDims(kernel, 0), {
    padding: typeof padding === "string" ? padding : [[0, 0], padding[0] ?? [0, 0]],
    stride: vertical(options.stride),
    dilation: vertical(options.dilation),
  });
  return squeeze(image, [1]);
}

/** Largest in each window of a series [batch, length, channels]. */
export function maxPool1d(x: Tensor, { window = 2, stride = window }: PoolingOptions = {}): Tensor {
  requireRank("maxPool1d", x, 3, "[batch, length, channels]");
  return squeeze(
    maxPool2d(asImage(x), { window: vertical(window), stride: vertical(stride) }),
    [1],
  );
}

/** Mean of each window of a series [batch, length, channels]. */
export function averagePool1d(
  x: Tensor,
  { window = 2, stride = window }: PoolingOptions = {},
): Tensor {
  requireRank("averagePool1d", x, 3, "[batch, length, channels]");
  return squeeze(
    averagePool2d(asImage(x), { window: vertical(window), stride: vertical(stride) }),
    [1],
  );
}
