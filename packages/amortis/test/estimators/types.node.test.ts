/** Names of parameters flow through the types: what is misspelt does not compile. */
import { expect, it } from "vitest";
import {
  defineModel,
  load,
  loadPoint,
  loadPosterior,
  nbe,
  normal,
  npe,
  nre,
  rawSummary,
  train,
  uniform,
} from "../../src/index.js";

const model = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [3] },
  simulate: ({ slope, noise }, random) => ({
    y: [0, 1, 2].map((x) => slope * x + noise * random.normal()),
  }),
});
const quick = { simulations: 256, epochs: 1, batch: 32, seed: 1, workers: 0, threads: 1 } as const;
const y = [0.1, 0.5, 1.2];

it("from a posterior estimator and its file to every answer", async () => {
  const trained = await train(npe(model, { summary: rawSummary() }), quick);
  const loaded = await loadPosterior(await trained.toBytes(), { model });
  for (const estimator of [trained, loaded]) {
    const posterior = await estimator.given({ y }, { samples: 50 });
    const slope: number = posterior.mean().slope;
    const [lower, upper]: readonly [number, number] = posterior.interval(0.9).noise;
    expect(Number.isFinite(slope) && lower < upper).toBe(true);
    const batch = await estimator.givenBatch({ y: [y, y] }, { samples: 50 });
    const slopes: Float64Array = batch.mean().slope;
    expect(slopes).toHaveLength(2);
    const wrong: readonly unknown[] = [
      // @ts-expect-error -- no such parameter
      posterior.mean().slop,
      // @ts-expect-error -- no such parameter
      posterior.sd().slop,
      // @ts-expect-error -- no such parameter
      posterior.quantile(0.5).slop,
      // @ts-expect-error -- no such parameter
      posterior.interval(0.9).slop,
      // @ts-expect-error -- no such parameter
      posterior.hpd(0.9).slop,
      // @ts-expect-error -- no such parameter
      (await posterior.map()).slop,
      // @ts-expect-error -- no such parameter
      batch.mean().slop,
    ];
    expect(wrong.every((value) => value === undefined)).toBe(true);
  }
  await trained.release();
  await loaded.release();
});

it("from a point estimator and its file to estimates and quantiles", async () => {
  const trained = await train(nbe(model, { summary: rawSummary(), interval: 0.5 }), quick);
  const loaded = await loadPoint(await trained.toBytes(), { model });
  for (const estimator of [trained, loaded]) {
    const estimate = await estimator.estimate({ y });
    const noise: number = estimate.noise;
    expect(noise).toBeGreaterThan(0);
    // @ts-expect-error -- no such parameter
    expect(estimate.nois).toBeUndefined();
    const [lower] = await estimator.quantiles({ y });
    // @ts-expect-error -- no such parameter
    expect(lower?.nois).toBeUndefined();
    const interval: readonly [number, number] = (await estimator.interval(0.5, { y })).slope;
    expect(interval[0]).toBe(lower?.slope);
    expect(interval[0]).toBeLessThan(interval[1]);
    const batch = await estimator.intervalBatch(0.5, { y: [y, y] });
    expect(batch.upper.slope[1]).toBeCloseTo(interval[1], 6);
    await expect(estimator.interval(0.9, { y })).rejects.toThrow(
      /quantiles at 0.25, 0.75.*train it with \{ interval: 0.9 \}/,
    );
  }
  await trained.release();
  await loaded.release();
});

it("says which estimator is of another kind, and how to load it", async () => {
  const point = await train(nbe(model, { summary: rawSummary() }), quick);
  const ratio = await train(nre(model, { summary: rawSummary() }), quick);
  const bytes = await point.toBytes();
  await expect(loadPosterior(bytes, { model })).rejects.toThrow(/trained by nbe.*loadPoint/);
  await expect(loadPoint(await ratio.toBytes(), { model })).rejects.toThrow(
    /trained by nre.*loadPosterior/,
  );
  const posteriors = await loadPosterior(await ratio.toBytes(), { model });
  const { slope } = (await posteriors.given({ y }, { samples: 50 })).mean();
  expect(Number.isFinite(slope)).toBe(true);
  // Of a file alone nobody knows what it holds.
  const any = await load(bytes);
  // @ts-expect-error -- it may be of any kind
  expect(any.given).toBeUndefined();
  await Promise.all([point, ratio, posteriors, any].map((fitted) => fitted.release()));
});
