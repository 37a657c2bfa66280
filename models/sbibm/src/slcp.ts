/**
 * slcp: a simple likelihood with a complex posterior.
 *
 *   θ ~ U(-3, 3)⁵,   x = four independent draws of N(m, S),   m = (θ₁, θ₂),   S = [s₁² + ε, ρ s₁ s₂; ρ s₁ s₂, s₂² + ε],
 *   s₁ = θ₃²,   s₂ = θ₄²,   ρ = tanh θ₅,   ε = 1e-6
 *
 * Four modes: the signs of θ₃ and θ₄ do not matter. References: Papamakarios, Sterratt and Murray (2019), arXiv 1805.07226; Lueckmann et al. (2021),
 * arXiv 2101.04653, T.3.
 */
import { defineModel, independent, uniform, type Stream } from "amortis";

const POINTS = 4;
const JITTER = 1e-6;
const LOG_2PI = Math.log(2 * Math.PI);

/** Lower Cholesky factor of S: [l₁₁, l₂₁, l₂₂]. */
function factor(theta: ArrayLike<number>): readonly [number, number, number] {
  const [first, second] = [(theta[2] ?? 0) ** 2, (theta[3] ?? 0) ** 2];
  const l11 = Math.sqrt(first * first + JITTER);
  const l21 = (Math.tanh(theta[4] ?? 0) * first * second) / l11;
  return [l11, l21, Math.sqrt(second * second + JITTER - l21 * l21)];
}

/** Four points of the plane, [8], one after another. */
export function drawPoints(theta: ArrayLike<number>, random: Stream): Float64Array {
  const [l11, l21, l22] = factor(theta);
  const x = new Float64Array(2 * POINTS);
  for (let j = 0; j < POINTS; j++) {
    const [a, b] = [random.normal(), random.normal()];
    x[2 * j] = (theta[0] ?? 0) + l11 * a;
    x[2 * j + 1] = (theta[1] ?? 0) + l21 * a + l22 * b;
  }
  return x;
}

/** The prior of both tasks with these parameters. */
export const prior = independent(Array.from({ length: 5 }, () => uniform(-3, 3)));

/** log p(x | θ) of the eight numbers. */
export function logDensityOfPoints(theta: ArrayLike<number>, x: ArrayLike<number>): number {
  const [l11, l21, l22] = factor(theta);
  let sum = -POINTS * (LOG_2PI + Math.log(l11) + Math.log(l22));
  for (let j = 0; j < POINTS; j++) {
    const a = ((x[2 * j] ?? 0) - (theta[0] ?? 0)) / l11;
    const b = ((x[2 * j + 1] ?? 0) - (theta[1] ?? 0) - l21 * a) / l22;
    sum -= 0.5 * (a * a + b * b);
  }
  return sum;
}

/** Parameters `theta` [5], data `x` [8]. */
export const slcp = defineModel({
  name: "slcp",
  parameters: { theta: prior },
  data: { x: [2 * POINTS] },
  simulate: ({ theta }, random) => ({ x: drawPoints(theta, random) }),
  logLikelihood: ({ theta }, { x }) => logDensityOfPoints(theta, x),
  module: import.meta.url,
});
