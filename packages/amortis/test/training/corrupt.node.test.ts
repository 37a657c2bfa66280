/**
 * Training on corrupted simulations: answers are those given corrupted data, in closed form.
 */
import { describe, expect, it } from "vitest";
import {
  defineModel,
  gaussian,
  inShare,
  load,
  loadCorruption,
  normal,
  npe,
  rawSummary,
  spikeAndSlab,
  train,
  type Corruption,
} from "../../src/index.js";
import { stream } from "../../src/random/index.js";
import { conjugateNormal } from "../conjugate.js";
import { method, quick } from "./quick.js";

const noisy: Corruption = ({ y }, random) => ({ y: (y ?? []).map((x) => x + 2 * random.normal()) });

describe("answers", () => {
  it("are those given noisy data, where noise is added to the simulations", async () => {
    const { model, fresh } = conjugateNormal(4);
    const own = npe(model, { summary: rawSummary(), density: gaussian() });
    const settings = { ...quick, simulations: 4000, epochs: 15, learningRate: 3e-3 };
    const estimator = await train(own, { ...settings, corrupt: noisy });
    // y_i ~ N(θ, 1 + 4): θ | y ~ N(Σ y / (4 + 5), 5 / 9).
    const { y, rows } = await fresh(100);
    const posteriors = await estimator.givenBatch({ y }, { samples: 2000 });
    const [mean, sd] = [posteriors.mean().theta, posteriors.sd().theta];
    for (const [i, row] of rows.entries()) {
      const exact = Array.from(row).reduce((a, b) => a + b, 0) / 9;
      // Six standard errors of 2,000 draws, and a tenth of a standard deviation for the networks.
      expect(Math.abs((mean[i] ?? 0) - exact)).toBeLessThan(0.18);
      expect(Math.abs((sd[i] ?? 0) / Math.sqrt(5 / 9) - 1)).toBeLessThan(0.12);
    }
    const file = await load(await estimator.toBytes());
    expect(file.details.training.corruption).toBe("a function of the user's");
    await estimator.release();
  });

  it("are not moved by outliers that are expected", async () => {
    const { model } = conjugateNormal(4);
    const own = npe(model, { summary: rawSummary(), density: gaussian({ hidden: [64, 64] }) });
    const settings = { ...quick, simulations: 6000, epochs: 20, learningRate: 3e-3 };
    const corrupt = spikeAndSlab({ share: 0.2, slab: 3 });
    const meanOf = async (options: object): Promise<number> => {
      const estimator = await train(own, { ...settings, ...options });
      // Three observations near one half, and one far away.
      const posterior = await estimator.given({ y: [0.4, 0.5, 0.6, 12] }, { samples: 1000 });
      await estimator.release();
      return posterior.mean().theta;
    };
    // The exact mean follows it: 13.5 / 5 = 2.7. Without it, it is 1.5 / 4 = 0.375.
    expect(await meanOf({})).toBeGreaterThan(1.5);
    expect(Math.abs((await meanOf({ corrupt })) - 0.375)).toBeLessThan(0.6);
  });
});

describe("what is corrupted", () => {
  it("is each simulation, anew for each epoch, and the same in another run", async () => {
    const settings = { ...quick, simulations: 100, epochs: 3 };
    const run = async () => {
      let calls = 0;
      const corrupt: Corruption = (data, random, typical) => {
        calls++;
        return noisy(data, random, typical);
      };
      const estimator = await train(method, { ...settings, corrupt });
      const { weights } = estimator.contents;
      await estimator.release();
      return { calls, weights };
    };
    const [first, second] = [await run(), await run()];
    // 90 to train on, three times, and 10 to validate with.
    expect(first.calls).toBe(280);
    expect(second.weights).toEqual(first.weights);
  });

  it("are simulations on the fly as well", async () => {
    let calls = 0;
    const corrupt: Corruption = (data) => {
      calls++;
      return data;
    };
    const estimator = await train(method, {
      ...quick,
      simulations: 640,
      onTheFly: true,
      epochs: 2,
      corrupt,
    });
    expect(calls).toBeGreaterThanOrEqual(640);
    await estimator.release();
  });

  it("must remain data of the model", async () => {
    const settings = { ...quick, simulations: 100, epochs: 1 };
    await expect(train(method, { ...settings, corrupt: () => ({ z: [1, 2] }) })).rejects.toThrow(
      /corrupt returned "z", which is no data of the model; it has y/,
    );
    await expect(train(method, { ...settings, corrupt: () => ({ y: [1] }) })).rejects.toThrow(
      /"y" has shape \[2\].* but corrupt returned 1 values/,
    );
    await expect(
      train(method, { ...settings, corrupt: () => ({ y: [1, Number.NaN] }) }),
    ).rejects.toThrow(/corrupt returned, of simulation 0, data in which y\[1\] is NaN/);
  });
});

describe("spike and slab", () => {
  it("has small errors, and a share of large ones by the Cauchy distribution", () => {
    const n = 40_000;
    const corrupt = spikeAndSlab({ share: 0.3, spike: 0.01, slab: 0.5, most: 20 });
    const sd = { x: new Float64Array(n).fill(2) };
    const { x = [] } = corrupt({ x: new Float64Array(n) }, stream(3), { sd });
    const errors = Array.from(x, (value) => Math.abs(value / 2));
    // P(|e| > 0.5): half of the slab's; beyond 0.1: 2 atan(0.1 / 0.5) / π of it is within.
    const beyond = (size: number): number => errors.filter((e) => e > size).length / n;
    // Four standard errors of a share.
    expect(Math.abs(beyond(0.5) - 0.15)).toBeLessThan(0.0072);
    const slab = 1 - (2 / Math.PI) * Math.atan(0.2);
    expect(Math.abs(beyond(0.1) - 0.3 * slab)).toBeLessThan(0.009);
    expect(Math.max(...errors)).toBe(20);
  });

  it("is of the arrays that are named, in a share of the data sets", () => {
    const corrupt = inShare(0.25, spikeAndSlab({ share: 1, arrays: ["x"] }));
    const random = stream(4);
    let changed = 0;
    for (let i = 0; i < 2000; i++) {
      const clean = { x: Float64Array.of(0), y: Float64Array.of(0) };
      const found = corrupt(clean, random, {
        sd: { x: Float64Array.of(1), y: Float64Array.of(1) },
      });
      if (found["x"]?.[0] !== 0) changed++;
      expect(found["y"]?.[0]).toBe(0);
    }
    // 500 ± 19.
    expect(Math.abs(changed - 500)).toBeLessThan(78);
    expect(corrupt.description).toMatch(
      /in a share of 0\.25 of the data sets: spike-and-slab .* of x$/,
    );
  });

  it("of no share, and exports that are none, are errors", async () => {
    expect(() => spikeAndSlab({ share: 1.5 })).toThrow(/a share from 0 to 1/);
    expect(() => inShare(-1, spikeAndSlab())).toThrow(/a share from 0 to 1, but was given -1/);
    const here = new URL("./quick.ts", import.meta.url);
    await expect(loadCorruption(here, "quick")).rejects.toThrow(/"quick" is no function/);
    await expect(loadCorruption(here, "none")).rejects.toThrow(/exports no "none"/);
  });
});

it("units are those of the clean simulations", async () => {
  const model = defineModel({
    name: "units",
    parameters: { theta: normal(0, 1) },
    data: { y: [2] },
    simulate: ({ theta }, random) => ({ y: [theta, 100 * random.normal()] }),
  });
  const seen: number[][] = [];
  const estimator = await train(npe(model, { summary: rawSummary(), density: gaussian() }), {
    ...quick,
    simulations: 1000,
    epochs: 1,
    corrupt: (data, _, { sd }) => {
      seen.push([...(sd["y"] ?? [])]);
      return data;
    },
  });
  // Four standard errors of a standard deviation of 900.
  expect(Math.abs((seen[0]?.[0] ?? 0) - 1)).toBeLessThan(0.095);
  expect(Math.abs((seen[0]?.[1] ?? 0) / 100 - 1)).toBeLessThan(0.095);
  await estimator.release();
});
