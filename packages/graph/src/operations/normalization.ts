/**
 * Normalization of activations over layers and batches, and dropout.
 */
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { hostTensor } from "../host-tensor.js";
import { first } from "../leaves.js";
import { definePrimitive, type LowerContext } from "../primitive.js";
import { formatShape, multiplyDims, normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { cast, greaterEqual } from "./comparison.js";
import { add, div, mul, neg, sqrt, sub } from "./elementwise.js";
import { broadcastTo, reshape } from "./movement.js";
import { elementCount, mean } from "./reduction.js";
import { emitSum } from "./reduction-nodes.js";

interface StandardizeAttributes {
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/**
 * (x - m) s with the mean m, the variance v and s = 1 / √(v + ε), all four as outputs. With x̂ the first of them,
 *
 *     x̄ = s (g - mean(g) - x̂ mean(g x̂)) + (m̄ + (2 v̄ / s - s² s̄) x̂) / n
 *
 * (Ioffe & Szegedy 2015, arXiv 1502.03167, section 3).
 */
const applyStandardize = definePrimitive<StandardizeAttributes>({
  name: "standardize",
  infer: (inputs, { axes }) => {
    const { shape, dtype } = first(inputs);
    const moment = { shape: shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)), dtype };
    return [{ shape, dtype }, moment, moment, moment];
  },
  gradient: ({ inputs, outputs, cotangents: [g, ofMean, ofVariance, ofScale], attributes }) => {
    const x = first(inputs);
    const [y, , , scale] = outputs;
    if (y === undefined || scale === undefined) return [];
    const over = { axes: attributes.axes, keepDims: true };
    const parts: Tensor[] = [];
    if (g !== undefined) {
      const along = add(mean(g, over), mul(y, mean(mul(g, y), over)));
      parts.push(mul(scale, sub(g, along)));
    }
    const slopes = [
      ...(ofVariance ? [div(mul(2, ofVariance), scale)] : []),
      ...(ofScale ? [neg(mul(mul(scale, scale), ofScale))] : []),
    ];
    const share = (total: Tensor): Tensor => shareOf(total, x, attributes.axes);
    if (slopes.length > 0) parts.push(mul(y, share(slopes.reduce((a, b) => add(a, b)))));
    if (ofMean !== undefined) parts.push(broadcastTo(share(ofMean), x.shape, x));
    return [parts.reduce((a, b) => add(a, b))];
  },
  lower: lowerStandardize,
});

/** The part of a total that belongs to each element reduced. */
function shareOf(total: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const count = multiplyDims(x.shape.filter((_, axis) => axes.includes(axis)));
  if (typeof count === "number") return mul(total, 1 / count);
  return mul(total, div(elementCount(total, x.dtype), elementCount(x, x.dtype)));
}

function lowerStandardize(context: LowerContext<StandardizeAttributes>): readonly string[] {
  const {
    inputs: [x = ""],
    inputTypes: [type],
    attributes: { axes, epsilon },
  } = context;
  const { emit, emitMany, constant, scalar } = context;
  const { shape, dtype } = type ?? { shape: [], dtype: "float32" };
  const average = (name: string): string =>
    emitSum(context, "ReduceMean", { name, shape, dtype, axes, keepDims: true });
  const mean = average(x);
  const centred = emit("Sub", [x, mean]);
  const variance = average(emit("Mul", [centred, centred]));
  const size = shape.at(-1);
  // One node does it all over the last axis, in half the time (natively; as WebAssembly it is slower than its parts). In
  // double precision the runtime would return its moments as float32.
  if (axes.join() === String(shape.length - 1) && typeof size === "number" && dtype === "float32") {
    const ones = constant(hostTensor(new Float32Array(size).fill(1), [size]));
    const [y = "", m = "", scale = ""] = emitMany("LayerNormalization", [x, ones], 3, {
      axis: { type: "int", value: -1 },
      epsilon: { type: "float", value: epsilon },
    });
    return [y, m, variance, scale];
  }
  const deviation = emit("Sqrt", [emit("Add", [variance, scalar(epsilon, dtype)])]);
  const scale = emit("Reciprocal", [deviation]);
  return [emit("Mul", [centred, scale]), mean, variance, scale];
}

/** A vector along one axis of x, in a shape that broadcasts against it. */
function along(operation: string, name: string, vector: Tensor, x: Tensor, axis: number): Tensor {
  const size = x.shape[axis] ?? 1;
  if (vector.rank !== 1 || vector.shape[0] !== size || vector.dtype !== x.dtype) {
    throw new ShapeError(
      `${operation}: along axis ${axis} of ${x.dtype}${formatShape(x.shape)} the ${name} must be ${x.dtype}[${size}], but is ${vector.dtype}${formatShape(vector.shape)}`,
    );
  }
  const after = x.rank - 1 - axis;
  return reshape(vector, [size, ...Array.from({ length: after }, () => 1)]);
}

function requireFloat(operation: string, x: Tensor): void {
  if (x.rank === 0 || !x.dtype.startsWith("float")) {
    throw new ShapeError(
      `${operation} needs a float tensor with axes, but was given ${x.toString()}`,
    );
  }
}

/** The axis that is normalised over, and what is added to the variance. */
export interface LayerNormOptions {
  readonly axis?: number;
  readonly epsilon?: number;
}

/**
 * gain · (x - mean) / √(variance + ε) + bias, mean and variance taken over one axis of each example
 * (Ba et al. 2016, arXiv 1607.06450).
 *
 * @param x [..., n]
 * @param gain [n]
 * @param bias [n]
 * @throws ShapeError where gain or bias do not fit the axis
 */
export function layerNorm(
  x: Tensor,
  gain: Tensor,
  bias: Tensor,
  { axis = -1, epsilon = 1e-5 }: LayerNormOptions = {},
): Tensor {
  requireFloat("layerNorm", x);
  const at = normalizeAxis("layerNorm", axis, x.rank);
  const scale = along("layerNorm", "gain", gain, x, at);
  const shift = along("layerNorm", "bias", bias, x, at);
  return add(mul(first(applyStandardize([x], { axes: [at], epsilon })), scale), shift);
}

/** Statistics to use instead of the batch's, the axis of the channels, and what is added to the variance. */
export interface BatchNormOptions {
  /** [channels]; with `variance`, for inference: running statistics kept during training. */
  readonly mean?: Tensor;
  /** [channels] */
  readonly variance?: Tensor;
  readonly axis?: number;
  readonly epsilon?: number;
}

/** Normalised values, and the statistics used: the batch's, or those given. */
export interface BatchNormResult {
  readonly y: Tensor;
  /** [channels] */
  readonly mean: Tensor;
  /** [channels]; of a batch, the mean squared deviation. */
  readonly variance: Tensor;
}

/**
 * gain · (x - mean) / √(variance + ε) + bias for each channel, mean and variance taken over all other axes
 * (Ioffe & Szegedy 2015, arXiv 1502.03167).
 *
 * @param x [batch, ..., channels], or with the channels along `axis`
 * @param gain [channels]
 * @param bias [channels]
 * @throws ShapeError where a vector does not fit the channels
 * @throws InvalidArgumentError where only one of mean and variance is given
 * @example
 * const { y, mean, variance } = batchNorm(x, gain, bias);               // training
 * const inferred = batchNorm(x, gain, bias, { mean, variance }).y;      // inference, with running statistics
 */
export function batchNorm(
  x: Tensor,
  gain: Tensor,
  bias: Tensor,
  { mean: givenMean, variance: givenVariance, axis = -1, epsilon = 1e-5 }: BatchNormOptions = {},
): BatchNormResult {
  requireFloat("batchNorm", x);
  const at = normalizeAxis("batchNorm", axis, x.rank);
  const fit = (name: string, vector: Tensor): Tensor => along("batchNorm", name, vector, x, at);
  const [scale, shift] = [fit("gain", gain), fit("bias", bias)];
  if ((givenMean === undefined) !== (givenVariance === undefined)) {
    throw new InvalidArgumentError("batchNorm: give both mean and variance, or neither");
  }
  if (givenMean !== undefined && givenVariance !== undefined) {
    const factor = div(scale, sqrt(add(fit("variance", givenVariance), epsilon)));
    const offset = sub(shift, mul(fit("mean", givenMean), factor));
    return { y: add(mul(x, factor), offset), mean: givenMean, variance: givenVariance };
  }
  const axes = x.shape.flatMap((_, i) => (i === at ? [] : [i]));
  const [standard, mean, variance] = applyStandardize([x], { axes, epsilon });
  if (standard === undefined || mean === undefined || variance === undefined) {
    throw new ShapeError("standardize gave nothing");
  }
  return {
    y: add(mul(standard, scale), shift),
    mean: reshape(mean, gain.shape),
    variance: reshape(variance, gain.shape),
  };
}

/**
 * x / (1 - rate) where noise ≥ rate, 0 elsewhere: each element is dropped with probability `rate`, and the mean is kept
 * (Srivastava et al. 2014).
 *
 * @param noise uniform on [0, 1), of x's shape or one that broadcasts to it; new for each training step
 * @param rate 0 ≤ rate < 1
 */
export function dropout(x: Tensor, noise: Tensor, rate: number): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new InvalidArgumentError(`dropout: the rate must be in [0, 1), but is ${rate}`);
  }
  if (rate === 0) return x;
  return mul(x, mul(cast(greaterEqual(noise, rate), x.dtype), 1 / (1 - rate)));
}
