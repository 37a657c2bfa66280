/**
 * Parts of the stages: tables of likelihoods, what they change, and estimators that are kept.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mlpSummary, npe, simulate, stream } from "amortis";
import { exponentialField, gaussianField, logLikelihood } from "@amortis/gaussian-field";
import { afterAll, describe, expect, it } from "vitest";
import { paths } from "../src/files.js";
import { settingsOf } from "../src/settings.js";
import type { StageContext } from "../src/stage.js";
import { differenceOf } from "../src/stages/mcmc.js";
import { tabulate } from "../src/tabulated.js";
import { trainOnce } from "../src/training.js";

describe("tabulate", () => {
  it("errs nowhere by more than it says, at the ends least of all", async () => {
    const truths = [0.002, 0.05, 0.3, 0.59];
    const fields = new Float32Array(256 * truths.length);
    for (const [i, theta] of truths.entries()) {
      fields.set(exponentialField(theta, stream("table").split(i)), 256 * i);
    }
    const { target, largestError, largestErrorAtEnds } = tabulate(fields);
    expect(largestErrorAtEnds).toBeLessThanOrEqual(largestError);
    expect(largestError).toBeLessThan(0.01);
    const random = stream("places");
    for (const [i, truth] of truths.entries()) {
      const z = fields.subarray(256 * i, 256 * (i + 1));
      const peak = logLikelihood(truth, z);
      // Close to both ends, and wherever the posterior may be.
      const places = [
        0.001_003,
        0.5999,
        ...Array.from({ length: 40 }, () => truth * (0.8 + 0.4 * random.uniform())),
      ].filter((theta) => theta < 0.6 && logLikelihood(theta, z) > peak - 40);
      const values = await target.logDensity(Float64Array.from(places), i, i + 1);
      for (const [at, theta] of places.entries()) {
        // It is measured at some places only.
        const error = Math.abs((values[at] ?? Number.NaN) - logLikelihood(theta, z));
        expect(error).toBeLessThan(1.1 * largestError + 1e-9);
      }
    }
  });
});

describe("differenceOf", () => {
  it("compares the fields that both have answered", () => {
    const first = { estimate: [0.1, 0.2], lower: [0, 0], upper: [0.3, 0.15], crps: [0.01, 0.02] };
    const second = {
      estimate: [0.11, 0.18, 9],
      lower: [0, 0, 9],
      upper: [0.3, 0.3, 9],
      crps: [0.01, 0.03, 9],
    };
    const { fields, crps, coverage, meanAbsoluteDifferenceOfMeans } = differenceOf(
      first,
      second,
      [0.1, 0.2, 0.3],
    );
    expect(fields).toBe(2);
    expect(crps.value).toBeCloseTo(0.005, 12);
    expect(crps.standardError).toBeCloseTo(0.005, 12);
    expect(coverage.value).toBe(0.5);
    expect(meanAbsoluteDifferenceOfMeans).toBeCloseTo(0.015, 12);
  });
});

describe("trainOnce", async () => {
  const directory = await mkdtemp(join(tmpdir(), "amortis-training-"));
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const context: StageContext = {
    settings: settingsOf("test"),
    seed: 1,
    directory,
    signal: new AbortController().signal,
    report: () => undefined,
  };
  const job = (epochs: number, hidden: readonly number[]) =>
    trainOnce(context, {
      name: "small",
      method: npe(gaussianField, { summary: mlpSummary({ hidden }) }),
      plan: { epochs, batch: 16, learningRate: 1e-3, weightDecay: 0 },
      data: async () => ({
        data: await simulate(gaussianField, { simulations: 32, seed: 1, workers: 0 }),
        validation: await simulate(gaussianField, { simulations: 16, seed: 2, workers: 0 }),
      }),
      report: () => undefined,
    });

  it("takes what was trained as asked, and refuses what was not", async () => {
    const first = await job(1, [8]);
    expect((await job(1, [8])).cost).toEqual(first.cost);
    await expect(job(2, [8])).rejects.toThrow(/was trained as .*"epochs":1.* not as .*"epochs":2/);
    await expect(job(1, [4])).rejects.toThrow(/remove it and .*small\.json to train again/);
    // Records of the first version do not say what was trained.
    await writeFile(paths.training(directory, "small"), JSON.stringify(first.cost));
    expect((await job(2, [4])).cost).toEqual(first.cost);
    await writeFile(paths.training(directory, "small"), "{}");
    await expect(job(1, [8])).rejects.toThrow(/is no record of a training/);
  });

  it("trains where an estimator has no record", async () => {
    const file = paths.estimator(directory, "small");
    await mkdir(dirname(file), { recursive: true });
    await rm(paths.training(directory, "small"));
    expect((await job(1, [4])).fitted.details.training.history).toHaveLength(1);
  });
});
