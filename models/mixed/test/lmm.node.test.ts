/**
 * Answers of the estimator that the package brings along: against NUTS, against quadrature, under other priors; what is refused, and what the network cannot make wrong.
 */
import { readFile } from "node:fs/promises";
import { exponential, halfCauchy, halfNormal, normal, Refusal, stream } from "amortis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { correct } from "../src/correction.js";
import { lmm, loadMixed, sleepstudy, type MixedEstimator } from "../src/index.js";
import { simulateMixed } from "../src/simulate.js";

let estimator: MixedEstimator;
beforeAll(async () => {
  estimator = await loadMixed();
});
afterAll(() => estimator.release());

const FORMULA = "Reaction ~ Days + (Days | Subject)";

test("sleepstudy is that of the table, and its posterior that of NUTS", async () => {
  const table = await readFile(new URL("../data/sleepstudy.csv", import.meta.url), "utf8");
  const rows = table
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(","));
  expect(rows.map(([y]) => Number(y))).toEqual(sleepstudy.Reaction);
  expect(rows.map(([, day]) => Number(day))).toEqual(sleepstudy.Days);
  expect(rows.map(([, , subject]) => subject)).toEqual(sleepstudy.Subject);

  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what sleepstudy_nuts.py writes
  const golden = JSON.parse(
    await readFile(new URL("./fixtures/sleepstudy-nuts.json", import.meta.url), "utf8"),
  ) as {
    parameters: Readonly<
      Record<string, { readonly mean: number; readonly sd: number; readonly nEff: number }>
    >;
  };
  const posterior = await lmm(FORMULA, sleepstudy, { estimator, proposals: 8_000, samples: 8_000 });
  expect(posterior.check.rounds).toBe(0);
  expect(posterior.check.k).toBeLessThan(0.7);
  expect(posterior.check.acceptance).toBeGreaterThan(0.5);
  const [mean, sd] = [posterior.all.mean(), posterior.all.sd()];
  const wrong: string[] = [];
  for (const [name, theirs] of Object.entries(golden.parameters)) {
    const effect = /^(.*)\[(\d+)\]$/u.exec(name);
    const place = posterior.levels.indexOf(effect?.[2] ?? "");
    const of = (all: typeof mean): number => {
      const value = all[effect === null ? name : `${effect[1] ?? ""} | Subject`];
      return typeof value === "number" ? value : (value?.[place] ?? Number.NaN);
    };
    // 42 parameters: within 4.5 standard errors of both sides' draws together, about 0.07 sd; sds likewise, of heavier tails.
    const draws = 1 / posterior.check.effective + 1 / theirs.nEff;
    const off = Math.abs(of(mean) - theirs.mean) / theirs.sd / (4.5 * Math.sqrt(draws));
    const wide = Math.abs(of(sd) / theirs.sd - 1) / (4.5 * Math.sqrt(1.5 * draws));
    if (!(off < 1 && wide < 1)) wrong.push(`${name}: ${off}, ${wide}`);
  }
  expect(wrong).toEqual([]);
});

test("names nest as the formula has them, and follow through derived quantities", async () => {
  const posterior = await lmm(FORMULA, sleepstudy, { estimator, samples: 500 });
  const [mean, interval] = [posterior.mean(), posterior.interval(0.9)];
  expect(Object.keys(mean.fixed)).toEqual(["(Intercept)", "Days"]);
  expect(Object.keys(mean.correlation)).toEqual(["(Intercept), Days"]);
  expect(mean.groups["Days"]).toHaveLength(18);
  expect(posterior.levels[0]).toBe("308");
  expect(posterior.all.parameterNames).toContain("Days | Subject[309]");
  const [lower, upper] = interval.fixed["Days"] ?? [];
  expect(lower).toBeLessThan(mean.fixed["Days"] ?? 0);
  expect(upper).toBeGreaterThan(mean.fixed["Days"] ?? 0);
  const slope = posterior.all.map((values) => ({
    own: Number(values["Days"]) + ((values["Days | Subject"] as Float64Array)[0] ?? 0),
  }));
  expect(slope.mean().own).toBeCloseTo(
    (mean.fixed["Days"] ?? 0) + (mean.groups["Days"]?.[0] ?? 0),
    4,
  );
  await expect(posterior.all.logDensity({})).rejects.toThrow(/Intercept/u);
});

/** Groups of one effect: y_ji ~ N(b_j, σ²). */
function intercepts() {
  const random = stream(5);
  const g = Array.from({ length: 40 }, (_, i) => `g${Math.floor(i / 5)}`);
  const effects = Array.from({ length: 8 }, () => random.normal());
  const y = g.map((_, i) => 2 + 0.7 * (effects[Math.floor(i / 5)] ?? 0) + random.normal());
  return { y, g };
}

/** Posterior moments of sd and σ, and log p(y), of the model above by quadrature on a grid, from sums of squares alone. */
function byQuadrature({ y }: { readonly y: readonly number[] }) {
  const [prior, J, n] = [{ mean: 1, sd: 3 }, 8, 5];
  const means = Array.from(
    { length: J },
    (_, j) => y.slice(j * n, (j + 1) * n).reduce((a, b) => a + b, 0) / n,
  );
  const within = y.reduce(
    (sum, value, i) => sum + (value - (means[Math.floor(i / n)] ?? 0)) ** 2,
    0,
  );
  const cells = 160;
  const [tauPrior, sigmaPrior] = [exponential(1), halfNormal(1.5)];
  let [evidence, first, second, sigmas] = [0, 0, 0, 0];
  for (let a = 0; a < cells; a++) {
    for (let b = 0; b < cells; b++) {
      const [tau, sigma] = [((a + 0.5) / cells) * 6, ((b + 0.5) / cells) * 3];
      const v = tau * tau + (sigma * sigma) / n;
      // Means of groups ~ N(β, v), β ~ N(1, 9).
      const precision = J / v + 1 / prior.sd ** 2;
      const h = means.reduce((sum, m) => sum + m / v, prior.mean / prior.sd ** 2);
      const squares =
        means.reduce((sum, m) => sum + (m * m) / v, (prior.mean / prior.sd) ** 2) -
        (h * h) / precision;
      const log =
        -0.5 * (J * Math.log(2 * Math.PI * v) + Math.log(prior.sd ** 2 * precision) + squares) -
        0.5 *
          (J * (n - 1) * Math.log(2 * Math.PI * sigma * sigma) +
            J * Math.log(n) +
            within / (sigma * sigma));
      const weight =
        Math.exp(log + 70 + tauPrior.logDensity([tau]) + sigmaPrior.logDensity([sigma])) *
        (6 / cells) *
        (3 / cells);
      evidence += weight;
      first += weight * tau;
      second += weight * tau * tau;
      sigmas += weight * sigma;
    }
  }
  const mean = first / evidence;
  return {
    logEvidence: Math.log(evidence) - 70,
    mean,
    sd: Math.sqrt(second / evidence - mean * mean),
    sigma: sigmas / evidence,
  };
}

test("priors of any family, the evidence, and either correction are those of quadrature", async () => {
  const data = intercepts();
  const exact = byQuadrature(data);
  const priors = {
    fixed: { "(Intercept)": normal(1, 3) },
    sd: { "(Intercept)": exponential(1) },
    sigma: halfNormal(1.5),
  };
  for (const correction of ["importance", "metropolis"] as const) {
    const posterior = await lmm("y ~ (1 | g)", data, {
      estimator,
      priors,
      proposals: 8_000,
      samples: 8_000,
      correction,
    });
    const { effective, acceptance } = posterior.check;
    // Draws of a chain that accepts a share a are worth about a / (2 - a) of as many.
    const worth = correction === "importance" ? effective : (8_000 * acceptance) / (2 - acceptance);
    const within = 4.5 / Math.sqrt(worth);
    expect(
      Math.abs((posterior.mean().sd["(Intercept)"] ?? 0) - exact.mean) / exact.sd,
    ).toBeLessThan(within);
    expect(Math.abs((posterior.sd().sd["(Intercept)"] ?? 0) / exact.sd - 1)).toBeLessThan(
      2 * within,
    );
    expect(Math.abs(posterior.mean().sigma - exact.sigma) / posterior.sd().sigma).toBeLessThan(
      within,
    );
    // The standard error of the mean of weights, relative: √(1 / effective - 1 / n).
    expect(Math.abs(posterior.logEvidence - exact.logEvidence)).toBeLessThan(
      4.5 * Math.sqrt(1 / effective) + 1e-3,
    );
  }
});

test("evidence tells slopes that differ from slopes that do not", async () => {
  const slopes = await lmm(FORMULA, sleepstudy, { estimator });
  const uncorrelated = await lmm("Reaction ~ Days + (Days || Subject)", sleepstudy, { estimator });
  const without = await lmm("Reaction ~ Days + (1 | Subject)", sleepstudy, { estimator });
  expect(Object.keys(uncorrelated.mean().correlation)).toEqual([]);
  // lme4's log-likelihoods differ by 21 for two parameters more.
  expect(slopes.logEvidence - without.logEvidence).toBeGreaterThan(10);
  expect(Math.abs(slopes.logEvidence - uncorrelated.logEvidence)).toBeLessThan(2);
});

test("a network that is wrong makes an answer dearer, not wrong", async () => {
  // Proposals about 3 with half the spread, of a standard normal target in one dimension and the same with none in the others.
  const size = 2;
  const random = stream(8);
  const logTarget = (z: Float32Array): Float64Array =>
    Float64Array.from(
      { length: z.length / size },
      (_, i) =>
        -0.5 * ((z[i * size] ?? 0) ** 2 + (z[i * size + 1] ?? 0) ** 2) - Math.log(2 * Math.PI),
    );
  const network = {
    draws: (count: number) =>
      Promise.resolve(
        Float32Array.from(
          { length: count * size },
          (_, i) => (i % size === 0 ? 3 : 0) + 0.5 * random.normal(),
        ),
      ),
    logDensity: (z: Float32Array) =>
      Promise.resolve(
        Float64Array.from(
          { length: z.length / size },
          (_, i) =>
            -0.5 * ((((z[i * size] ?? 0) - 3) / 0.5) ** 2 + ((z[i * size + 1] ?? 0) / 0.5) ** 2) -
            Math.log(2 * Math.PI * 0.25),
        ),
      ),
  };
  const { z, logWeights, logEvidence, effective, rounds } = await correct(
    network,
    logTarget,
    size,
    4_000,
    random,
  );
  expect(rounds).toBeGreaterThan(0);
  let [mean, square] = [0, 0];
  for (const [i, log] of logWeights.entries()) {
    mean += Math.exp(log) * (z[i * size] ?? 0);
    square += Math.exp(log) * (z[i * size] ?? 0) ** 2;
  }
  expect(Math.abs(mean)).toBeLessThan(4.5 / Math.sqrt(effective));
  expect(Math.abs(square - 1)).toBeLessThan(4.5 * Math.sqrt(2 / effective));
  expect(Math.abs(logEvidence)).toBeLessThan(4.5 * Math.sqrt(1 / effective));
  await expect(
    correct(
      network,
      (rows) => new Float64Array(rows.length / size).fill(-Infinity),
      size,
      500,
      random,
    ),
  ).rejects.toThrow(Refusal);
});

test("what cannot be asked is said", async () => {
  const ask = async (formula: string, options = {}) =>
    lmm(formula, sleepstudy, { estimator, ...options });
  await expect(ask(FORMULA, { samples: 10 })).rejects.toThrow(
    /samples must be a whole number from 100 on/u,
  );
  await expect(ask(FORMULA, { priors: { fixed: { Day: normal(0, 1) } } })).rejects.toThrow(
    /prior of fixed "Day"/u,
  );
  await expect(ask(FORMULA, { priors: { fixed: { Days: halfCauchy(1) } } })).rejects.toThrow(
    /must be normal/u,
  );
  await expect(ask(FORMULA, { priors: { sd: { Days: normal(0, 1) } } })).rejects.toThrow(
    /one of a positive number/u,
  );
  await expect(ask(FORMULA, { priors: { lkj: 0 } })).rejects.toThrow(
    /lkj must be a positive number/u,
  );
  await expect(ask("Reaction ~ Days + (1 + Days + a + b | Subject)")).rejects.toThrow(
    /no column "a"/u,
  );
  const extra = {
    ...sleepstudy,
    a: sleepstudy.Days.map((day) => day ** 2),
    b: sleepstudy.Days.map((day) => day ** 3),
  };
  await expect(lmm("Reaction ~ (Days + a + b | Subject)", extra, { estimator })).rejects.toThrow(
    /4 random effects a group/u,
  );
  await expect(loadMixed(new Uint8Array(8))).rejects.toThrow(/zip|archive|estimator/u);
});

test("what the network learned from is drawn the same again", () => {
  const [one, other] = [simulateMixed(20, "again"), simulateMixed(20, "again")];
  expect(one.parameters).toEqual(other.parameters);
  expect(one.data.features).toEqual(other.data.features);
  expect(() => simulateMixed(0, 1)).toThrow(/whole number/u);
});
