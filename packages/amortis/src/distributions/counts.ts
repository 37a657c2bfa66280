/**
 * Priors of counts: Poisson and binomial.
 */
import {
  cast,
  clip,
  constant,
  equal,
  floor,
  gather,
  squeeze,
  sub,
  where,
  type Tensor,
} from "@amortis/graph";
import { binomialLogMass, poissonLogMass } from "../math/index.js";
import { isPositive, requireSetting, type ScalarDistribution } from "./distribution.js";
import { finiteDistribution, type FiniteSpec } from "./finite.js";
import { real, writtenAs } from "./written.js";

/** Counts with less log-probability than this are left out: all of them together have less than 1e-15. */
const LEAST = -50;

/** Counts from the mode outwards as far as they have probability. */
function countsAbout(
  mode: number,
  logMass: (k: number) => number,
): Pick<FiniteSpec, "values" | "logProbabilities"> {
  let [from, to] = [mode, mode];
  while (logMass(from - 1) > LEAST) from--;
  while (logMass(to + 1) > LEAST) to++;
  const values = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return { values, logProbabilities: values.map(logMass) };
}

/** Of neighbouring counts: log-probabilities by place. */
function byPlace({ values, logProbabilities }: Pick<FiniteSpec, "values" | "logProbabilities">) {
  const [first = 0] = values;
  return (value: Tensor): Tensor => {
    const given = sub(value, first);
    const place = floor(clip(given, 0, values.length - 1));
    const table = constant(logProbabilities, [values.length], value.dtype);
    const known = gather(table, cast(place, "int64"));
    return squeeze(where(equal(place, given), known, -Infinity), [-1]);
  };
}

/** Most that a rate or a number of trials may be: beyond, counts are as good as continuous. */
const MOST = 1e6;

/**
 * Poisson: a count of events that come one by one at a rate.
 *
 *     P(k) = rate^k e^-rate / k!
 *
 * Counts whose probabilities are less than 1e-21 do not belong to its support, so that posteriors can be summed over it.
 *
 * @param rate its mean and variance, up to a million.
 * @throws InvalidArgumentError unless the rate is positive and at most a million.
 * @example poisson(3.5)
 */
export function poisson(rate: number): ScalarDistribution {
  requireSetting(
    isPositive(rate) && rate <= MOST,
    "poisson(rate)",
    "needs a positive rate of at most a million",
    rate,
  );
  const counts = countsAbout(Math.floor(rate), (k) =>
    k < 0 ? -Infinity : poissonLogMass(k, rate),
  );
  return finiteDistribution({
    name: "poisson",
    ...counts,
    json: { name: "poisson", rate },
    moments: [rate, rate],
    sample: (random) => withinCounts(counts.values, random.poisson(rate)),
    graphLogDensity: byPlace(counts),
  });
}

poisson.written = writtenAs({ rate: real }, (data) => poisson(data.rate));

/**
 * Binomial: how many of some trials succeed, each by itself with one probability.
 *
 *     P(k) = C(trials, k) p^k (1 - p)^(trials - k)
 *
 * Counts whose probabilities are less than 1e-21 do not belong to its support, so that posteriors can be summed over it.
 *
 * @param trials a whole number, from 1 up to a million.
 * @param probability of success, within [0, 1].
 * @throws InvalidArgumentError where either is out of range.
 * @example binomial(10, 0.3)   // mean 3
 */
export function binomial(trials: number, probability: number): ScalarDistribution {
  const what = "binomial(trials, probability)";
  requireSetting(
    Number.isInteger(trials) && trials >= 1 && trials <= MOST,
    what,
    "needs a whole number of trials from 1 to a million",
    trials,
  );
  requireSetting(
    probability >= 0 && probability <= 1,
    what,
    "needs a probability within [0, 1]",
    probability,
  );
  const mode = Math.min(trials, Math.floor((trials + 1) * probability));
  const counts = countsAbout(mode, (k) =>
    k < 0 || k > trials ? -Infinity : binomialLogMass(k, trials, probability),
  );
  return finiteDistribution({
    name: "binomial",
    ...counts,
    json: { name: "binomial", trials, probability },
    moments: [trials * probability, trials * probability * (1 - probability)],
    sample: (random) => withinCounts(counts.values, random.binomial(trials, probability)),
    graphLogDensity: byPlace(counts),
  });
}

binomial.written = writtenAs({ trials: real, probability: real }, (data) =>
  binomial(data.trials, data.probability),
);

/** A draw held within the support; in a universe of draws some lie beyond. */
function withinCounts(values: readonly number[], draw: number): number {
  return Math.min(values.at(-1) ?? draw, Math.max(values[0] ?? draw, draw));
}
