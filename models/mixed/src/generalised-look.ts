/**
 * A first look at a generalised linear mixed model: the linear model that stands for it near its posterior.
 *
 *     b̄_j = E[b_j | y, β, Σ],      s_i = E[y_i - m_i κ'(η_i)],      w_i = E[m_i κ''(η_i)],      ỹ_i = X_i β + Z_i b̄ + s_i / w_i,      ỹ ~ N(X β + Z b, 1 / w)
 *
 * Expectations are integrals over each group, not values at a mode: so the slope of the linear model's likelihood in β is that of the generalised one (Fisher's identity), its best predictions of b are the means b̄ (Stein's identity: E[Zᵀ s] = Σ⁻¹ b̄),
 * and neither is off by what Laplace's approximation is off by where groups have few observations. With known residual variance 1 / w the linear model's rows times √w are one that the first look at linear models and the network know;
 * its answer, β and Σ, is what the next expectations are of, until nothing moves.
 *
 * References: Breslow & Clayton 1993, "Approximate inference in generalized linear mixed models", for the working response at a mode; Opper & Archambeau 2009, "The variational Gaussian approximation revisited", for expectations in its place.
 */
import { stream } from "amortis";
import type { VariancePriors } from "./priors.js";
import type { FixedPrior, Observations } from "./problem.js";
import { GroupIntegrals, type Counts } from "./group-integrals.js";
import { lookAt, type Look } from "./look.js";
import { factorize } from "./symmetric.js";

const ROUNDS = 15;
/** Root mean square by which linear predictors may still move. */
const STILL = 0.01;
/** Weights are at least this share of a trial: what tells next to nothing must not be infinite. */
const LEAST = 1e-5;
/** Points of a group for one effect, two and three. */
const POINTS = [32, 32, 64, 128] as const;

/** What was found. */
export interface GeneralisedLook extends Look {
  readonly integrals: GroupIntegrals;
  /** β and Λ that expectations are of at last, in units of the data. */
  readonly fixed: Float64Array;
  readonly lambda: Float64Array;
}

/** Looks at counts until linear predictors stay where they are. */
export function lookAtCounts(
  counts: Counts,
  fixedPrior: FixedPrior,
  priors: VariancePriors,
): GeneralisedLook {
  const { q, response, trials, offset, family } = counts;
  const n = response.length;
  const integrals = new GroupIntegrals(counts, POINTS[q] ?? 128);
  const effects = new Float64Array(integrals.groups * q);
  const [scores, weights] = [new Float64Array(n), new Float64Array(n)];
  // The linear predictor less the offset: at first of the counts themselves, a little smoothed.
  let eta: Float64Array = Float64Array.from(response, (y, i) => {
    const size = trials[i] ?? 1;
    const mean = family.smoothed(y, size);
    scores[i] = y - size * mean;
    weights[i] = size * family.variance(mean);
    return family.link(mean) - (offset[i] ?? 0);
  });
  for (let round = 1; ; round++) {
    const look = lookAt(working(counts, eta, scores, weights), fixedPrior, priors, 1);
    const { fixed, lambda } = estimates(look);
    if (round === ROUNDS) return { ...look, integrals, fixed, lambda };
    integrals.logLikelihood(fixed, lambda, stream("first look").split(round));
    integrals.expectations(effects, scores, weights);
    const next = predictor(counts, fixed, effects);
    let moved = 0;
    for (let i = 0; i < n; i++) moved += ((next[i] ?? 0) - (eta[i] ?? 0)) ** 2 / n;
    eta = next;
    if (round > 2 && moved < STILL * STILL) {
      const last = lookAt(working(counts, eta, scores, weights), fixedPrior, priors, 1);
      return { ...last, integrals, fixed, lambda };
    }
  }
}

/** The linear model's observations: rows times √w. */
function working(
  { fixed, random, start, p, q }: Counts,
  eta: Float64Array,
  scores: Float64Array,
  weights: Float64Array,
): Observations {
  const groups = start.length - 1;
  const group = new Int32Array(eta.length);
  for (let j = 0; j < groups; j++) group.fill(j, start[j], start[j + 1]);
  const roots = weights.map((weight) => Math.sqrt(Math.max(weight, LEAST)));
  const columns = (rows: Float64Array, d: number): readonly Float64Array[] =>
    Array.from({ length: d }, (_, k) => roots.map((root, i) => root * (rows[i * d + k] ?? 0)));
  return {
    response: roots.map((root, i) => root * (eta[i] ?? 0) + (scores[i] ?? 0) / root),
    fixed: columns(fixed, p),
    random: columns(random, q),
    group,
    groups,
  };
}

/** β and Λ of the first look at the linear model, in units of the data. */
function estimates({ marginal, pilot, units }: Look) {
  const { problem } = marginal;
  const { q, shift, scale, fixedScale } = problem;
  const lambda = pilot.covariance.slice();
  for (let k = 0; k < q; k++) lambda[k * q + k] = (lambda[k * q + k] ?? 0) * (1 + 1e-6) + 1e-8;
  factorize(lambda, q);
  for (let r = 0; r < q; r++) for (let c = r + 1; c < q; c++) lambda[r * q + c] = 0;
  marginal.logLikelihood(pilot.sigma, lambda);
  return {
    fixed: marginal.fixedMean.map(
      (value, k) => (shift[k] ?? 0) + (scale * value) / (fixedScale[k] ?? 1),
    ),
    lambda: lambda.map((value, at) => value * (units[1 + Math.floor(at / q)] ?? 1)),
  };
}

/** X β + Z b. */
function predictor(
  { fixed, random, start, p, q }: Counts,
  beta: Float64Array,
  effects: Float64Array,
): Float64Array {
  const eta = new Float64Array(start.at(-1) ?? 0);
  for (let j = 0; j < start.length - 1; j++) {
    for (let i = start[j] ?? 0; i < (start[j + 1] ?? 0); i++) {
      let value = 0;
      for (let k = 0; k < p; k++) value += (fixed[i * p + k] ?? 0) * (beta[k] ?? 0);
      for (let k = 0; k < q; k++) value += (random[i * q + k] ?? 0) * (effects[j * q + k] ?? 0);
      eta[i] = value;
    }
  }
  return eta;
}
