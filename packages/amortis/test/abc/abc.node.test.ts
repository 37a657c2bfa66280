/**
 * Approximate Bayesian computation, against posteriors that are known.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mean } from "@amortis/graph";
import { describe, expect, it } from "vitest";
import {
  abc,
  categorical,
  defineModel,
  expertSummary,
  load,
  loadPosterior,
  normal,
  openDataSet,
  simulate,
  simulateToDirectory,
  smcAbc,
  train,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model, exactMean, exactSd, fresh } = conjugateNormal(10);
const average = expertSummary(model, "average", 1, ({ y }) =>
  mean(y, { axes: [1], keepDims: true }),
);

describe("a table of a sufficient summary", async () => {
  const estimator = await train(abc(model, { transform: average }), {
    simulations: 100_000,
    seed: 1,
    progress: false,
    workers: 0,
  });

  it("answers a batch within its Monte Carlo error, adjusted or not", async () => {
    const { y, exactMeans } = await fresh(20);
    for (const adjustment of ["none", "linear", "heteroscedastic"] as const) {
      const posteriors = await estimator.givenBatch({ y }, { adjustment, samples: 4_000 });
      expect(posteriors.answers.map(({ status }) => status)).toEqual(
        Array.from({ length: 20 }, () => "abc"),
      );
      for (const [i, exact] of exactMeans.entries()) {
        const { effective = 0, drift } = posteriors.answers[i]?.check ?? {};
        // 4 standard errors of the mean of so many draws; those of a standard deviation are smaller by √2.
        const error = (4 * exactSd) / Math.sqrt(effective);
        expect(Math.abs((posteriors.mean().theta[i] ?? NaN) - exact)).toBeLessThan(error);
        expect(Math.abs((posteriors.sd().theta[i] ?? NaN) - exactSd)).toBeLessThan(error);
        expect(drift).toBe(0);
      }
    }
  });

  it("says that a tolerance is too coarse where it is, and adjustment mends what is linear", async () => {
    const y = new Float32Array(10).fill(1.2);
    const coarse = await estimator.given({ y }, { accept: 0.5, adjustment: "none" });
    expect(coarse.note).toMatch(/too coarse: the nearer and the farther half of the 50000/u);
    expect(coarse.check?.drift).toBeGreaterThan(0.5);
    const mended = await estimator.given(
      { y },
      { accept: 0.5, adjustment: "linear", samples: 4_000 },
    );
    expect(mended.note).toBeUndefined();
    expect(mended.check?.explained).toBeGreaterThan(0.5);
    expect(Math.abs(mended.mean().theta - exactMean(y))).toBeLessThan(
      (4 * exactSd) / Math.sqrt(4_000),
    );
  });

  it("has draws, other priors and no density", async () => {
    const y = Float32Array.from([0.3, 1.2, -0.5, 0.7, 0.9, 1.5, 0.2, -0.1, 0.6, 1.1]);
    const posterior = await estimator.given({ y });
    await expect(posterior.logDensity({ theta: 0 })).rejects.toThrow(/no density/u);
    const under = await posterior.under({ theta: normal(0, 0.5) });
    const sum = y.reduce((a, b) => a + b, 0);
    // Precision 4 + 10; about 250 effective draws.
    expect(Math.abs(under.mean().theta - sum / 14)).toBeLessThan(4 / Math.sqrt(14 * 250));
    expect((await posterior.sample(7)).shape).toEqual([7, 1]);
  });

  it("is saved with its table and loaded, and answers from tables on disk the same", async () => {
    const folder = await mkdtemp(join(tmpdir(), "amortis-abc-"));
    try {
      const file = join(folder, "table.amortis");
      await estimator.save(file);
      const loaded = await loadPosterior(file, { model });
      if (loaded.kind !== "abc") throw new TypeError("its kind is abc");
      expect(loaded.tableSize).toBe(100_000);
      const { y } = await fresh(3);
      const inMemory = await loaded.givenBatch({ y });
      expect(inMemory.draws).toEqual((await estimator.givenBatch({ y })).draws);
      const simulations = join(folder, "simulations");
      const options = { simulations: 100_000, seed: 1, workers: 0 };
      await simulateToDirectory(model, simulations, options);
      const table = join(folder, "table");
      await loaded.writeTable(table, await openDataSet(simulations));
      for (const where of [simulations, table]) {
        expect((await loaded.givenBatch({ y }, { table: where })).draws).toEqual(inMemory.draws);
      }
      await expect(loaded.writeTable(table, await openDataSet(simulations))).rejects.toThrow(
        /not empty/u,
      );
      const other = await train(abc(model), { simulations: 1_000, seed: 1, progress: false });
      await expect(other.given({ y: y.subarray(0, 10) }, { table })).rejects.toThrow(
        /another estimator made/u,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  it("refuses what is no share, and options that it does not know", async () => {
    const y = new Float32Array(10);
    await expect(estimator.given({ y }, { accept: 1.5 })).rejects.toThrow(
      /accept must be a share/u,
    );
    await expect(estimator.given({ y }, { accept: 1e-5 })).rejects.toThrow(/fewest that answer/u);
    await expect(
      train(abc(model), { simulations: 1_000, onTheFly: true, progress: false }),
    ).rejects.toThrow(/made on the fly are not kept/u);
  });
});

it("learns posterior means of long data, and goes by these", async () => {
  const { model: long, exactMean: of, exactSd: sd, fresh: more } = conjugateNormal(40);
  const estimator = await train(abc(long), {
    simulations: 40_000,
    seed: 1,
    epochs: 4,
    progress: false,
  });
  expect(estimator.details.description).toMatchObject({ size: 1 });
  const { y, rows } = await more(10);
  const posteriors = await estimator.givenBatch({ y }, { samples: 4_000 });
  for (const [i, row] of rows.entries()) {
    const error = Math.abs((posteriors.mean().theta[i] ?? NaN) - of(row));
    // A network's mean is off by a tenth of the posterior's standard deviation or so, beside the error of 400 draws.
    expect(error).toBeLessThan(sd * (4 / Math.sqrt(400) + 0.2));
  }
}, 30_000);

it("counts discrete parameters, without adjusting them", async () => {
  const coin = defineModel({
    name: "coin",
    parameters: { fair: categorical(["loaded", "fair"], [0.5, 0.5]) },
    data: { heads: [] },
    simulate: ({ fair }, random) => ({ heads: random.binomial(10, fair === 1 ? 0.5 : 0.8) }),
  });
  const estimator = await train(abc(coin), {
    simulations: 40_000,
    seed: 1,
    progress: false,
    workers: 0,
  });
  const posterior = await estimator.given({ heads: 7 }, { samples: 4_000, accept: 0.05 });
  const [one, other] = [0.5 ** 10, 0.8 ** 7 * 0.2 ** 3];
  // 2,000 draws at distance zero.
  expect(
    Math.abs((posterior.probabilities().fair?.fair ?? NaN) - one / (one + other)),
  ).toBeLessThan((4 * 0.5) / Math.sqrt(2_000));
  const loaded = await load(await estimator.toBytes());
  expect(loaded.kind).toBe("abc");
});

it("sequential populations come to tolerances that the prior hardly reaches, and never take more than they may", async () => {
  const y = Float32Array.from([2.3, 3.2, 1.5, 2.7, 2.9, 3.5, 2.2, 1.9, 2.6, 3.1]);
  const spent: number[] = [];
  const options = { simulations: 30_000, seed: 1, samples: 4_000, workers: 0 };
  const onProgress = (done: number): void => {
    spent.push(done);
  };
  const posterior = (await smcAbc(model, { y }, { ...options, onProgress })).at(0);
  expect(spent.at(-1)).toBeLessThanOrEqual(30_000);
  const { effective = 0, reach } = posterior.check ?? {};
  expect(reach).toBeLessThan(0.35);
  const error = (4 * exactSd) / Math.sqrt(effective);
  expect(Math.abs(posterior.mean().theta - exactMean(y))).toBeLessThan(error);
  expect(Math.abs(posterior.sd().theta - exactSd)).toBeLessThan(error);
  await expect(smcAbc(model, { y }, { simulations: 100 })).rejects.toThrow(/must be 2000 or more/u);
}, 60_000);

it("a simulator whose data are never near ends as well", async () => {
  const noise = defineModel({
    name: "noise",
    parameters: { theta: normal(0, 1) },
    data: { y: [1] },
    simulate: (_, random) => ({ y: [random.normal()] }),
  });
  const posterior = (
    await smcAbc(noise, { y: [8] }, { simulations: 6_000, particles: 500, seed: 1, workers: 0 })
  ).at(0);
  // Nothing is learned: the prior, within 4 standard errors of so many draws.
  const { effective = 1 } = posterior.check ?? {};
  expect(Math.abs(posterior.mean().theta)).toBeLessThan(4 / Math.sqrt(effective));
  expect(posterior.note).toMatch(/beyond the accepted simulations/u);
  expect((await simulate(noise, { simulations: 4, seed: 1 })).size).toBe(4);
}, 60_000);
