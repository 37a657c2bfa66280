/**
 * Convolution and pooling in the usual layouts: images [batch, height, width, channels], series [batch, length, channels].
 *
 * Kernels are [kernel height, kernel width, in, out] and [kernel length, in, out]. Inside, the spatial axes are outermost
 * (spatial-convolution.ts); networks of many layers stay in that layout from the first to the last.
 */
import { ShapeError } from "../errors.js";
import { customGradient } from "../gradient.js";
import { ones } from "../leaves.js";
import { staticDim } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { cast, equal } from "./comparison.js";
import {
  convolutionGeometry,
  IMAGES,
  MAPS,
  perAxis,
  requireRank,
  SERIES,
  type AxisGeometry,
  type ConvolutionOptions,
  type Layout,
  type PoolingOptions,
} from "./convolution-geometry.js";
import { div, mul } from "./elementwise.js";
import { matmul } from "./linear.js";
import { concat, expandDims, reshape, slice, squeeze, transpose } from "./movement.js";
import { operandOf, type Accepts } from "./operands.js";
import { max, mean } from "./reduction.js";
import { convolveAt, outputSize, type ConvolutionGeometry } from "./spatial-convolution.js";

export type { ConvolutionOptions, Padding, PoolingOptions } from "./convolution-geometry.js";

/** The geometry along two axes; a series is an image of height one. */
function planar(axes: readonly AxisGeometry[]): ConvolutionGeometry {
  const still: AxisGeometry = { padding: [0, 0], stride: 1, dilation: 1 };
  const [y = still, x = still] = axes.length === 1 ? [still, ...axes] : axes;
  return {
    padding: [y.padding, x.padding],
    stride: [y.stride, x.stride],
    dilation: [y.dilation, x.dilation],
  };
}

/** [height, width, batch, in] to [height', width', batch, out]. */
function convolve(x: Tensor, kernel: Tensor, geometry: ConvolutionGeometry): Tensor {
  const [height, width] = outputSize(x, kernel, geometry);
  const outputs = convolveAt(x, kernel, geometry);
  return reshape(outputs, [height, width, ...outputs.shape.slice(1)]);
}

/**
 * Convolution of maps whose spatial axes are outermost.
 *
 * @param x [height, width, batch, in]
 * @param kernel [kernel height, kernel width, in, out]
 * @returns [height', width', batch, out]
 */
export function spatialConv2d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolve(
    x,
    kernel,
    planar(convolutionGeometry("spatialConv2d", MAPS, x, kernel, options)),
  );
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
  return convolveWindows("spatialConvWindows2d", x, kernel, window, options);
}

function convolveWindows(
  operation: string,
  x: Tensor,
  kernel: Tensor,
  window: readonly [number, number],
  options: ConvolutionOptions,
): Tensor {
  const geometry = planar(convolutionGeometry(operation, MAPS, x, kernel, options));
  perAxis(operation, "window", window, 2);
  const [height, width] = outputSize(x, kernel, geometry);
  requireFits(operation, MAPS.noun, window, [height, width]);
  const rows = Math.floor(height / window[0]);
  const columns = Math.floor(width / window[1]);
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
  return maxOverTaps(convolveWindows("spatialConvMaxPool2d", x, kernel, window, options));
}

/**
 * Largest over the first axis; equal ones share the gradient, as on a flat part of a map. They are counted by a product with a
 * row of ones, which is what keeps this as fast as a rule that would not count them.
 */
function maxOverTaps(taps: Tensor): Tensor {
  const count = staticDim(taps.shape, 0, "pooling");
  const flat = reshape(taps, [count, -1]);
  const largest = max(flat, { axes: [0], keepDims: true });
  const shared = customGradient(largest, [flat], (g) => {
    const chosen = cast(equal(flat, largest), flat.dtype);
    const ties = matmul(ones([1, count], flat.dtype), chosen);
    return [mul(chosen, div(g, ties))];
  });
  return reshape(shared, taps.shape.slice(1), taps);
}

/** Windows side by side: [window, ...] from [height, width, ...], one slice a place in the window. */
function windows(
  x: Tensor,
  window: readonly [number, number],
  stride: readonly [number, number],
): Tensor {
  const [height, width] = [staticDim(x.shape, 0, "pooling"), staticDim(x.shape, 1, "pooling")];
  const rows = Math.floor((height - window[0]) / stride[0]) + 1;
  const columns = Math.floor((width - window[1]) / stride[1]) + 1;
  const taps: Tensor[] = [];
  for (let dy = 0; dy < window[0]; dy++) {
    for (let dx = 0; dx < window[1]; dx++) {
      const part = slice(x, 0, dy, dy + (rows - 1) * stride[0] + 1, stride[0]);
      taps.push(expandDims(slice(part, 1, dx, dx + (columns - 1) * stride[1] + 1, stride[1]), 0));
    }
  }
  return concat(taps, 0);
}

function requireFits(
  operation: string,
  noun: string,
  window: readonly number[],
  sizes: readonly number[],
): void {
  if (window.some((n, i) => n > (sizes[i] ?? 0))) {
    throw new ShapeError(
      `${operation}: a window of ${window.join("×")} does not fit into a ${noun} of ${sizes.join("×")}`,
    );
  }
}

/** What is taken of each window, [window, ...] to [...]. */
interface Pooling {
  readonly accepts: Accepts;
  readonly reduce: (taps: Tensor) => Tensor;
}

const LARGEST: Pooling = { accepts: "number", reduce: maxOverTaps };
const MEAN: Pooling = { accepts: "float", reduce: (taps) => mean(taps, { axes: [0] }) };

/** Reduces the windows of images, or of series, which are images of height one. */
function pool(
  operation: string,
  { x: layout, spatial, noun }: Layout,
  { accepts, reduce }: Pooling,
  x: Tensor,
  { window = 2, stride = window }: PoolingOptions,
): Tensor {
  const axes = spatial.length;
  requireRank(operation, x, axes + 2, layout);
  operandOf(operation, [x], accepts);
  const size = perAxis(operation, "window", window, axes);
  const step = perAxis(operation, "stride", stride, axes);
  const lengths = spatial.map((axis) => staticDim(x.shape, axis, operation));
  requireFits(operation, noun, size, lengths);
  // Counted from the last: a series has no other.
  const pair = (list: readonly number[]): readonly [number, number] => [
    list.at(-2) ?? 1,
    list.at(-1) ?? 1,
  ];
  const map = transpose(axes === 1 ? expandDims(x, 1) : x, [1, 2, 0, 3]);
  const pooled = transpose(reduce(windows(map, pair(size), pair(step))), [2, 0, 1, 3]);
  return axes === 1 ? squeeze(pooled, [1]) : pooled;
}

/** Largest in each window; equal ones share the gradient. @param x [batch, height, width, channels] */
export function maxPool2d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("maxPool2d", IMAGES, LARGEST, x, options);
}

/** Mean of each window. @param x [batch, height, width, channels] */
export function averagePool2d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("averagePool2d", IMAGES, MEAN, x, options);
}

/**
 * Convolution (as networks mean it: correlation).
 *
 * @param x [batch, height, width, in]
 * @param kernel [kernel height, kernel width, in, out]
 * @returns [batch, height', width', out]
 * @throws ShapeError where they do not fit.
 * @throws InvalidArgumentError where an option is out of range.
 */
export function conv2d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = planar(convolutionGeometry("conv2d", IMAGES, x, kernel, options));
  return transpose(convolve(transpose(x, [1, 2, 0, 3]), kernel, geometry), [2, 0, 1, 3]);
}

/**
 * Convolution along a series.
 *
 * @param x [batch, length, in]
 * @param kernel [kernel length, in, out]
 * @returns [batch, length', out]
 */
export function conv1d(x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
  const geometry = planar(convolutionGeometry("conv1d", SERIES, x, kernel, options));
  const image = transpose(expandDims(x, 1), [1, 2, 0, 3]);
  const outputs = convolve(image, expandDims(kernel, 0), geometry);
  return squeeze(transpose(outputs, [2, 0, 1, 3]), [1]);
}

/** Largest in each window of a series [batch, length, channels]; equal ones share the gradient. */
export function maxPool1d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("maxPool1d", SERIES, LARGEST, x, options);
}

/** Mean of each window of a series [batch, length, channels]. */
export function averagePool1d(x: Tensor, options: PoolingOptions = {}): Tensor {
  return pool("averagePool1d", SERIES, MEAN, x, options);
}
