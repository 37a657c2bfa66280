/**
 * Grids that fit themselves to posteriors, which are known.
 */
import { describe, expect, test } from "vitest";
import { UnsupportedError } from "@amortis/graph";
import {
  custom,
  defineModel,
  dirichlet,
  independent,
  logNormal,
  modelPosterior,
  normal,
  uniform,
} from "../../src/index.js";
import { gridPosterior, type GridTarget } from "../../src/posterior/grid-posterior.js";

/** θ ~ N(0, 1)^p, with log terms of one's own for every data set. */
function normalTarget(
  size: number,
  names: readonly string[],
  term: (theta: readonly number[], dataSet: number) => number,
): GridTarget & { readonly evaluated: readonly number[] } {
  const p = names.length;
  const evaluated = Array.from({ length: size }, () => 0);
  return {
    slots: names.map((name, offset) => ({ name, shape: [], offset, size: 1 })),
    flatNames: names,
    size,
    prior: independent(names.map(() => normal(0, 1))),
    unconstrained: () => ({ mean: names.map(() => 0), sd: names.map(() => 1) }),
    evaluated,
    logTerms: (theta, start, end) => {
      const each = theta.length / p / (end - start);
      return Promise.resolve(
        Float64Array.from({ length: theta.length / p }, (_, at) => {
          const dataSet = start + Math.floor(at / each);
          evaluated[dataSet] = (evaluated[dataSet] ?? 0) + 1;
          return term([...theta.subarray(at * p, (at + 1) * p)], dataSet);
        }),
      );
    },
  };
}

/** The posterior under y ~ N(θ, s²) where its sd is given: N(y (1 - sd²), sd²). */
const narrow = (y: number, sd: number) => {
  const variance = 1 / (1 / sd ** 2 - 1);
  return {
    mean: y * (1 - sd ** 2),
    term: (theta: number) => -0.5 * ((y - theta) ** 2 / variance + Math.log(variance)),
    // Densities of y: those of y ~ N(0, 1 + s²), without 2π as in the term.
    logEvidence: -0.5 * (y ** 2 / (1 + variance) + Math.log(1 + variance)),
  };
};

function momentsOf(draws: ArrayLike<number>, p: number) {
  const n = draws.length / p;
  const columns = Array.from({ length: p }, (_, j) =>
    Array.from({ length: n }, (_unused, i) => draws[i * p + j] ?? Number.NaN),
  );
  const mean = columns.map((x) => x.reduce((a, b) => a + b, 0) / n);
  const centred = columns.map((x, j) => x.map((value) => value - (mean[j] ?? 0)));
  const covariance = (a: number, b: number): number =>
    (centred[a] ?? []).reduce((sum, x, i) => sum + x * (centred[b]?.[i] ?? 0), 0) / n;
  return { mean, sd: columns.map((_, j) => Math.sqrt(covariance(j, j))), covariance };
}

const DRAWS = 4000;

describe("a grid of one parameter", () => {
  test("gives what lies beyond the numbers of single precision no more mass than the prior has there", async () => {
    const prior = independent([logNormal(0, 20)]);
    const flat = normalTarget(1, ["scale"], () => 0);
    const unconstrained = () => ({ mean: [prior.bijection.inverse([1])[0] ?? 0], sd: [20] });
    const source = gridPosterior({ ...flat, prior, unconstrained });
    const { draws, answers } = await source.draw(DRAWS, 1, 0, 1);
    expect(answers[0]?.refusal).toBeUndefined();
    // Shares of a flat likelihood's posterior are the prior's, to four deviations of so many draws.
    for (const [at, share] of [
      [-20, 0.1587],
      [0, 0.5],
      [20, 0.8413],
    ] as const) {
      const below = draws.filter((x) => Math.log(x) < at).length / DRAWS;
      expect(Math.abs(below - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / DRAWS));
    }
  });

  // Cells of the first grid are 0.02 wide: a posterior of sd 0.001 lies within one of them.
  test.each([0.5, 0.1, 0.01, 0.001])("resolves a posterior of sd %d", async (sd) => {
    const { mean, term, logEvidence } = narrow(0.8765, sd);
    const source = gridPosterior(normalTarget(1, ["mu"], ([mu = 0]) => term(mu)));
    const found = momentsOf((await source.draw(DRAWS, 1, 0, 1)).draws, 1);
    // Stratified draws err by less than independent ones: 1 / √4,000 = 0.016 sd of the mean, and 0.011 of the sd.
    expect(Math.abs((found.mean[0] ?? 0) - mean) / sd).toBeLessThan(0.05);
    expect(Math.abs((found.sd[0] ?? 0) / sd - 1)).toBeLessThan(0.035);
    const at = Float32Array.of(mean + sd);
    const theta = at[0] ?? 0;
    const exact = term(theta) - 0.5 * (theta ** 2 + Math.log(2 * Math.PI)) - logEvidence;
    // Sums over cells are exact to many digits; what is left is θ in single precision, 6e-8 / sd.
    expect((await source.logDensity(at, 0, 1))[0]).toBeCloseTo(exact, 3);
  });

  test("looks again at those data sets only that need it, and gives each what it gives alone", async () => {
    const ys = [0.3, -1.2, 0.7];
    const sds = [0.6, 0.002, 0.6];
    const terms = ys.map((y, i) => narrow(y, sds[i] ?? 1).term);
    const batch = normalTarget(3, ["mu"], ([mu = 0], i) => terms[i]?.(mu) ?? 0);
    const source = gridPosterior(batch);
    const { draws } = await source.draw(500, 7, 0, 3);
    expect(batch.evaluated[0]).toBe(1000);
    expect(batch.evaluated[1]).toBeGreaterThan(1000);
    expect(batch.evaluated[2]).toBe(1000);
    const alone = gridPosterior(normalTarget(3, ["mu"], ([mu = 0], i) => terms[i]?.(mu) ?? 0));
    expect((await alone.draw(500, 7, 1, 2)).draws).toEqual(draws.subarray(500, 1000));
    // Asked again, it remembers where it looked.
    const before = batch.evaluated[1] ?? 0;
    expect((await source.draw(500, 7, 0, 3)).draws).toEqual(draws);
    expect((batch.evaluated[1] ?? 0) - before).toBe(1000);
  });

  test("moves where the first look pointed to a wrong cell", async () => {
    // A spike on the centre of one of the first cells, 0.07, which no closer look meets again; the posterior is Laplace's, six cells away.
    const [centre, slope] = [0.1965, 200];
    const term = (mu: number): number =>
      Math.abs(mu - 0.07) < 1e-6 ? 1e3 : -slope * Math.abs(mu - centre);
    const target = normalTarget(1, ["mu"], ([mu = 0]) => term(mu));
    const found = momentsOf((await gridPosterior(target).draw(DRAWS, 1, 0, 1)).draws, 1);
    const sd = Math.SQRT2 / slope;
    // The kurtosis of 6 makes the sd of 4,000 independent draws err by √(5 / 4n) = 0.018.
    expect(Math.abs((found.mean[0] ?? 0) - centre) / sd).toBeLessThan(0.05);
    expect(Math.abs((found.sd[0] ?? 0) / sd - 1)).toBeLessThan(0.06);
  });
});

describe("a grid of two parameters", () => {
  /** Two normal likelihoods with a correlation, of which the posterior has the precision Σ⁻¹ + I. */
  const bivariate = (sd: number, correlation: number) => {
    const [a, b] = [0.31, -0.62];
    const scale = 1 / (sd ** 2 * (1 - correlation ** 2));
    const form = (x: number, y: number): number =>
      scale * (x * x - 2 * correlation * x * y + y * y);
    const precision = [scale + 1, -correlation * scale] as const;
    const determinant = precision[0] ** 2 - precision[1] ** 2;
    const [right0, right1] = [scale * (a - correlation * b), scale * (b - correlation * a)];
    return {
      term: (x: number, y: number) => -0.5 * form(x - a, y - b),
      mean: [
        (precision[0] * right0 - precision[1] * right1) / determinant,
        (precision[0] * right1 - precision[1] * right0) / determinant,
      ] as const,
      sd: Math.sqrt(precision[0] / determinant),
      covariance: -precision[1] / determinant,
      logPeak: 0.5 * Math.log(determinant) - Math.log(2 * Math.PI),
    };
  };

  // Cells of the first grid are 0.125 wide.
  test.each([
    [0.02, 0],
    [0.02, 0.95],
    [0.7, -0.99],
  ])("resolves a posterior of sd %d and correlation %d", async (sd, correlation) => {
    const exact = bivariate(sd, correlation);
    const target = normalTarget(1, ["a", "b"], ([a = 0, b = 0]) => exact.term(a, b));
    const source = gridPosterior(target);
    const found = momentsOf((await source.draw(DRAWS, 2, 0, 1)).draws, 2);
    for (const j of [0, 1] as const) {
      // 4,000 draws err by 0.016 sd in the mean, and by 0.011 in the sd.
      expect(Math.abs((found.mean[j] ?? 0) - exact.mean[j]) / exact.sd).toBeLessThan(0.065);
      expect(Math.abs((found.sd[j] ?? 0) / exact.sd - 1)).toBeLessThan(0.045);
    }
    // A correlation errs by (1 - ρ²) / √n ≤ 0.016, and by 0.002 of it from points within cells of a tenth of an sd.
    expect(Math.abs((found.covariance(0, 1) - exact.covariance) / exact.sd ** 2)).toBeLessThan(
      0.07,
    );
    const [density = 0] = await source.logDensity(Float32Array.from(exact.mean), 0, 1);
    // Sums over 160 cells by mass err by a thousandth.
    expect(Math.abs(density - exact.logPeak)).toBeLessThan(0.002);
  });

  test("says so where a ridge is thinner than its cells can be", async () => {
    const exact = bivariate(0.7, 0.99999);
    const target = normalTarget(1, ["a", "b"], ([a = 0, b = 0]) => exact.term(a, b));
    const { answers } = await gridPosterior(target).draw(100, 0, 0, 1);
    expect(answers[0]?.status).toBe("refused");
    expect(answers[0]?.refusal).toBeInstanceOf(UnsupportedError);
    expect(answers[0]?.note).toMatch(
      /posterior of data set 0 is too narrow for 160 cells along each axis.*give more `points`, or ask for method "mcmc"/,
    );
  });
});

describe("a grid refuses", () => {
  const noteOf = async (target: GridTarget, dataSet = 0): Promise<string | undefined> =>
    (await gridPosterior(target).draw(10, 0, 0, target.size)).answers[dataSet]?.note;

  test("a likelihood that is NaN somewhere, with the place, and answers the other data sets", async () => {
    const target = normalTarget(3, ["mu"], ([mu = 0], i) => (i === 1 && mu > 1 ? Number.NaN : 0));
    const source = gridPosterior(target);
    const { draws, answers } = await source.draw(10, 0, 0, 3);
    expect(answers.map(({ status }) => status)).toEqual(["grid", "refused", "grid"]);
    // Cells are 0.02 wide: the first centre above 1 is 1.01.
    expect(answers[1]?.note).toContain(
      "the log-likelihood (or log ratio) of data set 1 is NaN at mu = 1.01: it must be a number, or -Infinity",
    );
    expect(draws.subarray(10, 20).every(Number.isNaN)).toBe(true);
    expect(draws.filter(Number.isFinite).length).toBe(20);
    const densities = await source.logDensity(new Float32Array(3), 0, 3);
    expect([...densities].map(Number.isNaN)).toEqual([false, true, false]);
  });

  test("a likelihood of -Infinity throughout, and a prior that misses the grid", async () => {
    expect(await noteOf(normalTarget(1, ["mu"], () => -Infinity))).toContain(
      "the posterior of data set 0 has no mass on the grid, at the centres of 1000 cells",
    );
    const trained = uniform(0, 1);
    const elsewhere = uniform(2, 3);
    const missed = {
      ...normalTarget(1, ["mu"], () => 0),
      prior: {
        support: trained.support,
        bijection: trained.bijection,
        logDensity: (theta: ArrayLike<number>) => elsewhere.logDensity(theta),
      },
    };
    expect(await noteOf(missed)).toContain(
      "a prior given as an option overlaps with the one an estimator was trained with",
    );
  });

  test("what was learned, beyond its reach, and a posterior finer than single precision", async () => {
    const far = normalTarget(1, ["mu"], ([mu = 0]) => -50 * (mu - 30) ** 2);
    expect(await noteOf(far)).toContain("lies at the end of the grid or beyond");
    const fine = normalTarget(1, ["mu"], ([mu = 0]) => -0.5 * ((mu - 1) / 1e-9) ** 2);
    expect(await noteOf(fine)).toContain("single precision");
  });
});

test("a Dirichlet of two keeps to its simplex, with the density of its first coordinate", async () => {
  const [a, b, hits, misses] = [2, 3, 6, 4];
  const model = defineModel({
    name: "shares",
    parameters: { share: dirichlet([a, b]) },
    data: { hits: [] },
    simulate: (_, random) => ({ hits: random.binomial(hits + misses, 0.5) }),
    logLikelihood: ({ share }) => hits * Math.log(share[0] ?? 0) + misses * Math.log(share[1] ?? 0),
  });
  const posterior = (await modelPosterior(model, { hits: [hits] }, { samples: DRAWS })).at(0);
  // Beta(8, 7): mean 8/15, variance 56 / (15² 16).
  const sums = Array.from(
    { length: DRAWS },
    (_, i) => (posterior.draws[2 * i] ?? 0) + (posterior.draws[2 * i + 1] ?? 0),
  );
  expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-6);
  const sd = Math.sqrt(56 / (15 ** 2 * 16));
  const found = momentsOf(posterior.draws, 2);
  expect(Math.abs((found.mean[0] ?? 0) - 8 / 15) / sd).toBeLessThan(0.065);
  expect(Math.abs((found.sd[0] ?? 0) / sd - 1)).toBeLessThan(0.045);
  // 1 / B(8, 7) = 14! / (7! 6!) = 24,024.
  const exact = Math.log(24_024) + 7 * Math.log(0.5) + 6 * Math.log(0.5);
  expect(await posterior.logDensity({ share: Float64Array.of(0.5, 0.5) })).toBeCloseTo(exact, 4);
});

test("a prior of one's own with bounds has its grid on them", async () => {
  const triangle = custom({
    sample: (random) => Math.sqrt(random.positive()),
    logDensity: ({ 0: x = 0 }) => Math.log(2 * x),
    support: { lower: 0, upper: 1 },
  });
  const source = gridPosterior({
    ...normalTarget(1, ["x"], () => 0),
    prior: independent([triangle]),
  });
  const { draws } = await source.draw(DRAWS, 3, 0, 1);
  // Mean 2/3 and sd √(1/18); 4,000 draws err by 0.016 sd.
  const found = momentsOf(draws, 1);
  expect(Math.abs((found.mean[0] ?? 0) - 2 / 3) * Math.sqrt(18)).toBeLessThan(0.065);
  expect((await source.logDensity(Float32Array.of(0.5), 0, 1))[0]).toBeCloseTo(0, 4);
});
