/**
 * slcp_distractors: the eight numbers of slcp among 92 that say nothing.
 *
 *   x[j] = (z, w)[π(j)],   z | θ as slcp,   w ~ (1/20) Σ_c t₂(μ_c, L_c L_cᵀ)
 *
 * a fixed mixture of twenty multivariate Student's t of two degrees of freedom, whose variance is infinite, and π a fixed permutation. The
 * posterior is that of slcp; so is the likelihood, but for a factor without θ. Reference: Lueckmann et al. (2021), arXiv 2101.04653, T.4, whose
 * constants come from NumPy's RandomState(42).
 */
import { defineModel } from "amortis";
import { RandomState } from "amortis/extend";
import { drawPoints, logDensityOfPoints, prior } from "./slcp.js";

const INFORMATIVE = 8;
const SIZE = 100;
const NOISE = SIZE - INFORMATIVE;
const COMPONENTS = 20;

/** What is fixed: locations and factors of the noise, and the order of the data. */
export interface Distractors {
  /** μ, [20, 92]. */
  readonly locations: readonly Float64Array[];
  /** L, [20, 92, 92], lower triangular, row-major. */
  readonly factors: readonly Float64Array[];
  /** π, [100]. */
  readonly permutation: Uint32Array;
  /** Where each of z[0..7] comes to lie in x. */
  readonly places: readonly number[];
}

let kept: Distractors | undefined;

/** The benchmark's constants, made once when they are first asked for. */
export function distractors(): Distractors {
  kept ??= makeDistractors();
  return kept;
}

function makeDistractors(): Distractors {
  const random = new RandomState(42);
  const locations = Array.from({ length: COMPONENTS }, () =>
    random.normals(NOISE).map((value) => 15 * value),
  );
  const factors = locations.map(() => {
    const factor = random.normals(NOISE * NOISE);
    const diagonal = random.normals(NOISE);
    return factor.map((value, at) => {
      const [row, column] = [Math.floor(at / NOISE), at % NOISE];
      if (column > row) return 0;
      return 3 * (column === row ? value + Math.exp(diagonal[row] ?? 0) : value);
    });
  });
  const permutation = random.permutation(SIZE);
  const places = Array.from({ length: INFORMATIVE }, (_, i) => permutation.indexOf(i));
  return { locations, factors, permutation, places };
}

/** Parameters `theta` [5], data `x` [100]. */
export const slcpDistractors = defineModel({
  name: "slcp_distractors",
  parameters: { theta: prior },
  data: { x: [SIZE] },
  simulate: ({ theta }, random) => {
    const { locations, factors, permutation } = distractors();
    const all = new Float64Array(SIZE);
    all.set(drawPoints(theta, random));
    const component = random.integer(COMPONENTS);
    const noise = random.multivariateNormal(
      new Float64Array(NOISE),
      factors[component] ?? new Float64Array(),
    );
    // χ² of two degrees of freedom, halved, is exponential.
    const scale = 1 / Math.sqrt(random.exponential());
    const location = locations[component] ?? [];
    for (let i = 0; i < NOISE; i++) {
      all[INFORMATIVE + i] = (location[i] ?? 0) + scale * (noise[i] ?? 0);
    }
    return { x: Float64Array.from(permutation, (from) => all[from] ?? 0) };
  },
  logLikelihood: ({ theta }, { x }) =>
    logDensityOfPoints(
      theta,
      distractors().places.map((place) => x[place] ?? Number.NaN),
    ),
  module: import.meta.url,
});
