import { add, constant, log, mul, sum } from "@amortis/graph";
import { logGamma } from "../math/index.js";
import { logGammaDraw } from "../random/gamma.js";
import { simplexBijection } from "./bijection.js";
import { requireSetting, type VectorDistribution } from "./distribution.js";

/**
 * Dirichlet on the simplex of d coordinates. The density is with respect to the first d - 1.
 *
 * @throws InvalidArgumentError unless there are at least two concentrations, all positive.
 */
export function dirichlet(concentration: readonly number[]): VectorDistribution {
  const d = concentration.length;
  const good = d >= 2 && concentration.every((a) => a > 0 && Number.isFinite(a));
  requireSetting(
    good,
    "dirichlet(concentration)",
    "needs at least two positive numbers",
    `[${concentration.join(", ")}]`,
  );
  const total = concentration.reduce((a, b) => a + b, 0);
  const logConstant = concentration.reduce((sofar, a) => sofar - logGamma(a), logGamma(total));
  return {
    name: "dirichlet",
    shape: [d],
    size: d,
    support: {
      kind: "simplex",
      lower: concentration.map(() => 0),
      upper: concentration.map(() => 1),
    },
    bijection: simplexBijection(d),
    sample: (random) => {
      const logs = concentration.map((a) => logGammaDraw(random, a));
      const highest = Math.max(...logs);
      const weights = logs.map((value) => Math.exp(value - highest));
      const sumOfWeights = weights.reduce((a, b) => a + b, 0);
      return Float64Array.from(weights, (w) => Math.max(w / sumOfWeights, Number.MIN_VALUE));
    },
    logDensity: (value) => {
      const x = Array.from(value);
      const sumOfX = x.reduce((a, b) => a + b, 0);
      if (x.length !== d || x.some((v) => !(v >= 0)) || Math.abs(sumOfX - 1) > 1e-6)
        return -Infinity;
      return x.reduce((sofar, v, i) => {
        const power = (concentration[i] ?? 1) - 1;
        return power === 0 ? sofar : sofar + power * Math.log(v);
      }, logConstant);
    },
    graph: {
      logDensity: (value) => {
        const powers = constant(
          concentration.map((a) => a - 1),
          [d],
          value.dtype,
        );
        return add(sum(mul(log(value), powers), { axes: [-1] }), logConstant);
      },
    },
    toJSON: () => ({ name: "dirichlet", concentration }),
  };
}
