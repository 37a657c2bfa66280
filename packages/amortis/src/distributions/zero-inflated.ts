import { add, equal, UnsupportedError, where } from "@amortis/graph";
import {
  dropLast,
  isScalar,
  requireLength,
  requireLevel,
  requireSetting,
  type ScalarDistribution,
} from "./distribution.js";
import { kindOfSupport } from "./scalar.js";
import { onePart, real, scalarOf, writtenAs } from "./written.js";

/** A distribution of one number that is exactly zero with some probability. */
export interface ZeroInflated extends ScalarDistribution {
  /** The distribution where it is not. */
  readonly slab: ScalarDistribution;
}

/**
 * A parameter that may be exactly zero, by a spike and a slab (Mitchell & Beauchamp 1988, "Bayesian variable selection in linear regression").
 *
 *     θ = 0 with probability w,   θ ~ slab with probability 1 - w
 *
 * `logDensity(0)` is log w, a probability; of other values it is log(1 - w) plus the log-density of the slab. Posteriors by `npe` have an exact share of zeros.
 *
 * @param probability w, within (0, 1).
 * @param slab the distribution where it is not zero, of one continuous number.
 * @throws InvalidArgumentError where the probability is none, or the slab is discrete or of several numbers.
 * @example zeroInflated(0.5, normal(0, 1))
 */
export function zeroInflated(probability: number, slab: ScalarDistribution): ZeroInflated {
  const what = "zeroInflated(probability, slab)";
  requireSetting(
    probability > 0 && probability < 1,
    what,
    "needs a probability within (0, 1)",
    probability,
  );
  const isContinuous = isScalar(slab) && slab.support.values === undefined;
  requireSetting(isContinuous, what, "needs a slab of one continuous number", slab.name);
  const [logSpike, logSlab] = [Math.log(probability), Math.log1p(-probability)];
  const rest = 1 - probability;
  const below = rest * slab.cdf(0);
  const [lower, upper] = [Math.min(0, ...slab.support.lower), Math.max(0, ...slab.support.upper)];
  const mean = rest * slab.mean;
  return {
    name: "zeroInflated",
    shape: [],
    size: 1,
    support: {
      kind: kindOfSupport([lower], [upper]),
      lower: [lower],
      upper: [upper],
      values: [undefined],
    },
    slab,
    mean,
    variance: rest * (slab.variance + slab.mean ** 2) - mean ** 2,
    get bijection(): never {
      throw new UnsupportedError(
        "a parameter that may be exactly zero has no unconstrained space; use npe, nbe or nre, which need none",
      );
    },
    sample: (random) => (random.uniform() < probability ? Float64Array.of(0) : slab.sample(random)),
    contains: (value) => value.length === 1 && (value[0] === 0 || slab.contains(value)),
    logDensity: (value) => {
      requireLength("zeroInflated", value, 1);
      return value[0] === 0 ? logSpike : logSlab + slab.logDensity(value);
    },
    cdf: (x) => rest * slab.cdf(x) + (x >= 0 ? probability : 0),
    quantile: (p) => {
      requireLevel("zeroInflated", p);
      if (p <= below) return slab.quantile(Math.min(1, p / rest));
      return p <= below + probability ? 0 : slab.quantile(Math.min(1, (p - probability) / rest));
    },
    graph: {
      logDensity: (value) =>
        where(equal(dropLast(value), 0), logSpike, add(slab.graph.logDensity(value), logSlab)),
    },
    toJSON: () => ({ name: "zeroInflated", parts: [slab.toJSON()], probability }),
  };
}

zeroInflated.written = writtenAs({ parts: onePart, probability: real }, (data, inner) =>
  zeroInflated(data.probability, scalarOf(inner(data.parts[0]))),
);
