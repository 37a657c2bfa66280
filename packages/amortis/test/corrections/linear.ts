/**
 * A model whose posterior is normal with correlated parameters, and answers to it with stated faults.
 *
 *     θ ~ N(0, I₂),   y ~ N(Aθ, I₂),   A = (1 1; 0 2):   θ | y ~ N(P⁻¹Aᵀy, P⁻¹),   P = I + AᵀA
 */
import { defineModel, normal, stream } from "../../src/index.js";
import type { CorrectionTarget } from "../../src/corrections/correction-target.js";
import type { PosteriorSource } from "../../src/posterior/posterior-source.js";
import type { Answer } from "../../src/posterior/refusal.js";

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** P = (2 1; 1 6), its inverse and its Cholesky factor. */
const DETERMINANT = 11;
const COVARIANCE = [6 / 11, -1 / 11, -1 / 11, 2 / 11] as const;
const [L11, L21] = [Math.sqrt(6 / 11), -1 / 11 / Math.sqrt(6 / 11)] as const;
const L22 = Math.sqrt(2 / 11 - L21 ** 2);

export const linear = defineModel({
  name: "linear",
  parameters: { a: normal(0, 1), b: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ a, b }, random) => ({ y: [a + b + random.normal(), 2 * b + random.normal()] }),
  logLikelihood: ({ a, b }, { y }) =>
    -0.5 * (((y[0] ?? 0) - a - b) ** 2 + ((y[1] ?? 0) - 2 * b) ** 2) - LOG_TWO_PI,
});

/** Mean, covariance and evidence of the posterior of y. */
export function exactLinear(y: readonly [number, number]) {
  const projected = [y[0], y[0] + 2 * y[1]] as const;
  const mean = [
    COVARIANCE[0] * projected[0] + COVARIANCE[1] * projected[1],
    COVARIANCE[2] * projected[0] + COVARIANCE[3] * projected[1],
  ] as const;
  // y ~ N(0, I + AAᵀ) with I + AAᵀ = (3 2; 2 5), whose determinant is 11 as well.
  const square = (5 * y[0] ** 2 - 4 * y[0] * y[1] + 3 * y[1] ** 2) / DETERMINANT;
  const logEvidence = -0.5 * (square + Math.log(DETERMINANT)) - LOG_TWO_PI;
  return { mean, covariance: COVARIANCE, logEvidence };
}

/** How an answer differs from the posterior, in its own standard deviations along the factor's axes. */
export interface Fault {
  readonly shift?: number;
  readonly scale?: number;
}

/** An answer N(m + L (shift, 0), scale² P⁻¹) to each data set, with its density. */
export function faulty(
  data: readonly (readonly [number, number])[],
  faults: readonly Fault[],
  answer: (dataSet: number) => Answer = () => ({ status: "amortized" }),
): PosteriorSource {
  const centre = (i: number): readonly [number, number] => {
    const { mean } = exactLinear(data[i] ?? [0, 0]);
    const { shift = 0 } = faults[i] ?? {};
    return [mean[0] + L11 * shift, mean[1] + L21 * shift];
  };
  return {
    slots: linear.prior.slots,
    flatNames: linear.prior.flatNames,
    size: data.length,
    draw: (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * 2);
      for (let i = start; i < end; i++) {
        const random = stream(seed).split("faulty").split(i);
        const m = centre(i);
        const { scale = 1 } = faults[i] ?? {};
        for (let j = 0; j < draws; j++) {
          const [z, w] = [random.normal(), random.normal()];
          const theta = [m[0] + scale * L11 * z, m[1] + scale * (L21 * z + L22 * w)];
          result.set(theta, ((i - start) * draws + j) * 2);
        }
      }
      const answers = Array.from({ length: end - start }, (_, k) => answer(start + k));
      return Promise.resolve({ draws: result, answers });
    },
    logDensity: (parameters, start, end) => {
      const each = parameters.length / (2 * (end - start));
      return Promise.resolve(
        Float64Array.from({ length: parameters.length / 2 }, (_, at) => {
          const i = start + Math.floor(at / each);
          const m = centre(i);
          const { scale = 1 } = faults[i] ?? {};
          const z = ((parameters[2 * at] ?? 0) - m[0]) / L11;
          const w = ((parameters[2 * at + 1] ?? 0) - m[1] - L21 * z) / L22;
          const logScale = Math.log(L11 * L22) + 2 * Math.log(scale);
          return -0.5 * ((z / scale) ** 2 + (w / scale) ** 2) - logScale - LOG_TWO_PI;
        }),
      );
    },
  };
}

/** What corrects such answers. */
export function linearTarget(
  data: readonly (readonly [number, number])[],
  amortized: PosteriorSource,
): CorrectionTarget {
  const { prior } = linear;
  return {
    amortized,
    prior,
    bijection: () => prior.bijection,
    slots: prior.slots,
    flatNames: prior.flatNames,
    size: data.length,
    logTerms: (theta, start, end) => {
      const each = theta.length / (2 * (end - start));
      return Promise.resolve(
        Float64Array.from({ length: theta.length / 2 }, (_, at) => {
          const values = { a: theta[2 * at] ?? 0, b: theta[2 * at + 1] ?? 0 };
          const y = data[start + Math.floor(at / each)] ?? [0, 0];
          return linear.logLikelihood?.(values, { y }) ?? Number.NaN;
        }),
      );
    },
  };
}

/** Mean and covariance of draws [n, 2]. */
export function momentsOf(draws: ArrayLike<number>) {
  const n = draws.length / 2;
  const at = (i: number, j: number): number => draws[2 * i + j] ?? Number.NaN;
  const average = (of: (i: number) => number): number =>
    Array.from({ length: n }, (_, i) => of(i)).reduce((a, b) => a + b, 0) / n;
  const mean = [0, 1].map((j) => average((i) => at(i, j)));
  const product = (j: number, l: number): number =>
    average((i) => (at(i, j) - (mean[j] ?? 0)) * (at(i, l) - (mean[l] ?? 0)));
  return { mean, covariance: [product(0, 0), product(0, 1), product(1, 0), product(1, 1)] };
}
