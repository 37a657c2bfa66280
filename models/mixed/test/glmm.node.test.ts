/**
 * Generalised models: against exact sums over a grid, against NUTS; units and offsets; what is refused.
 */
import { exponential, halfNormal, normal, stream } from "amortis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { familyOf, type FamilyName } from "../src/family.js";
import {
  cbpp,
  glmm,
  loadMixed,
  type GlmmOptions,
  type MixedEstimator,
  type MixedPosterior,
  type Table,
} from "../src/index.js";
import { cumulant } from "./cumulant.js";
import { tableOf, unlikeNuts } from "./nuts.js";

let estimator: MixedEstimator;
beforeAll(async () => {
  estimator = await loadMixed();
});
afterAll(() => estimator.release());

/** Six groups of one intercept: sums of counts by group are all that the likelihood sees. */
const SUMS = {
  binomial: { y: [1, 7, 4, 9, 2, 5], m: [10, 10, 8, 12, 10, 9] },
  poisson: { y: [3, 15, 0, 6, 22, 4], m: [3, 3, 3, 3, 3, 3] },
} as const;

/** Rows whose sums are those: of trials as many, of Poisson counts three a group. */
function rowsOf(name: FamilyName) {
  const { y, m } = SUMS[name];
  if (name === "binomial") return { y: [...y], m: [...m], g: y.map((_, j) => `g${j}`) };
  const rows = y.flatMap((sum, j) => {
    const first = Math.floor(sum / 3);
    return [first, first, sum - 2 * first].map((count) => ({ count, g: `g${j}` }));
  });
  return { y: rows.map(({ count }) => count), g: rows.map(({ g }) => g) };
}

/** Moments of β, τ and the first group's effect, and log p(y), by sums on fine grids: of analytic integrands that end in nothing, so that their error is that of rounding. */
function byQuadrature(name: FamilyName) {
  const { logBase } = familyOf(name);
  const { y, m } = SUMS[name];
  const [betaPrior, tauPrior] = [normal(0.5, 1.5), exponential(1)];
  const u = Array.from({ length: 97 }, (_, i) => -6 + i / 8);
  const cells = { beta: 160, tau: 120 };
  const sums = { one: 0, beta: 0, beta2: 0, tau: 0, tau2: 0, effect: 0 };
  for (let a = 0; a < cells.beta; a++) {
    for (let b = 0; b < cells.tau; b++) {
      const beta = -5 + ((a + 0.5) * 10) / cells.beta;
      // τ = e^t - its grid is even in t.
      const t = -7 + ((b + 0.5) * 9) / cells.tau;
      const tau = Math.exp(t);
      let log =
        betaPrior.logDensity([beta]) +
        tauPrior.logDensity([tau]) +
        t +
        Math.log((10 * 9) / (cells.beta * cells.tau));
      let effect = 0;
      for (const [j, count] of y.entries()) {
        let [total, first] = [0, 0];
        for (const value of u) {
          const eta = beta + tau * value;
          const own = Math.exp(
            count * eta - (m[j] ?? 1) * cumulant(name, eta) - 0.5 * value * value + 20,
          );
          total += own;
          first += own * tau * value;
        }
        log += Math.log(total / 8 / Math.sqrt(2 * Math.PI)) - 20;
        if (j === 0) effect = first / total;
      }
      const weight = Math.exp(log);
      sums.one += weight;
      sums.beta += weight * beta;
      sums.beta2 += weight * beta * beta;
      sums.tau += weight * tau;
      sums.tau2 += weight * tau * tau;
      sums.effect += weight * effect;
    }
  }
  const rows = rowsOf(name);
  const base = rows.y.reduce((sum, value, i) => sum + logBase(value, rows.m?.[i] ?? 1), 0);
  const mean = { beta: sums.beta / sums.one, tau: sums.tau / sums.one };
  return {
    logEvidence: Math.log(sums.one) + base,
    mean,
    sd: {
      beta: Math.sqrt(sums.beta2 / sums.one - mean.beta ** 2),
      tau: Math.sqrt(sums.tau2 / sums.one - mean.tau ** 2),
    },
    effect: sums.effect / sums.one,
  };
}

for (const family of ["binomial", "poisson"] as const) {
  test(`${family}: the posterior of one intercept is that of quadrature, by either correction`, async () => {
    const exact = byQuadrature(family);
    for (const correction of ["importance", "metropolis"] as const) {
      const posterior = await glmm("y ~ (1 | g)", rowsOf(family), {
        family,
        ...(family === "binomial" ? { trials: "m" } : {}),
        estimator,
        correction,
        proposals: 10_000,
        samples: 10_000,
        priors: {
          fixed: { "(Intercept)": normal(0.5, 1.5) },
          sd: { "(Intercept)": exponential(1) },
        },
      });
      const { effective, acceptance, k } = posterior.check;
      expect(k).toBeLessThan(0.7);
      expect(effective).toBeGreaterThan(2_000);
      // Draws by weights are drawn once more; of a chain that accepts a share a they are worth about a / (2 - a) of as many.
      const worth =
        correction === "importance"
          ? 1 / (1 / effective + 1e-4)
          : (10_000 * acceptance) / (2 - acceptance);
      const within = 4.5 / Math.sqrt(worth);
      const [mean, sd] = [posterior.mean(), posterior.sd()];
      const [beta, tau] = [mean.fixed["(Intercept)"] ?? 0, mean.sd["(Intercept)"] ?? 0];
      expect(Math.abs(beta - exact.mean.beta) / exact.sd.beta).toBeLessThan(within);
      expect(Math.abs(tau - exact.mean.tau) / exact.sd.tau).toBeLessThan(within);
      expect(Math.abs((sd.fixed["(Intercept)"] ?? 0) / exact.sd.beta - 1)).toBeLessThan(2 * within);
      expect(Math.abs((sd.sd["(Intercept)"] ?? 0) / exact.sd.tau - 1)).toBeLessThan(2 * within);
      const effect = mean.groups["(Intercept)"]?.[0] ?? 0;
      expect(Math.abs(effect - exact.effect) / (sd.groups["(Intercept)"]?.[0] ?? 1)).toBeLessThan(
        within,
      );
      expect(Math.abs(posterior.logEvidence - exact.logEvidence)).toBeLessThan(
        4.5 / Math.sqrt(effective),
      );
    }
  });
}

test("cbpp is that of the table, and its posterior that of NUTS", async () => {
  const table = await tableOf("cbpp");
  expect(table["incidence"]?.map(Number)).toEqual(cbpp.incidence);
  expect(table["size"]?.map(Number)).toEqual(cbpp.size);
  expect(table["period"]).toEqual(cbpp.period);
  expect(table["herd"]).toEqual(cbpp.herd);
  const posterior = await glmm("incidence ~ period + (1 | herd)", cbpp, {
    family: "binomial",
    trials: "size",
    estimator,
    proposals: 8_000,
    samples: 8_000,
  });
  expect(await unlikeNuts("cbpp", posterior)).toEqual([]);
  expect(posterior.check.rounds).toBe(0);
  // There is no residual standard deviation, neither in values nor in their type.
  expect(Object.keys(posterior.mean())).toEqual(["fixed", "sd", "correlation", "groups"]);
});

test("grouseticks has the posterior of NUTS", async () => {
  const table = await tableOf("grouseticks");
  const height = (table["HEIGHT"] ?? []).map(Number);
  const mean = height.reduce((sum, value) => sum + value, 0) / height.length;
  const data = {
    TICKS: (table["TICKS"] ?? []).map(Number),
    YEAR: table["YEAR"] ?? [],
    cHEIGHT: height.map((value) => value - mean),
    BROOD: table["BROOD"] ?? [],
  };
  const posterior = await glmm("TICKS ~ YEAR + cHEIGHT + (1 | BROOD)", data, {
    family: "poisson",
    estimator,
    proposals: 3_000,
    samples: 3_000,
  });
  expect(await unlikeNuts("grouseticks", posterior)).toEqual([]);
});

/** Zeros and ones of 30 groups with slopes. */
function slopes(): Table & { readonly y: readonly number[] } {
  const random = stream("slopes");
  const g = Array.from({ length: 240 }, (_, i) => Math.floor(i / 8));
  const x = g.map(() => random.normal());
  const b = Array.from({ length: 30 }, () => [random.normal(), 0.5 * random.normal()] as const);
  const y = g.map((j, i) => {
    const eta = 0.3 + (b[j]?.[0] ?? 0) + (0.8 + (b[j]?.[1] ?? 0)) * (x[i] ?? 0);
    return random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
  });
  return { y, x, g };
}

test("truths are zeros and ones, slopes correlate, and draws are the same again", async () => {
  const data = slopes();
  const ask = async (table: Table): Promise<MixedPosterior<never>> =>
    glmm("y ~ x + (x | g)", table, {
      family: "binomial",
      estimator,
      proposals: 1_000,
      samples: 500,
    });
  const posterior = await ask(data);
  expect(Object.keys(posterior.mean().correlation)).toEqual(["(Intercept), x"]);
  expect(posterior.all.parameterNames.at(-1)).toBe("x | g[29]");
  const again = await ask({ ...data, y: data.y.map((value) => value === 1) });
  expect(again.draws).toEqual(posterior.draws);
  const [lower, upper] = posterior.interval(0.98).fixed["x"] ?? [];
  expect(lower).toBeLessThan(0.8);
  expect(upper).toBeGreaterThan(0.8);
});

test("an offset is taken off the intercept, and nothing else", async () => {
  const rows = rowsOf("poisson");
  const options = { family: "poisson", estimator, samples: 1_000, proposals: 1_000 } as const;
  const plain = await glmm("y ~ (1 | g)", rows, options);
  const moved = await glmm(
    "y ~ (1 | g)",
    { ...rows, exposure: rows.y.map(() => 2) },
    { ...options, offset: "exposure" },
  );
  expect(moved.mean().fixed["(Intercept)"]).toBeCloseTo(
    (plain.mean().fixed["(Intercept)"] ?? 0) - 2,
    3,
  );
  expect(moved.mean().sd["(Intercept)"]).toBeCloseTo(plain.mean().sd["(Intercept)"] ?? 0, 3);
});

test("counts that are all the same have an answer, of which priors have more to say", async () => {
  const g = Array.from({ length: 12 }, (_, i) => Math.floor(i / 3));
  for (const [family, value] of [
    ["binomial", 1],
    ["binomial", 0],
    ["poisson", 0],
  ] as const) {
    const y = g.map(() => value);
    const posterior = await glmm("y ~ (1 | g)", { y, g }, { family, estimator, samples: 500 });
    expect(Math.sign(posterior.mean().fixed["(Intercept)"] ?? 0)).toBe(value === 1 ? 1 : -1);
    expect(posterior.check.k).toBeLessThan(0.7);
  }
});

test("what cannot be asked is said, once and clearly", async () => {
  const rows = { y: [0, 1, 1, 0], x: [1, 2, 3, 4], m: [2, 2, 2, 2], g: ["a", "a", "b", "b"] };
  const ask = async (table: Table, options: GlmmOptions, formula = "y ~ x + (1 | g)") =>
    glmm(formula, table, { estimator, ...options });
  for (const [table, options, reason] of [
    [
      { y: [0, -1, 2, 3] },
      { family: "poisson" },
      /row 2 of "y" is -1, but a Poisson response is a count/u,
    ],
    [{ y: [0, 1, 2.5, 3] }, { family: "poisson" }, /row 3 of "y" is 2\.5/u],
    [
      { y: [0, 2, 1, 0] },
      { family: "binomial" },
      /row 2 of "y" is 2, but without trials a binomial response is 0 or 1/u,
    ],
    [
      { y: [0, 3, 1, 0] },
      { family: "binomial", trials: "m" },
      /of 2 trials it must be a whole number from 0 to 2/u,
    ],
    [
      { m: [2, 0, 2, 2] },
      { family: "binomial", trials: "m" },
      /row 2 of "m" is 0, but a number of trials/u,
    ],
    [{}, { family: "binomial", trials: "size" }, /no column "size"/u],
    [{}, { family: "poisson", trials: "m" }, /trials are of a binomial response/u],
    [{}, { family: "poisson", offset: "g" }, /row 1 of "g" is "a"/u],
    [{}, { family: "poisson", samples: 10 }, /glmm: samples must be/u],
    [
      {},
      { family: "poisson", priors: { sigma: halfNormal(1) } },
      /no residual standard deviation/u,
    ],
    [
      {},
      { family: "poisson", priors: { sd: { x: halfNormal(1) } } },
      /glmm: there is a prior of sd "x"/u,
    ],
  ] as const satisfies readonly (readonly [Table, GlmmOptions, RegExp])[]) {
    await expect(ask({ ...rows, ...table }, options)).rejects.toThrow(reason);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a caller without types may give
  const unknown = { family: "gamma" } as unknown as GlmmOptions;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
  await expect(glmm("y ~ (1 | g)", rows, undefined as unknown as GlmmOptions)).rejects.toThrow(
    /must be "binomial" or "poisson", but is missing/u,
  );
  await expect(ask(rows, unknown)).rejects.toThrow(
    /must be "binomial" or "poisson", but is "gamma"/u,
  );
  await expect(ask(rows, { family: "poisson" }, "y ~ (1 | g) + (1 | x)")).rejects.toThrow(
    /2 grouping terms/u,
  );
});
