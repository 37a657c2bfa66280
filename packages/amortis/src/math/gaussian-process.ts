/**
 * Regression by a Gaussian process (Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", chapters 2 and 5): a smooth function of a few numbers, and what
 * each of its examples is off by when it is predicted from the others.
 *
 *     y = f(x) + ε,      Cov f = σ² k,      Var ε = σ² v.
 *
 * The parameters of k (gaussian-process-kernel.ts) and v maximise the marginal likelihood of a few hundred examples, with the best σ² for each,
 *
 *     n/2 · log(yᵀ C⁻¹ y / n) + ½ log |C|,      C = K + v I,
 *
 * and the function is then that of more examples.
 */
import { choleskyFactor } from "./cholesky.js";
import {
  combination,
  countOf,
  covariance,
  firstPoints,
  kernelGradient,
  type KernelParameters,
  type Points,
} from "./gaussian-process-kernel.js";

/** A function learned from examples. */
export interface GaussianProcess {
  /** E[f(x)] at each of these points. */
  readonly mean: (points: Points) => Float64Array;
  /** yᵢ - E[yᵢ | the other examples], of those it was learned from. */
  readonly leftOut: Float64Array;
}

/** Examples by which parameters are found. */
const TRIED = 200;

/** Logarithms of w, b and v begin there, and stay within bounds. */
const START = { weight: -1, linear: -1, noise: -3 } as const;
const [LEAST, MOST] = [-12, 5];

/** Steps of the search, and their sizes: at first, at most, and how they grow and shrink. */
const STEPS = 30;
const STEP = { first: 0.4, most: 1, grow: 1.3, shrink: 0.5 } as const;

/** Beside the noise, for rounding. */
const JITTER = 1e-7;

/** A linear function, little held back. */
const LINEAR = { linear: 100, noise: 1 } as const;

/** What the squared errors must come down to beside those of a linear function, for a smooth one to be worth having. */
const WORTH = 0.9;

/** Of what a covariance with noise is made. */
export interface ProcessParameters extends KernelParameters {
  /** v. */
  readonly noise: number;
}

/**
 * A smooth function of x, learned from examples.
 *
 * @param y one for each point, of about unit scale.
 * @returns undefined where a linear function predicts about as well, or the numbers allow none.
 */
export function gaussianProcess(x: Points, y: Float64Array): GaussianProcess | undefined {
  const count = Math.min(TRIED, y.length);
  const [some, part] = [firstPoints(x, count), y.subarray(0, count)];
  const found = search(some, part);
  const smooth = processOf(some, part, found);
  const linear = processOf(some, part, { ...LINEAR, weights: new Float64Array(x.size) });
  if (smooth === undefined || linear === undefined) return undefined;
  if (!(meanSquare(smooth.leftOut) < WORTH * meanSquare(linear.leftOut))) return undefined;
  return y.length > count ? processOf(x, y, found) : smooth;
}

/** The function of these parameters; undefined where the covariance is not positive definite. */
export function processOf(
  x: Points,
  y: Float64Array,
  parameters: ProcessParameters,
): GaussianProcess | undefined {
  const inverse = inverseFactor(x, parameters)?.inverse;
  if (inverse === undefined) return undefined;
  const n = y.length;
  const alpha = solved(inverse, y);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) diagonal[j] = (diagonal[j] ?? 0) + (inverse[i * n + j] ?? 0) ** 2;
  }
  return {
    mean: (points) => combination(points, x, alpha, parameters),
    leftOut: alpha.map((a, i) => a / (diagonal[i] ?? 1)),
  };
}

/** L⁻¹ of C = L Lᵀ, and log |C|; undefined where C is not positive definite. */
function inverseFactor(
  x: Points,
  parameters: ProcessParameters,
): { readonly inverse: Float64Array; readonly logDeterminant: number } | undefined {
  const n = countOf(x);
  const factor = choleskyFactor(covariance(x, parameters, parameters.noise + JITTER), n);
  if (factor === undefined) return undefined;
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(factor[i * n + i] ?? 1);
  return { inverse: invertedLower(factor, n), logDeterminant };
}

/** L⁻¹ row by row, each from the rows before it. */
function invertedLower(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = 1 / (factor[i * n + i] ?? 1);
    const row = inverse.subarray(i * n, i * n + i + 1);
    for (let k = 0; k < i; k++) {
      const share = -own * (factor[i * n + k] ?? 0);
      for (let j = 0; j <= k; j++) row[j] = (row[j] ?? 0) + share * (inverse[k * n + j] ?? 0);
    }
    row[i] = own;
  }
  return inverse;
}

/** L⁻ᵀ L⁻¹ y. */
function solved(inverse: Float64Array, y: Float64Array): Float64Array {
  const n = y.length;
  const alpha = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let half = 0;
    for (let j = 0; j <= i; j++) half += (inverse[i * n + j] ?? 0) * (y[j] ?? 0);
    for (let j = 0; j <= i; j++) alpha[j] = (alpha[j] ?? 0) + (inverse[i * n + j] ?? 0) * half;
  }
  return alpha;
}

/** Minus the logarithm of the marginal likelihood, up to a constant, and its gradient in the logarithms of w, b and v; undefined where there is none. */
export function negativeEvidence(
  x: Points,
  y: Float64Array,
  logs: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } | undefined {
  const parameters = parametersAt(logs);
  const factored = inverseFactor(x, parameters);
  if (factored === undefined) return undefined;
  const { inverse, logDeterminant } = factored;
  const n = y.length;
  const alpha = solved(inverse, y);
  const variance = alpha.reduce((total, a, i) => total + a * (y[i] ?? 0), 0) / n;
  // ½ (C⁻¹ - α αᵀ / σ²), its lower triangle: the derivative with respect to C.
  const g = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = (-(alpha[i] ?? 0) * (alpha[j] ?? 0)) / variance;
      for (let k = i; k < n; k++) value += (inverse[k * n + i] ?? 0) * (inverse[k * n + j] ?? 0);
      g[i * n + j] = value / 2;
    }
  }
  const kernel = kernelGradient(x, parameters, g);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += g[i * n + i] ?? 0;
  return {
    value: 0.5 * n * Math.log(variance) + 0.5 * logDeterminant,
    gradient: Float64Array.from([...kernel.weights, kernel.linear, trace * parameters.noise]),
  };
}

function parametersAt(logs: Float64Array): ProcessParameters {
  const values = logs.map(Math.exp);
  const size = logs.length - 2;
  return {
    weights: values.subarray(0, size),
    linear: values[size] ?? 0,
    noise: values[size + 1] ?? 1,
  };
}

/** The best parameters that were met, by steps that go by the signs of derivatives (Riedmiller & Braun 1993, "RPROP"). */
function search(x: Points, y: Float64Array): ProcessParameters {
  const logs = new Float64Array(x.size + 2).fill(START.weight);
  logs.set([START.linear, START.noise], x.size);
  const sizes = logs.map(() => STEP.first);
  let best = { value: Infinity, logs: logs.slice() };
  let before: Float64Array = logs.map(() => 0);
  for (let step = 0; step < STEPS; step++) {
    const found = negativeEvidence(x, y, logs);
    if (found === undefined) break;
    if (found.value < best.value) best = { value: found.value, logs: logs.slice() };
    const { gradient } = found;
    for (const [i, slope] of gradient.entries()) {
      const turned = slope * (before[i] ?? 0);
      const factor = turned > 0 ? STEP.grow : turned < 0 ? STEP.shrink : 1;
      sizes[i] = Math.min(STEP.most, (sizes[i] ?? 0) * factor);
      const next = (logs[i] ?? 0) - Math.sign(slope) * (sizes[i] ?? 0);
      logs[i] = Math.min(MOST, Math.max(LEAST, next));
    }
    before = gradient;
  }
  return parametersAt(best.logs);
}

function meanSquare(values: Float64Array): number {
  return values.reduce((total, value) => total + value * value, 0) / values.length;
}
