/**
 * The special functions of the engine, each beside its value and derivative in double precision, and what it may be off by.
 *
 * Read by the tests, and by `npm run experiment:special`, which writes the table of docs/engine.md.
 */
import * as graph from "../../src/index.js";
import type { Tensor } from "../../src/tensor.js";
import { erf, logisticDensity, normalCdf, normalDensity, sigmoid, softplus } from "./reference.js";

/** One function. */
export interface SpecialFunction {
  readonly name: string;
  readonly of: (x: Tensor) => Tensor;
  readonly value: (x: number) => number;
  /** Derivative; undefined where x has none. */
  readonly slope: (x: number) => number;
  /**
   * Float32 roundings that value and derivative may be off by on any runtime: the least whole number above what docs/engine.md has of any, so that another processor's order of operations fits;
   * zero where arithmetic itself rounds once.
   */
  readonly roundings: readonly [value: number, slope: number];
  /** Size of what the derivative is a sum of, where that may cancel: roundings are of this. */
  readonly scale?: (x: number) => number;
  /** The same of the value. */
  readonly valueScale?: (x: number) => number;
  /** What is lost below the smallest normal numbers. */
  readonly floor?: number;
}

// ONNX Runtime's Tanh loses digits below 2e-36: up to a hundred of the smallest denormal numbers.
const TANH_FLOOR = 3e-43;

const fround = Math.fround;

/** x · p where p may be zero and x infinite: the limit. */
const times = (x: number, p: number): number => (p === 0 ? 0 : x * p);

/** Where x is out of the domain the slope is NaN as well. */
export const SPECIAL: readonly SpecialFunction[] = [
  { name: "exp", of: graph.exp, value: Math.exp, slope: Math.exp, roundings: [2, 2] },
  { name: "log", of: graph.log, value: Math.log, slope: (x) => 1 / x, roundings: [3, 0] },
  {
    name: "log1p",
    of: graph.log1p,
    value: Math.log1p,
    slope: (x) => 1 / (1 + x),
    roundings: [3, 2],
  },
  {
    name: "expm1",
    of: graph.expm1,
    value: Math.expm1,
    slope: Math.exp,
    roundings: [6, 2],
    floor: TANH_FLOOR,
  },
  {
    name: "sqrt",
    of: graph.sqrt,
    value: Math.sqrt,
    slope: (x) => 0.5 / Math.sqrt(x),
    roundings: [0, 2],
  },
  {
    name: "reciprocal",
    of: graph.reciprocal,
    value: (x) => 1 / x,
    slope: (x) => -1 / (x * x),
    roundings: [0, 2],
  },
  { name: "sin", of: graph.sin, value: Math.sin, slope: Math.cos, roundings: [2, 2] },
  {
    name: "cos",
    of: graph.cos,
    value: Math.cos,
    slope: (x) => -Math.sin(x),
    roundings: [2, 2],
  },
  {
    name: "sigmoid",
    of: graph.sigmoid,
    value: sigmoid,
    slope: logisticDensity,
    roundings: [4, 6],
  },
  {
    name: "log(sigmoid)",
    of: (x) => graph.log(graph.sigmoid(x)),
    value: (x) => -softplus(-x),
    slope: (x) => sigmoid(-x),
    roundings: [4, 4],
  },
  {
    name: "logSigmoid",
    of: graph.logSigmoid,
    value: (x) => -softplus(-x),
    slope: (x) => sigmoid(-x),
    roundings: [4, 4],
  },
  {
    name: "softplus",
    of: graph.softplus,
    value: softplus,
    slope: sigmoid,
    roundings: [4, 4],
  },
  {
    name: "tanh",
    of: graph.tanh,
    value: Math.tanh,
    slope: (x) => 1 / Math.cosh(x) ** 2,
    roundings: [5, 5],
    floor: TANH_FLOOR,
  },
  {
    name: "erf",
    of: graph.erf,
    value: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    roundings: [1, 3],
  },
  {
    name: "normalCdf",
    of: graph.normalCdf,
    value: normalCdf,
    slope: normalDensity,
    roundings: [6, 3],
  },
  {
    name: "gelu",
    of: graph.gelu,
    value: (x) => times(x, normalCdf(x)),
    slope: (x) => normalCdf(x) + times(x, normalDensity(x)),
    scale: (x) => normalCdf(x) + Math.abs(times(x, normalDensity(x))),
    roundings: [6, 4],
    floor: 3e-43,
  },
  {
    name: "silu",
    of: graph.silu,
    value: (x) => times(x, sigmoid(x)),
    slope: (x) => sigmoid(x) + times(x, logisticDensity(x)),
    scale: (x) => sigmoid(x) + Math.abs(times(x, logisticDensity(x))),
    roundings: [3, 3],
    floor: 3e-43,
  },
  {
    name: "elu",
    of: graph.elu,
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    slope: (x) => Math.exp(Math.min(x, 0)),
    roundings: [6, 2],
    floor: TANH_FLOOR,
  },
  {
    name: "relu",
    of: graph.relu,
    value: (x) => (x < 0 ? 0 : x),
    // A denormal number counts in part: min(1, x · 3e38) is a third of the passes that a comparison takes.
    slope: (x) => Math.min(1, Math.max(0, x) * fround(3e38)),
    roundings: [0, 0],
  },
  {
    name: "leakyRelu",
    of: (x) => graph.leakyRelu(x, 0.01),
    value: (x) => (x < 0 ? x * fround(0.01) : x),
    slope: (x) => (x > 0 ? 1 : fround(0.01)),
    roundings: [0, 0],
  },
  {
    name: "abs",
    of: graph.abs,
    value: Math.abs,
    slope: Math.sign,
    roundings: [0, 0],
  },
  {
    name: "pow(x, 3)",
    of: (x) => graph.pow(x, 3),
    value: (x) => x ** 3,
    slope: (x) => 3 * x * x,
    roundings: [2, 2],
  },
  {
    name: "pow(x, 2.5)",
    of: (x) => graph.pow(x, 2.5),
    value: (x) => x ** 2.5,
    slope: (x) => 2.5 * x ** 1.5,
    roundings: [1, 2],
  },
  {
    name: "pow(x, -2)",
    of: (x) => graph.pow(x, -2),
    value: (x) => x ** -2,
    slope: (x) => -2 * x ** -3,
    roundings: [1, 2],
  },
  {
    name: "pow(x, 1/2)",
    of: (x) => graph.pow(x, 0.5),
    value: (x) => x ** 0.5,
    slope: (x) => 0.5 * x ** -0.5,
    roundings: [1, 1],
  },
  {
    name: "clip(x, -1)",
    of: (x) => graph.clip(x, -1),
    value: (x) => Math.max(x, -1),
    slope: (x) => (x >= -1 ? 1 : 0),
    roundings: [0, 0],
  },
  {
    name: "clip(x, -∞, 2)",
    of: (x) => graph.clip(x, -Infinity, 2),
    value: (x) => Math.min(x, 2),
    slope: (x) => (x <= 2 ? 1 : 0),
    roundings: [0, 0],
  },
  {
    name: "softmax(x, 0)",
    of: (x) => firstOf(graph.softmax(besideZero(x))),
    value: (x) => fromInfinity(x) ?? sigmoid(x),
    slope: (x) => fromInfinity(x) ?? logisticDensity(x),
    scale: sigmoid,
    // ONNX Runtime for the web takes denormal shares for zero.
    floor: 2 ** -126,
    roundings: [3, 3],
  },
  {
    name: "log softmax(x, 0)",
    of: (x) => firstOf(graph.logSoftmax(besideZero(x))),
    value: (x) => fromInfinity(x) ?? -softplus(-x),
    valueScale: () => 1,
    slope: (x) => fromInfinity(x) ?? sigmoid(-x),
    scale: () => 1,
    roundings: [2, 1],
  },
  {
    name: "log(eˣ + 1)",
    of: (x) => graph.logSumExp(besideZero(x), { axes: [1] }),
    value: softplus,
    valueScale: () => 1,
    slope: (x) => (x === Infinity ? Number.NaN : sigmoid(x)),
    scale: () => 1,
    roundings: [2, 5],
  },
];

/** [n, 2]: softmax and its kin of x and of zero are the logistic function and its kin. */
function besideZero(x: Tensor): Tensor {
  return graph.stack([x, graph.zerosLike(x)], 1);
}

function firstOf(pairs: Tensor): Tensor {
  return graph.squeeze(graph.slice(pairs, 1, 0, 1), [1]);
}

/** ∞ - ∞ is no number: softmax has no value where one of its numbers is infinite. */
function fromInfinity(x: number): number | undefined {
  return x === Infinity ? Number.NaN : undefined;
}

/**
 * Numbers of every size and sign: powers of two and what lies between from the smallest denormal to the largest number, a fine
 * grid where functions bend, NaN and both infinities. In an order that puts NaN among others.
 */
export function everyNumber(): Float32Array {
  const largest = 3.4028234663852886e38;
  const numbers = [0, -0, Infinity, -Infinity, largest, -largest];
  for (let e = -149; e < 128; e++) {
    for (const m of [1, 1.3, 1.77]) numbers.push(m * 2 ** e, -m * 2 ** e);
  }
  for (let i = -1500; i <= 1500; i++) numbers.push(i * 0.0737);
  for (let i = -3000; i <= 3000; i++) numbers.push(i * 0.0031);
  const sorted = Float32Array.from(numbers).toSorted();
  return Float32Array.from([Number.NaN, ...sorted.slice(0, 777), Number.NaN, ...sorted.slice(777)]);
}

/** Distance between float32 numbers at the size of a value; that of denormal numbers for what is smaller. */
export function spacing(value: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** Math.max(-149, (Number.isFinite(exponent) ? exponent : -149) - 23);
}

/**
 * How far a float32 result is from the true value, in roundings; infinite where one is NaN or infinite and the other is not.
 *
 * @param scale roundings are of this size, where it is larger than the value.
 */
export function roundingsOff(found: number, exact: number, scale = 0): number {
  const nearest = fround(exact);
  if (Object.is(found, nearest) || found === nearest) return 0;
  if (!Number.isFinite(found) || !Number.isFinite(nearest)) {
    // Beside the largest number, infinity is one rounding away.
    const edge = Math.abs(exact) > 3.402e38 && Math.abs(exact) < 3.404e38;
    return edge && Math.sign(found) === Math.sign(exact) ? 1 : Infinity;
  }
  return Math.abs(found - exact) / spacing(Math.max(Math.abs(exact), scale));
}
