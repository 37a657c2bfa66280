/**
 * bernoulli_glm: a neuron's response to white noise, by sufficient statistics.
 *
 *   θ ~ N(0, P⁻¹),   y_t | θ ~ Bernoulli(σ(ψ_t)),   ψ = Vθ,   x = Vᵀy,   t = 1, ..., 100
 *
 * V's first column is one, the others are the stimulus of the last nine times: θ is an offset and a filter, which P holds smooth. The
 * likelihood is, up to a factor without θ, exp(θ·x) / Π (1 + exp ψ_t). Reference: Lueckmann et al. (2021), arXiv 2101.04653, T.5, whose stimulus
 * comes from NumPy's RandomState(42).
 */
import { defineModel, multivariateNormal, type Stream } from "amortis";
import { RandomState } from "amortis/extend";

const TIMES = 100;
const FILTER = 9;
const SIZE = 1 + FILTER;

/** V, [100, 10] row-major. */
export const designMatrix: Float64Array = makeDesignMatrix();

function makeDesignMatrix(): Float64Array {
  // In single precision, as the benchmark holds it.
  const stimulus = Float32Array.from(new RandomState(42).normals(TIMES));
  return Float64Array.from({ length: TIMES * SIZE }, (_, at) => {
    const [t, column] = [Math.floor(at / SIZE), at % SIZE];
    return column === 0 ? 1 : (stimulus[t - column + 1] ?? 0);
  });
}

/**
 * P⁻¹, [10, 10]: variance 2 of the offset; and (FᵀF)⁻¹ of the filter, with F the second differences and √(i/9) on the diagonal, i = 0, ..., 8.
 */
export function priorCovariance(): readonly (readonly number[])[] {
  const covariance = Array.from({ length: SIZE }, () => Array.from({ length: SIZE }, () => 0));
  const set = (i: number, j: number, value: number): void => {
    const row = covariance[i];
    if (row !== undefined) row[j] = value;
  };
  set(0, 0, 2);
  // F is lower triangular: D² has 1, -2, 1 from the diagonal down. Columns of F⁻¹ by forward substitution.
  const columns = Array.from({ length: FILTER }, (_, j) => {
    const column = new Float64Array(FILTER);
    for (let i = j; i < FILTER; i++) {
      const above = -2 * (column[i - 1] ?? 0) + (column[i - 2] ?? 0);
      column[i] = ((i === j ? 1 : 0) - above) / (1 + Math.sqrt(i / FILTER));
    }
    return column;
  });
  for (let i = 0; i < FILTER; i++) {
    for (let j = 0; j < FILTER; j++) {
      set(
        1 + i,
        1 + j,
        columns.reduce((sum, column) => sum + (column[i] ?? 0) * (column[j] ?? 0), 0),
      );
    }
  }
  return covariance;
}

/** The prior of both tasks with these parameters. */
export const prior = multivariateNormal(
  Array.from({ length: SIZE }, () => 0),
  priorCovariance(),
);

/** ψ_t for each time, [100]. */
function predictors(theta: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: TIMES }, (_, t) => {
    let sum = 0;
    for (let j = 0; j < SIZE; j++) sum += (designMatrix[t * SIZE + j] ?? 0) * (theta[j] ?? 0);
    return sum;
  });
}

/** Spikes y, [100], zeros and ones. */
export function drawSpikes(theta: ArrayLike<number>, random: Stream): Float64Array {
  return predictors(theta).map((psi) => (random.uniform() < 1 / (1 + Math.exp(-psi)) ? 1 : 0));
}

/** x = Vᵀy, [10]. */
export function sufficientStatistics(y: ArrayLike<number>): Float64Array {
  const x = new Float64Array(SIZE);
  for (let t = 0; t < TIMES; t++) {
    for (let j = 0; j < SIZE; j++) {
      x[j] = (x[j] ?? 0) + (designMatrix[t * SIZE + j] ?? 0) * (y[t] ?? Number.NaN);
    }
  }
  return x;
}

/** log p(y | θ), from x = Vᵀy: exact for the spikes, and up to a term without θ for the statistics. */
export function logLikelihoodOfStatistics(theta: ArrayLike<number>, x: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < SIZE; j++) sum += (theta[j] ?? 0) * (x[j] ?? Number.NaN);
  for (const psi of predictors(theta))
    sum -= Math.max(psi, 0) + Math.log1p(Math.exp(-Math.abs(psi)));
  return sum;
}

/** Parameters `theta` [10], data `x` [10]; its `logLikelihood` leaves out a term without θ. */
export const bernoulliGlm = defineModel({
  name: "bernoulli_glm",
  parameters: { theta: prior },
  data: { x: [SIZE] },
  simulate: ({ theta }, random) => ({ x: sufficientStatistics(drawSpikes(theta, random)) }),
  logLikelihood: ({ theta }, { x }) => logLikelihoodOfStatistics(theta, x),
  module: import.meta.url,
});
