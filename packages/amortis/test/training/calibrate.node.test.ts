/**
 * What a file says of how its estimator answers simulations held out of training.
 */
import { afterAll, describe, expect, it } from "vitest";
import {
  gaussian,
  load,
  nbe,
  npe,
  nre,
  rawSummary,
  train,
  type Estimator,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model } = conjugateNormal(4);
const quick = {
  simulations: 3000,
  epochs: 6,
  learningRate: 3e-3,
  seed: 2,
  workers: 0,
  threads: 1,
  progress: false,
} as const;
const opened: Estimator[] = [];

/** The calibration that the file of an estimator has. */
async function calibrationOf(trained: Estimator) {
  opened.push(trained);
  const loaded = await load(await trained.toBytes());
  opened.push(loaded);
  expect(loaded.details.calibration).toEqual(trained.details.calibration);
  return loaded.details.calibration;
}

afterAll(() => Promise.all(opened.map((one) => one.release())));

describe("the calibration in a file", () => {
  it("of posteriors: ranks, coverage and recovery as theory has them", async () => {
    const method = npe(model, { summary: rawSummary(), density: gaussian() });
    const found = await calibrationOf(await train(method, quick));
    expect([found?.simulations, found?.draws]).toEqual([300, 100]);
    const [theta] = found?.parameters ?? [];
    // θ ~ N(0, 1), four observations of unit variance: the posterior's variance is 1 / 5.
    expect(theta?.name).toBe("theta");
    expect(theta?.contraction).toBeCloseTo(0.8, 1);
    // Sampling errors of 300: of a mean 0.45 / √300 = 0.026, of r² about 0.02, of coverage 0.03 at most; four of them.
    expect(Math.abs(theta?.bias ?? NaN)).toBeLessThan(0.1);
    expect(Math.abs((theta?.rmse ?? NaN) - Math.sqrt(0.2))).toBeLessThan(0.08);
    expect(Math.abs((theta?.r2 ?? NaN) - 0.8)).toBeLessThan(0.08);
    for (const { level, covered } of theta?.coverage ?? []) {
      expect(Math.abs(covered - level)).toBeLessThan(0.12);
    }
    expect(theta?.ranks?.reduce((a, b) => a + b, 0)).toBe(300);
  }, 60_000);

  it("of points: the shares of truths below quantiles", async () => {
    const method = nbe(model, { summary: rawSummary(), quantiles: [0.25, 0.75] });
    const found = await calibrationOf(await train(method, { ...quick, epochs: 20 }));
    const [theta] = found?.parameters ?? [];
    expect(Math.abs((theta?.rmse ?? NaN) - Math.sqrt(0.2))).toBeLessThan(0.08);
    for (const { level, below } of theta?.quantiles ?? []) {
      expect(Math.abs(below - level)).toBeLessThan(0.12);
    }
    expect(theta?.quantiles?.length).toBe(2);
  }, 60_000);

  it("of ratios: a classifier that says how sure it is", async () => {
    const found = await calibrationOf(await train(nre(model, { summary: rawSummary() }), quick));
    expect(found?.classifier?.accuracy).toBeGreaterThan(0.7);
    // Of 600 in ten bins, each is off by 0.05 where all is right.
    expect(found?.classifier?.error).toBeLessThan(0.12);
  }, 60_000);

  it("is left out where that is asked for, and where few were held out", async () => {
    const method = npe(model, { summary: rawSummary(), density: gaussian() });
    const few = await train(method, { ...quick, simulations: 500, epochs: 1 });
    const none = await train(method, { ...quick, epochs: 1, calibrate: false });
    expect(await calibrationOf(few)).toBeUndefined();
    expect(await calibrationOf(none)).toBeUndefined();
    expect(Math.abs(Date.parse(none.details.created.at ?? "") - Date.now())).toBeLessThan(600_000);
  }, 60_000);
});
