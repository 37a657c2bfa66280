/**
 * Samplers that need densities only: slices and ensembles.
 */
import { describe, expect, test } from "vitest";
import { ensemble, sliceSampler, stream, uniform, type LogTarget } from "../../src/index.js";
import { ChainSpace, runChains } from "../../src/extend.js";
import {
  equicorrelated,
  expectNormal,
  marginal,
  normalTarget,
  wholeSpace,
} from "./normal-target.js";

const sds = [0.01, 1, 30];
const means = [0, 1, 2, 5, -1, 60];
/** Without the gradient, which nothing may ask for. */
const normals: LogTarget = { ...normalTarget(equicorrelated(0.9, sds), means) };
const target: LogTarget = {
  size: normals.size,
  dimension: normals.dimension,
  logDensity: (theta, start, end) => normals.logDensity(theta, start, end),
};

describe.each([
  { name: "slices", sampler: sliceSampler(), chains: 4, iterations: 800 },
  { name: "an ensemble", sampler: ensemble(), chains: 16, iterations: 4000 },
])("$name", ({ sampler, chains, iterations }) => {
  test("find normals of several scales and strong correlation, for many data sets", async () => {
    const result = await runChains(target, sampler, {
      bijection: wholeSpace(3),
      start: Float64Array.from({ length: 2 * chains * 3 }, (_, i) => Math.sin(i * i)),
      chains,
      iterations,
      seed: 5,
    });
    expectNormal(result, means, sds);
    expect(result.divergences).toBeUndefined();
  });

  test("step as a function of state, settings and noise", async () => {
    const space = new ChainSpace(target, wholeSpace(3), 8);
    const start = await sampler.init(
      space,
      await space.at(Float64Array.from({ length: 48 }, (_, i) => Math.cos(i))),
    );
    const before = structuredClone(start);
    const { settings } = sampler.adaptation(space, 10, start);
    const random = () => Array.from({ length: 16 }, (_, i) => stream(i));
    const step = () => sampler.step(space, start, settings as never, random());
    const first = await step();
    expect(await step()).toEqual(first);
    expect(start).toEqual(before);
  });
});

describe("slices", () => {
  test("keep to a bounded support where the density is flat, and to one of many modes' shares", async () => {
    const flat: LogTarget = {
      size: 1,
      dimension: 1,
      logDensity: (t) => new Float64Array(t.length),
    };
    const result = await runChains(flat, sliceSampler(), {
      bijection: uniform(0, 2).bijection,
      start: Float64Array.of(0.1, 0.5, 1, 1.9),
      iterations: 1200,
      seed: 1,
    });
    const x = marginal(result, { set: 0, j: 0, k: 1 });
    const ess = result.bulkEss[0] ?? 1;
    expect(x.every((value) => value > 0 && value < 2)).toBe(true);
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(3 * ess));
  });

  test("end, whatever the density says of all places but one", async () => {
    let calls = 0;
    const nowhere: LogTarget = {
      size: 1,
      dimension: 1,
      logDensity: (theta) => {
        calls++;
        return theta.map((t) => (t === 0 ? 0 : -Infinity));
      },
    };
    const result = await runChains(nowhere, sliceSampler(), {
      bijection: wholeSpace(1),
      start: new Float64Array(2),
      chains: 2,
      iterations: 20,
      burnIn: 4,
    });
    expect(result.draws.every((x) => x === 0)).toBe(true);
    expect(calls).toBeLessThan(20 * 70);
  });
});

describe("an ensemble", () => {
  test("says how many walkers it takes", async () => {
    const settings = { bijection: wholeSpace(3), start: new Float64Array(24) };
    await expect(runChains(target, ensemble(), settings)).rejects.toThrow(
      "walkers must be an even number above twice the 3 axes that they move in, but there are 4 chains: give chains: 16 or more",
    );
    expect(() => ensemble({ stretch: 1 })).toThrow("stretch must be above 1, but is 1");
  });
});
