/**
 * One of each distribution, and some at the edge of what they allow.
 */
import {
  beta,
  binomial,
  categorical,
  cauchy,
  inverseGamma,
  laplace,
  poisson,
  student,
  triangular,
  custom,
  dirichlet,
  discrete,
  exponential,
  gamma,
  halfCauchy,
  halfNormal,
  independent,
  logNormal,
  logUniform,
  multivariateNormal,
  normal,
  pareto,
  truncatedNormal,
  uniform,
  type Distribution,
  type ScalarDistribution,
} from "../../src/distributions/index.js";

export function isScalar(distribution: Distribution): distribution is ScalarDistribution {
  return "cdf" in distribution && "quantile" in distribution;
}

/** Each with its name, for `test.each`. */
export const described = <D extends Distribution>(distributions: readonly D[]) =>
  distributions.map((one) => [JSON.stringify(one), one] as const);

export const continuousScalars: readonly ScalarDistribution[] = [
  uniform(0, 0.6),
  uniform(0, 0.6, { link: "probit" }),
  uniform(-3, 5, { link: "probit" }),
  uniform(0, 0.6, { link: "logit" }),
  uniform(-1000, -999.5, { link: "logit" }),
  uniform(-1000, -999.5),
  normal(-3, 0.1, { link: "normal-scores" }),
  logNormal(0.3, 0.8, { link: "normal-scores" }),
  exponential(20, { link: "log" }),
  truncatedNormal(0, 1, -1, 2, { link: "logit" }),
  truncatedNormal(5, 2, -Infinity, 0, { link: "log" }),
  normal(-3, 0.1),
  logNormal(0.3, 0.8),
  halfNormal(3),
  exponential(20),
  gamma(0.3, 2),
  gamma(3, 0.5),
  gamma(500, 1),
  beta(0.4, 0.6),
  beta(2, 5),
  beta(200, 300),
  truncatedNormal(0, 1, 10, Infinity),
  truncatedNormal(0, 1, -1, 2),
  truncatedNormal(5, 2, -Infinity, 0),
  truncatedNormal(0, 1, 3, 3.001),
  halfCauchy(2),
  pareto(0.5, 3),
  logUniform(0.01, 10),
  inverseGamma(3, 4),
  inverseGamma(40, 4),
  student(3, 1, 2),
  student(0.7),
  student(1e6, -1, 0.1),
  cauchy(2, 0.5),
  laplace(1, 3),
  triangular(-1, 2, 3),
  triangular(0, 0, 1),
  triangular(-1, 0, 0),
];

export const ownExponential = custom({
  name: "own",
  sample: (random) => random.exponential(),
  logDensity: (value) => -(value[0] ?? 0),
  support: { lower: 0 },
});

export const vectors: readonly Distribution[] = [
  multivariateNormal(
    [1, -1],
    [
      [2, 0.8],
      [0.8, 1],
    ],
  ),
  dirichlet([0.7, 2, 3]),
  dirichlet([4, 5]),
  dirichlet([2, 2, 3, 1.5]),
  independent([
    normal(0, 1),
    uniform(0, 2),
    uniform(-5, 5),
    gamma(2, 1),
    dirichlet([1, 2, 3]),
    normal(2, 3),
  ]),
];

export const discretes: readonly ScalarDistribution[] = [
  discrete([0, 1, 2]),
  discrete([0.1, -7, 3], [0.2, 0.5, 0.3]),
  categorical(["healthy", "ill"], [0.9, 0.1]),
];

export const counts: readonly ScalarDistribution[] = [
  poisson(3.5),
  poisson(400),
  poisson(1e-3),
  binomial(10, 0.3),
  binomial(1000, 0.999),
  binomial(1, 1),
];
