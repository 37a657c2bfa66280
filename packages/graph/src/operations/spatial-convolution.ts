/**
 * Convolution with the spatial axes outermost: x [height, width, batch, channels].
 *
 * In this layout every way of computing a convolution moves data in long contiguous runs, or not at all:
 *
 * - `gather`: patches are rows of the map picked by constant indices, one gather for all; for few channels.
 * - `winograd`: 3×3 kernels over small maps are products with constant matrices (winograd.ts).
 * - `im2col`: slices of the padded map side by side, one product; everything else.
 *
 * Outputs may be asked for in any order of places, which makes pooling free of strided access: see pooling.ts.
 */
import { ShapeError } from "../errors.js";
import { customGradient } from "../gradient.js";
import { constant } from "../leaves.js";
import { formatShape, staticDim, type Dim } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { gather } from "./indexing.js";
import { matmul } from "./linear.js";
import { concat, flip, pad, reshape, slice, transpose } from "./movement.js";
import {
  inputTransform,
  kernelTransform,
  outputTransform,
  tileCount,
  type Extent,
} from "./winograd.js";

/** Border and step of a convolution along its two axes. */
export interface ConvolutionGeometry {
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

interface Sizes extends ConvolutionGeometry {
  readonly height: number;
  readonly width: number;
  readonly batch: Dim;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly filters: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/** Channels up to which patches are gathered row by row. */
const FEW_CHANNELS = 4;
/** Pixels up to which the dense transforms of Winograd's algorithm cost less than they save. */
const SMALL_MAP = 100;

function measure(x: Tensor, kernel: Tensor, geometry: ConvolutionGeometry): Sizes {
  if (
    x.rank !== 4 ||
    kernel.rank !== 4 ||
    x.shape[3] !== kernel.shape[2] ||
    x.dtype !== kernel.dtype
  ) {
    throw new ShapeError(
      `convolution: map ${x.dtype}${formatShape(x.shape)} and kernel ${kernel.dtype}${formatShape(kernel.shape)} do not fit; needs [height, width, batch, in] and [kernel height, kernel width, in, out]`,
    );
  }
  const size = (tensor: Tensor, axis: number): number =>
    staticDim(tensor.shape, axis, "convolution");
  const [height, width, channels] = [size(x, 0), size(x, 1), size(x, 3)];
  const [kernelHeight, kernelWidth, filters] = [size(kernel, 0), size(kernel, 1), size(kernel, 3)];
  const outputs = (axis: 0 | 1, length: number, kernelLength: number): number => {
    const [lo, hi] = geometry.padding[axis];
    const reach = geometry.dilation[axis] * (kernelLength - 1) + 1;
    return Math.floor((length + lo + hi - reach) / geometry.stride[axis]) + 1;
  };
  const outputHeight = outputs(0, height, kernelHeight);
  const outputWidth = outputs(1, width, kernelWidth);
  if (outputHeight < 1 || outputWidth < 1) {
    throw new ShapeError(
      `convolution: a kernel of ${kernelHeight}×${kernelWidth} does not fit into a map of ${height}×${width}`,
    );
  }
  const batch = x.shape[2] ?? 1;
  return {
    ...geometry,
    height,
    width,
    batch,
    channels,
    kernelHeight,
    kernelWidth,
    filters,
    outputHeight,
    outputWidth,
  };
}

/**
 * Convolution (as networks mean it: correlation) of a map, at given places.
 *
 * @param x [height, width, batch, in]
 * @param kernel [kernel height, kernel width, in, out]
 * @param places outputs wanted, as y · output width + x; by default all in order.
 * @returns [places, batch, out]
 */
export function convolveAt(
  x: Tensor,
  kernel: Tensor,
  geometry: ConvolutionGeometry,
  places?: readonly number[],
): Tensor {
  const sizes = measure(x, kernel, geometry);
  const all = Array.from({ length: sizes.outputHeight * sizes.outputWidth }, (_, i) => i);
  const wanted = places ?? all;
  if (sizes.channels <= FEW_CHANNELS) return byGather(x, kernel, sizes, wanted);
  const minimal =
    sizes.kernelHeight === 3 &&
    sizes.kernelWidth === 3 &&
    [...sizes.stride, ...sizes.dilation].every((n) => n === 1) &&
    sizes.height * sizes.width <= SMALL_MAP &&
    sizes.filters >= 8;
  if (minimal) return byWinograd(x, kernel, sizes, wanted);
  const columns = byIm2col(x, kernel, sizes);
  if (places === undefined) return columns;
  return gather(columns, constant(wanted, [wanted.length], "int64"), 0);
}

/** Output size of a convolution along both axes. */
export function outputSize(
  x: Tensor,
  kernel: Tensor,
  geometry: ConvolutionGeometry,
): readonly [number, number] {
  const { outputHeight, outputWidth } = measure(x, kernel, geometry);
  return [outputHeight, outputWidth];
}

function byGather(x: Tensor, kernel: Tensor, sizes: Sizes, places: readonly number[]): Tensor {
  const { height, width, batch, channels, kernelHeight, kernelWidth, filters, outputWidth } = sizes;
  const { padding, stride, dilation } = sizes;
  // Rows are (pixel, channel), each the whole batch; one more of zeros stands for the border.
  const byChannel =
    channels === 1 ? reshape(x, [height, width, 1, batch]) : transpose(x, [0, 1, 3, 2]);
  const border = height * width * channels;
  const rows = pad(reshape(byChannel, [border, batch]), [
    [0, 1],
    [0, 0],
  ]);
  const indices: number[] = [];
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      for (let c = 0; c < channels; c++) {
        for (const place of places) {
          const y = Math.floor(place / outputWidth) * stride[0] + ky * dilation[0] - padding[0][0];
          const px = (place % outputWidth) * stride[1] + kx * dilation[1] - padding[1][0];
          const inside = y >= 0 && y < height && px >= 0 && px < width;
          indices.push(inside ? (y * width + px) * channels + c : border);
        }
      }
    }
  }
  const inner = kernelHeight * kernelWidth * channels;
  const patches = reshape(gather(rows, constant(indices, [indices.length], "int64"), 0), [
    inner,
    -1,
  ]);
  const outputs = matmul(patches, reshape(kernel, [inner, filters]), { transposeA: true });
  return reshape(outputs, [places.length, batch, filters]);
}

function byWinograd(x: Tensor, kernel: Tensor, sizes: Sizes, places: readonly number[]): Tensor {
  const { height, width, batch, channels, filters, padding, outputHeight, outputWidth } = sizes;
  const extent: Extent = {
    height,
    width,
    top: padding[0][0],
    left: padding[1][0],
    outputHeight,
    outputWidth,
  };
  const tiles = tileCount(extent);
  const { dtype } = x;
  const forward = constant(inputTransform(extent), [36 * tiles, height * width], dtype);
  const backward = constant(outputTransform(extent, places), [places.length, 36 * tiles], dtype);
  const spectrum = matmul(forward, reshape(x, [height * width, -1]));
  const kernels = matmul(constant(kernelTransform(), [36, 9], dtype), reshape(kernel, [9, -1]));
  const products = matmul(
    reshape(spectrum, [36, -1, channels]),
    reshape(kernels, [36, channels, filters]),
  );
  const outputs = matmul(backward, reshape(products, [36 * tiles, -1]));
  return reshape(outputs, [places.length, batch, filters]);
}

function byIm2col(x: Tensor, kernel: Tensor, sizes: Sizes): Tensor {
  const { batch, channels, kernelHeight, kernelWidth, filters, outputHeight, outputWidth } = sizes;
  const columns = patchColumns(x, sizes);
  const inner = kernelHeight * kernelWidth * channels;
  const weights = reshape(kernel, [inner, filters]);
  const outputs = reshape(matmul(columns, weights), [outputHeight * outputWidth, batch, filters]);
  const unit = [...sizes.stride, ...sizes.dilation].every((n) => n === 1);
  if (!unit) return outputs;
  // The gradient of the map is itself a convolution, of the cotangent with the kernel turned around: cheaper than adding up
  // the cotangents of all patches.
  return customGradient(outputs, [x, kernel], (g) => {
    const flatG = reshape(g, [-1, filters]);
    const gKernel = reshape(matmul(columns, flatG, { transposeA: true }), kernel.shape);
    const turned = transpose(flip(flip(kernel, 0), 1), [0, 1, 3, 2]);
    const map = reshape(g, [outputHeight, outputWidth, batch, filters]);
    const opposite = (axis: 0 | 1, kernelLength: number): readonly [number, number] => [
      kernelLength - 1 - sizes.padding[axis][0],
      kernelLength - 1 - sizes.padding[axis][1],
    ];
    const vertical = opposite(0, kernelHeight);
    const horizontal = opposite(1, kernelWidth);
    if ([...vertical, ...horizontal].some((n) => n < 0)) {
      throw new ShapeError("convolution: a border wider than the kernel minus one has no gradient");
    }
    const back = convolveAt(map, turned, {
      padding: [vertical, horizontal],
      stride: [1, 1],
      dilation: [1, 1],
    });
    return [reshape(back, x.shape), gKernel];
  });
}

/** [places · batch, kernel height · kernel width · channels] */
function patchColumns(x: Tensor, sizes: Sizes): Tensor {
  const {
    kernelHeight,
    kernelWidth,
    channels,
    outputHeight,
    outputWidth,
    padding,
    stride,
    dilation,
  } = sizes;
  const padded = pad(x, [padding[0], padding[1], [0, 0], [0, 0]]);
  const taps: Tensor[] = [];
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const [y, px] = [ky * dilation[0], kx * dilation[1]];
      const rows = slice(padded, 0, y, y + (outputHeight - 1) * stride[0] + 1, stride[0]);
      taps.push(slice(rows, 1, px, px + (outputWidth - 1) * stride[1] + 1, stride[1]));
    }
  }
  return reshape(concat(taps, -1), [-1, kernelHeight * kernelWidth * channels]);
}
