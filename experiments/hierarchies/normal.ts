/**
 * The normal hierarchy, and its exact posterior.
 *
 *     μ ~ N(0, 1),   τ ~ half-normal(1),   θ_j ~ N(μ, τ²),   y_ji ~ N(θ_j, 1),   i = 1 ... m_j
 *
 * Given τ all is normal: ȳ_j ~ N(μ, τ² + 1 / m_j), so that the posterior of τ is a function of one number, that of μ given τ is normal, and so is that of each θ_j given both.
 */
import {
  defineModel,
  dependent,
  discreteLogUniform,
  halfNormal,
  normal,
  type Stream,
} from "amortis/extend";

/** Groups in training, at most, and elements of each. */
export const GROUPS = 32;
export const ELEMENTS = 8;

/** The model, of so many groups at most. */
export function normalHierarchy(groups = GROUPS) {
  return defineModel({
    name: "normal-hierarchy",
    parameters: { mu: normal(0, 1), tau: halfNormal(1) },
    groups: {
      group: {
        count: discreteLogUniform(2, groups),
        parameters: {
          theta: dependent(["mu", "tau"], normal(0, 1), ({ mu, tau }) => ({
            shift: mu,
            scale: tau,
          })),
        },
      },
    },
    sizes: { m: discreteLogUniform(1, ELEMENTS) },
    data: { y: ["m"] },
    simulate: ({ theta }, random, { m }) => ({
      y: Array.from({ length: m }, () => theta + random.normal()),
    }),
  });
}

/** A hierarchy with its truth. */
export interface Truth {
  readonly mu: number;
  readonly tau: number;
  readonly theta: readonly number[];
  readonly y: readonly (readonly number[])[];
}

/** A draw of the model, of so many groups with so many elements each. */
export function drawHierarchy(groups: number, elements: number, random: Stream): Truth {
  const mu = random.normal();
  const tau = Math.abs(random.normal());
  const theta = Array.from({ length: groups }, () => mu + tau * random.normal());
  const y = theta.map((mean) => Array.from({ length: elements }, () => mean + random.normal()));
  return { mu, tau, theta, y };
}

/** Draws of the exact posterior: of μ, of τ, and of each θ_j, [groups][draws]. */
export interface ExactDraws {
  readonly mu: Float64Array;
  readonly tau: Float64Array;
  readonly theta: readonly Float64Array[];
}

/** Cells of the grid of τ. */
const CELLS = 4_000;
/** The largest τ of the grid: the prior has 2e-9 beyond. */
const LARGEST = 6;

/** Exact draws. */
export function exactDraws(y: Truth["y"], draws: number, random: Stream): ExactDraws {
  const groups = y.map((values) => {
    const sum = values.reduce((a, b) => a + b, 0);
    return { mean: sum / values.length, variance: 1 / values.length };
  });
  const given = (tau: number) => {
    let [precision, weighted, log] = [1, 0, 0];
    for (const { mean, variance } of groups) {
      const total = tau ** 2 + variance;
      precision += 1 / total;
      weighted += mean / total;
      log -= (Math.log(total) + mean ** 2 / total) / 2;
    }
    const mu = weighted / precision;
    // ∫ p(μ) Π p(ȳ_j | μ, τ) dμ, but for constants.
    return {
      mu,
      sd: 1 / Math.sqrt(precision),
      log: log - Math.log(precision) / 2 + (precision * mu ** 2) / 2,
    };
  };
  const logs = Float64Array.from({ length: CELLS }, (_, i) => {
    const tau = ((i + 0.5) * LARGEST) / CELLS;
    return given(tau).log - tau ** 2 / 2;
  });
  const most = logs.reduce((a, b) => Math.max(a, b));
  let total = 0;
  const cumulative = logs.map((log) => (total += Math.exp(log - most)));
  const result = {
    mu: new Float64Array(draws),
    tau: new Float64Array(draws),
    theta: y.map(() => new Float64Array(draws)),
  };
  for (let draw = 0; draw < draws; draw++) {
    const at = random.uniform() * total;
    const cell = cumulative.findIndex((sum) => sum >= at);
    const tau = ((cell + random.uniform()) * LARGEST) / CELLS;
    const { mu: center, sd } = given(tau);
    const mu = center + sd * random.normal();
    result.mu[draw] = mu;
    result.tau[draw] = tau;
    for (const [j, { mean, variance }] of groups.entries()) {
      const precision = 1 / variance + 1 / tau ** 2;
      const middle = (mean / variance + mu / tau ** 2) / precision;
      const values = result.theta[j];
      if (values) values[draw] = middle + random.normal() / Math.sqrt(precision);
    }
  }
  return result;
}
