/**
 * Diagnoses of trained estimators.
 */
import { expect, test } from "vitest";
import {
  anyToAny,
  defineModel,
  gaussian,
  multivariateNormal,
  mutualInformationSummary,
  nbe,
  nle,
  normal,
  npe,
  nre,
  rawSummary,
  simulate,
  train,
} from "../../src/index.js";
import { diagnose, diagnosisExample, expectedLogDensity } from "../../src/diagnostics/index.js";
import { diagnosisFigure, diagnosisReport, pairsFigure } from "../../src/figures/index.js";
import { conjugateNormal } from "../conjugate.js";

test("a trained estimator, its picture and its verdict", async () => {
  const { model } = conjugateNormal(4);
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const quick = { simulations: 4000, epochs: 12, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(method, quick);
  const found = await diagnose(estimator, model, { simulations: 300, samples: 99, workers: 0 });
  const [theta] = found.parameters;
  // The posterior is N(Σ y / 5, 1 / 5) under the prior N(0, 1): contraction 0.8, correlation √0.8. Sampling errors are below 0.03.
  expect(theta?.contraction.value).toBeCloseTo(0.8, 1);
  expect(Math.abs((theta?.recovery.value ?? 0) - Math.sqrt(0.8))).toBeLessThan(0.06);
  // The exact posterior is of the family, and the fit is close to it.
  expect(found.verdict[0]).toMatch(/^calibrated: no fault was found over 300 fresh simulations/);
  expect(found.joint.density?.pValue).toBeGreaterThan(0.001);
  expect(diagnosisFigure(found)).toMatch(/^<svg[\s\S]*theta: recovery[\s\S]*<\/svg>/);
  const posterior = await estimator.given({ y: Float64Array.of(1, 2, 0, 1) });
  expect(pairsFigure(await posterior.sample(200), { truth: [0.8] })).toMatch(/^<svg[\s\S]*<\/svg>/);

  const example = await diagnosisExample(estimator, model, { samples: 400, workers: 0 });
  if (example === undefined) throw new TypeError("its posterior is of draws");
  const meanOf = (values: Iterable<number | bigint>): number =>
    Float64Array.from(values, Number).reduce((a, b) => a + b, 0) / 400;
  const middle = meanOf(example.posterior.data);
  // Within four standard deviations of the posterior of the truth; and draws of the prior about zero, ± 4 standard errors of 400.
  expect(Math.abs(middle - (example.truth[0] ?? Number.NaN))).toBeLessThan(4 * Math.sqrt(0.2));
  expect(Math.abs(meanOf(example.prior.data))).toBeLessThan(0.2);
  expect(example.checks.map(({ name }) => name)).toEqual([
    "mean of y",
    "sd of y",
    "smallest of y",
    "largest of y",
  ]);
  expect(example.checks.every(({ replicated }) => replicated.length === 200)).toBe(true);
  const page = diagnosisReport(found, { example });
  expect(page).toContain("the posterior of one data set");
  expect(page).toContain("mean of y: p = ");
  await estimator.release();
});

test("quantities that follow from the parameters are diagnosed by their names and types", async () => {
  const model = defineModel({
    name: "two means",
    parameters: {
      a: normal(0, 1),
      b: multivariateNormal(
        [0, 0],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    },
    data: { y: [3] },
    simulate: ({ a, b }, random) => ({
      y: [a, b[0] ?? 0, b[1] ?? 0].map((mean) => mean + 0.5 * random.normal()),
    }),
  });
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const estimator = await train(method, {
    simulations: 2000,
    epochs: 4,
    seed: 1,
    workers: 0,
    threads: 1,
  });
  const how = { simulations: 150, samples: 60, workers: 0 };
  const found = await diagnose(estimator, model, {
    ...how,
    derived: ({ a, b }) => ({ total: a + (b[0] ?? 0) + (b[1] ?? 0), shifted: b.map((x) => a - x) }),
  });
  expect(found.parameters.map(({ name }) => name)).toEqual(["a", "b[0]", "b[1]"]);
  expect(found.derived.map(({ name }) => name)).toEqual(["total", "shifted[0]", "shifted[1]"]);
  // Each posterior is N(0.8 y, 0.2) under N(0, 1): contraction 0.8 of all linear combinations. Four epochs come near it; 150 truths leave ± 0.03.
  for (const { contraction } of found.derived) {
    expect(Math.abs(contraction.value - 0.8)).toBeLessThan(0.12);
  }
  expect(found.tests.some(({ parameter }) => parameter === "total")).toBe(true);
  const example = await diagnosisExample(estimator, model, {
    samples: 50,
    workers: 0,
    derived: ({ a, b }) => ({ total: a + (b[0] ?? 0) + (b[1] ?? 0) }),
  });
  expect(example?.posterior.names).toEqual(["a", "b[0]", "b[1]", "total"]);
  const rows = [example?.posterior.data, example?.prior.data, example?.truth].map((data) =>
    Array.from(data ?? []).slice(0, 4),
  );
  for (const [a = 0, b = 0, c = 0, total = 0] of rows) expect(total).toBeCloseTo(a + b + c, 5);
  expect(diagnosisReport(found, { example })).toContain("total");
  await expect(
    // @ts-expect-error -- a misspelt name does not compile
    diagnose(estimator, model, { ...how, derived: ({ aa }) => ({ total: aa as number }) }),
  ).rejects.toThrow(/map\(θ => \.\.\.\) must give numbers/);
  await estimator.release();
});

test("points and quantiles are judged by their errors", async () => {
  const { model } = conjugateNormal(4);
  const own = { simulations: 4000, epochs: 12, learningRate: 5e-3, batch: 32 };
  const quick = { ...own, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(nbe(model, { summary: rawSummary(), interval: 0.9 }), quick);
  const found = await diagnose(estimator, model, { simulations: 300, workers: 0 });
  const [theta] = found.parameters;
  expect(found).toMatchObject({ estimate: "mean", levels: [0.05, 0.95], shared: 0 });
  // The exact mean errs by √(1/5) = 0.447 ± 0.018.
  expect(Math.abs((theta?.rmse.value ?? 0) - Math.sqrt(0.2))).toBeLessThan(0.06);
  expect(found.verdict[0]).toMatch(/^calibrated: no fault was found over 300 fresh simulations/);
  await expect(diagnose(estimator, model, { samples: 99 })).rejects.toThrow(
    /samples would be read by nothing beside an estimator of points/,
  );
  const derived = { derived: () => ({ one: 1 }) };
  await expect(diagnose(estimator, model, derived)).rejects.toThrow(
    /derived would be read by nothing beside an estimator of points/,
  );
  await estimator.release();
});

const { model: pair } = conjugateNormal(2);
const brief = { simulations: 2000, epochs: 4, seed: 1, workers: 0, threads: 1 };

test.each([
  ["ratios", () => train(nre(pair, { summary: rawSummary() }), brief)],
  ["likelihoods", () => train(nle(pair, { density: gaussian() }), brief)],
  ["joint distributions", () => train(anyToAny(pair), brief)],
] as const)("posteriors that follow from %s are judged by their draws", async (_, trained) => {
  const estimator = await trained();
  const found = await diagnose(estimator, pair, { simulations: 100, samples: 60, workers: 0 });
  expect(found.verdict[0]).toMatch(/calibrated: /);
  // Four epochs teach something: of the exact posterior the contraction is 2/3.
  expect(found.parameters[0]?.contraction.value).toBeGreaterThan(0.3);
  expect(found.simulations).toBe(100);
  await estimator.release();
});

test("what has neither draws nor estimates is refused", async () => {
  const { model } = conjugateNormal(2);
  const quick = { simulations: 200, epochs: 1, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(mutualInformationSummary(model), quick);
  await expect(diagnose(estimator, model)).rejects.toThrow(
    "diagnose needs posteriors or estimates, but mutualInformationSummary gives summaries",
  );
  await estimator.release();
});

test("simulations that were trained on are said to be, and are no score", async () => {
  const { model } = conjugateNormal(2);
  const method = npe(model, { summary: rawSummary(), density: gaussian() });
  const quick = { simulations: 400, epochs: 1, seed: 1, workers: 0, threads: 1 };
  const fitted = await train(method, quick);
  const seen = await diagnose(fitted, model, {
    simulations: 300,
    seed: 1,
    samples: 20,
    workers: 0,
  });
  expect(seen.shared).toBe(300);
  expect(seen.calibrated).toBe(false);
  expect(seen.verdict[0]).toMatch(
    /^300 of the 300 data sets are among the simulations that it was/,
  );
  const fresh = await diagnose(fitted, model, {
    simulations: 30,
    seed: 2,
    samples: 20,
    workers: 0,
  });
  expect(fresh.shared).toBe(0);
  const again = await simulate(model, { simulations: 10, seed: 1, workers: 0 });
  await expect(expectedLogDensity(fitted, again)).rejects.toThrow(
    /10 of the 10 simulations are among those that the estimator was trained on/,
  );
  await fitted.release();
});
