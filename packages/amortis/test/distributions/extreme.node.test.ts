/**
 * Priors of extreme parameters: whatever is asked of them is answered, with bounded work, by a number that can be true.
 *
 * Work is counted in calls of elementary functions, which every loop of a series, a continued fraction or an inversion makes.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AmortisError } from "@amortis/graph";
import {
  beta,
  binomial,
  cauchy,
  discreteLogUniform,
  discreteUniform,
  exponential,
  gamma,
  halfCauchy,
  halfNormal,
  inverseGamma,
  laplace,
  logNormal,
  logUniform,
  normal,
  pareto,
  poisson,
  student,
  triangular,
  truncatedNormal,
  uniform,
  type ScalarDistribution,
} from "../../src/distributions/index.js";
import { stream } from "../../src/random/index.js";

const SIZES = [5e-324, 1e-300, 1e-20, 1e-3, 0.5, 1, 30, 1e6, 6e12, 1e20, 1e300, 1.7e308];
const ENDS = [-1e300, -1e20, -3, -1e-300, 0, 5e-324, 1, 1 + 2e-16, 7, 1e12, 1e300];
const LEVELS = [0, 1e-300, 1e-16, 1e-3, 0.5, 0.9, 1 - 1e-16, 1];
const POINTS = [-Infinity, -1e300, -1, 0, 5e-324, 1e-5, 1, 1e5, 1e300, Infinity];

/** More than an inversion by two hundred steps of sixty-four nodes takes, and far less than a loop that grows with a parameter. */
const MOST_CALLS = 100_000;

const pairs = (first: readonly number[], second: readonly number[]) =>
  first.flatMap((a) => second.map((b) => [a, b] as const));

const families: Readonly<Record<string, readonly (() => ScalarDistribution)[]>> = {
  normal: pairs(ENDS, SIZES).map(
    ([a, b]) =>
      () =>
        normal(a, b),
  ),
  logNormal: pairs(ENDS, SIZES).map(
    ([a, b]) =>
      () =>
        logNormal(a, b),
  ),
  halfNormal: SIZES.map((a) => () => halfNormal(a)),
  halfCauchy: SIZES.map((a) => () => halfCauchy(a)),
  exponential: SIZES.map((a) => () => exponential(a)),
  gamma: pairs(SIZES, [5e-324, 1e-20, 1, 1e300]).map(
    ([a, b]) =>
      () =>
        gamma(a, b),
  ),
  inverseGamma: pairs(SIZES, [5e-324, 1e-20, 1, 1e300]).map(
    ([a, b]) =>
      () =>
        inverseGamma(a, b),
  ),
  beta: pairs(SIZES, SIZES.toSpliced(0, 1)).map(
    ([a, b]) =>
      () =>
        beta(a, b),
  ),
  student: pairs(SIZES, [1e-300, 1, 1e300]).map(
    ([a, b]) =>
      () =>
        student(a, 0, b),
  ),
  cauchy: pairs(ENDS, SIZES).map(
    ([a, b]) =>
      () =>
        cauchy(a, b),
  ),
  laplace: pairs(ENDS, SIZES).map(
    ([a, b]) =>
      () =>
        laplace(a, b),
  ),
  pareto: pairs(SIZES, SIZES).map(
    ([a, b]) =>
      () =>
        pareto(a, b),
  ),
  logUniform: pairs(SIZES, SIZES).map(
    ([a, b]) =>
      () =>
        logUniform(a, b),
  ),
  uniform: pairs(ENDS, ENDS).map(
    ([a, b]) =>
      () =>
        uniform(a, b),
  ),
  triangular: pairs(ENDS, ENDS).map(
    ([a, b]) =>
      () =>
        triangular(a, (a + b) / 2, b),
  ),
  truncatedNormal: pairs(ENDS, ENDS).flatMap(([a, b]) =>
    [1e-20, 1, 1e20].map((sd) => () => truncatedNormal(0, sd, a, b)),
  ),
  poisson: SIZES.map((a) => () => poisson(a)),
  binomial: pairs([1, 1e3, 1e6], [0, 5e-324, 1e-20, 0.3, 1 - 1e-16, 1]).map(
    ([n, p]) =>
      () =>
        binomial(n, p),
  ),
  discreteUniform: pairs(ENDS, ENDS).map(
    ([a, b]) =>
      () =>
        discreteUniform(a, b),
  ),
  discreteLogUniform: pairs(SIZES, SIZES).map(
    ([a, b]) =>
      () =>
        discreteLogUniform(a, b),
  ),
};

let calls = 0;
beforeEach(() => {
  for (const name of ["log", "exp", "log1p", "expm1", "abs", "sqrt"] as const) {
    const own = Math[name].bind(Math);
    vi.spyOn(Math, name).mockImplementation((x) => {
      calls++;
      if (calls > MOST_CALLS) throw new RangeError(`more than ${MOST_CALLS} calls`);
      return own(x);
    });
  }
});
afterEach(() => vi.restoreAllMocks());

function counted<T>(ask: () => T): T {
  calls = 0;
  return ask();
}

/** The prior, where its parameters are not refused with a clear error. */
function made(make: () => ScalarDistribution): ScalarDistribution | undefined {
  try {
    return counted(make);
  } catch (error) {
    if (error instanceof AmortisError) return undefined;
    throw error;
  }
}

/** What is wrong with what a prior answers, at most a few. */
function faultsOf(prior: ScalarDistribution): readonly string[] {
  const faults: string[] = [];
  try {
    look(prior, faults);
  } catch (error) {
    faults.push(`${JSON.stringify(prior)}: ${String(error)}`);
  }
  return faults.slice(0, 3);
}

function look(prior: ScalarDistribution, faults: string[]): void {
  const require = (holds: boolean, what: string) => {
    if (!holds) faults.push(`${JSON.stringify(prior)}: ${what}`);
  };
  const [lower = NaN] = prior.support.lower;
  const [upper = NaN] = prior.support.upper;
  let before = -Infinity;
  for (const p of LEVELS) {
    const x = counted(() => prior.quantile(p));
    require(x >= lower && x <= upper, `quantile(${p}) = ${x} of [${lower}, ${upper}]`);
    // Rounding may turn two that are as good as one.
    require(x >= before ||
      before - x < 1e-9 * Math.abs(before), `quantile(${p}) = ${x} after ${before}`);
    before = x;
    const own = counted(() => prior.cdf(x));
    require(own >= 0 && own <= 1, `cdf(quantile(${p})) = ${own}`);
  }
  for (const x of POINTS) {
    const p = counted(() => prior.cdf(x));
    require(p >= 0 && p <= 1, `cdf(${x}) = ${p}`);
    const logDensity = counted(() => prior.logDensity([x]));
    require(!Number.isNaN(logDensity), `logDensity(${x}) = ${logDensity}`);
  }
  const random = stream("extreme");
  for (let i = 0; i < 3; i++) {
    const [x = NaN] = counted(() => prior.sample(random));
    require(x >= lower && x <= upper, `a draw ${x} of [${lower}, ${upper}]`);
  }
}

describe("extreme parameters", () => {
  test.each(Object.entries(families))("of %s", (_, makers) => {
    const priors = makers.map(made).filter((prior) => prior !== undefined);
    expect(priors.length).toBeGreaterThan(0);
    expect(priors.flatMap(faultsOf)).toEqual([]);
  });
});
