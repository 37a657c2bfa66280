import { add, log, log1p, mul, neg, sub } from "@amortis/graph";
import { logGamma } from "../math/index.js";
import { requireSetting, scalarDistribution, type ScalarDistribution } from "./distribution.js";

const positive = (x: number): boolean => x > 0 && Number.isFinite(x);

/** x log y with 0 log 0 = 0. */
const xlogy = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(y));

/** Exponential of a rate (the inverse of the mean). @throws InvalidArgumentError unless the rate is positive. */
export function exponential(rate: number): ScalarDistribution {
  requireSetting(positive(rate), "exponential(rate)", "needs a positive rate", rate);
  return scalarDistribution({
    name: "exponential",
    lower: 0,
    upper: Infinity,
    settings: { rate },
    sample: (random) => random.exponential() / rate,
    logDensity: (x) => Math.log(rate) - rate * x,
    graphLogDensity: (x) => sub(Math.log(rate), mul(x, rate)),
  });
}

/** Gamma of a shape and a rate: mean shape / rate. @throws InvalidArgumentError unless both are positive. */
export function gamma(shape: number, rate: number): ScalarDistribution {
  requireSetting(positive(shape), "gamma(shape, rate)", "needs a positive shape", shape);
  requireSetting(positive(rate), "gamma(shape, rate)", "needs a positive rate", rate);
  const constant = shape * Math.log(rate) - logGamma(shape);
  return scalarDistribution({
    name: "gamma",
    lower: 0,
    upper: Infinity,
    settings: { shape, rate },
    sample: (random) => random.gamma(shape) / rate,
    logDensity: (x) => constant + xlogy(shape - 1, x) - rate * x,
    graphLogDensity: (x) => add(sub(mul(log(x), shape - 1), mul(x, rate)), constant),
  });
}

/** Beta on (0, 1). @throws InvalidArgumentError unless both shapes are positive. */
export function beta(a: number, b: number): ScalarDistribution {
  requireSetting(positive(a), "beta(a, b)", "needs a positive a", a);
  requireSetting(positive(b), "beta(a, b)", "needs a positive b", b);
  const constant = logGamma(a + b) - logGamma(a) - logGamma(b);
  return scalarDistribution({
    name: "beta",
    lower: 0,
    upper: 1,
    settings: { a, b },
    sample: (random) => random.beta(a, b),
    logDensity: (x) => {
      const tail = b === 1 ? 0 : (b - 1) * Math.log1p(-x);
      return constant + xlogy(a - 1, x) + tail;
    },
    graphLogDensity: (x) => add(add(mul(log(x), a - 1), mul(log1p(neg(x)), b - 1)), constant),
  });
}
