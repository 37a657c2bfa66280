/**
 * Hamiltonian samplers, and what they are made of.
 */
import { describe, expect, test } from "vitest";
import { hmc, nuts, stream, type LogTarget } from "../../src/index.js";
import { ChainSpace, runChains } from "../../src/extend.js";
import { symmetricEigen } from "../../src/math/index.js";
import { DualAveraging } from "../../src/samplers/dual-averaging.js";
import { Energies } from "../../src/samplers/energies.js";
import { learnMetric } from "../../src/samplers/learn-metric.js";
import { toPositions, toWhitened, unitMetric, type Metric } from "../../src/samplers/metric.js";
import { Phase } from "../../src/samplers/phase.js";
import { targetCalls } from "../../src/samplers/target-calls.js";
import { equicorrelated, expectNormal, normalTarget, wholeSpace } from "./normal-target.js";

/** A random symmetric positive definite matrix. */
function covariance(k: number, seed: number): Float64Array {
  const random = stream(seed);
  const root = Float64Array.from({ length: k * k }, () => random.normal());
  return Float64Array.from({ length: k * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    let sum = i === j ? 0.1 : 0;
    for (let l = 0; l < k; l++) sum += (root[i * k + l] ?? 0) * (root[j * k + l] ?? 0);
    return sum;
  });
}

describe("symmetric eigenvalues", () => {
  test("make up the matrix, with orthonormal vectors", () => {
    const k = 7;
    const matrix = covariance(k, 1);
    const { values, vectors } = symmetricEigen(matrix, k);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        let [made, product] = [0, 0];
        for (let r = 0; r < k; r++) {
          made += (values[r] ?? 0) * (vectors[r * k + i] ?? 0) * (vectors[r * k + j] ?? 0);
          product += (vectors[i * k + r] ?? 0) * (vectors[j * k + r] ?? 0);
        }
        expect(made).toBeCloseTo(matrix[i * k + j] ?? NaN, 12);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
    const [least, most] = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2).values.toSorted();
    expect(least).toBeCloseTo(1, 14);
    expect(most).toBeCloseTo(3, 14);
  });
});

describe("a metric", () => {
  /** F Fᵀ, [k, k]. */
  const square = (metric: Metric, k: number): Float64Array => {
    const all = new Float64Array(k * k);
    for (let i = 0; i < k; i++) {
      const unit = Float64Array.from({ length: k }, (_, j) => (i === j ? 1 : 0));
      const whitened = new Float64Array(k);
      toWhitened(metric, unit, whitened);
      toPositions(metric, whitened, all.subarray(i * k, (i + 1) * k));
    }
    return all;
  };

  test("of enough rank is the covariance of a normal target, whatever the scales", () => {
    const k = 5;
    const sds = [1e-3, 1, 50, 2, 0.1];
    const shape = covariance(k, 2);
    const positions = shape.map((x, at) => x * (sds[Math.floor(at / k)] ?? 1) * (sds[at % k] ?? 1));
    const { values, vectors } = symmetricEigen(shape, k);
    const gradients = positions.map((_, at) => {
      const [i, j] = [Math.floor(at / k), at % k];
      let sum = 0;
      for (let r = 0; r < k; r++) {
        sum += ((vectors[r * k + i] ?? 0) * (vectors[r * k + j] ?? 0)) / (values[r] ?? 1);
      }
      return sum / ((sds[i] ?? 1) * (sds[j] ?? 1));
    });
    const metric = learnMetric({ positions, gradients, draws: 1e9 }, k, k);
    const found = square(metric ?? unitMetric(k), k);
    // What is near one is left to the diagonal, which may be off by a factor of 1.5.
    for (const [at, value] of found.entries()) {
      const scale = Math.sqrt(
        (positions[Math.floor(at / k) * (k + 1)] ?? 1) * (positions[(at % k) * (k + 1)] ?? 1),
      );
      expect(Math.abs(value - (positions[at] ?? NaN)) / scale).toBeLessThan(0.5);
    }
    const rankOne = learnMetric({ positions, gradients, draws: 1e9 }, k, 1);
    expect(rankOne?.roots.length).toBe(1);
    expect(learnMetric({ positions, gradients, draws: 1e9 }, k, 0)?.roots.length).toBe(0);
  });

  test("is not learned from chains that stand still", () => {
    const still = { positions: new Float64Array(4), gradients: new Float64Array(4), draws: 10 };
    expect(learnMetric(still, 2, 2)).toBeUndefined();
  });
});

describe("the leapfrog", () => {
  const metric: Metric = {
    scale: Float64Array.of(2, 0.5),
    vectors: Float64Array.of(0.6, 0.8),
    roots: Float64Array.of(3),
  };
  /** A quartic. */
  const rowAt = (position: Float64Array) => ({
    points: {
      position,
      parameters: position,
      logDensity: Float64Array.of(position.reduce((sum, x) => sum - 0.25 * x ** 4, 0)),
      gradient: position.map((x) => -(x ** 3)),
    },
    row: 0,
  });
  const beginAt = (from: Float64Array, momentum: Float64Array): Phase => {
    const phase = new Phase(2, 2);
    phase.momentum.set(momentum);
    phase.begin(metric, rowAt(from));
    return phase;
  };
  const go = (steps: number, size: number, momentum: Float64Array, from: Float64Array) => {
    const phase = beginAt(from, momentum);
    for (let i = 0; i < steps; i++) {
      phase.arrive(metric, size, rowAt(phase.leave(metric, size).slice()));
    }
    return phase;
  };

  test("comes back where momenta are turned round", () => {
    const start = Float64Array.of(0.3, -0.4);
    const there = go(20, 0.05, Float64Array.of(1, -0.5), start);
    const back = go(
      20,
      0.05,
      there.momentum.map((p) => -p),
      there.position,
    );
    expect(back.position[0]).toBeCloseTo(0.3, 12);
    expect(back.momentum[1]).toBeCloseTo(0.5, 12);
  });

  test("keeps the energy up to the square of the step", () => {
    const start = Float64Array.of(0.3, -0.4);
    const momentum = Float64Array.of(1, -0.5);
    const { energy } = beginAt(start, momentum);
    const error = (size: number) =>
      Math.abs(go(Math.round(0.5 / size), size, momentum, start).energy - energy);
    expect(error(0.01) / error(0.005)).toBeGreaterThan(3.5);
    expect(error(0.01) / error(0.005)).toBeLessThan(4.5);
  });
});

describe("dual averaging", () => {
  test("finds the step with the acceptance that is wanted", () => {
    const averaging = new DualAveraging(0.8, 1);
    const random = stream(3);
    for (let t = 0; t < 2000; t++) {
      averaging.note(Math.min(1, Math.exp(-averaging.step) * (0.9 + 0.2 * random.uniform())));
    }
    expect(averaging.average).toBeCloseTo(-Math.log(0.8), 1);
  });
});

describe("E-BFMI", () => {
  test("is the share of the energies' variance that one step makes", () => {
    const energies = new Energies(2, 2);
    const rows = [
      [1, 5],
      [3, 4],
      [2, 7],
      [6, 1],
    ];
    for (const row of rows) {
      energies.note({
        acceptance: new Float64Array(2),
        accepted: new Uint8Array(2),
        divergent: Uint8Array.of(0, 1),
        energy: Float64Array.from(row),
      });
    }
    const found = energies.summary();
    // (4 + 1 + 16) / 14, and (1 + 9 + 36) / 18.75.
    expect(found?.eBfmi[0]).toBeCloseTo(Math.min(21 / 14, 46 / 18.75), 12);
    expect(found?.divergences).toEqual(Uint32Array.of(4));
    expect(new Energies(2, 2).summary()).toBeUndefined();
  });
});

describe("calls of a target", () => {
  test("ask about each row once, of neighbouring data sets together", () => {
    const chains = Uint32Array.of(0, 1, 5, 80, 81, 83);
    const theta = Float64Array.from(chains, (chain) => chain);
    const calls = targetCalls(theta, chains, { chains: 4, p: 1 });
    expect(calls.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [20, 21],
    ]);
    for (const { theta: asked, rows, places } of calls) {
      expect(rows.map((row) => theta[row])).toEqual(places.map((place) => asked[place]));
    }
    expect(calls.flatMap(({ rows }) => rows)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe.each([
  { name: "nuts", sampler: nuts() },
  { name: "nuts, with a diagonal metric", sampler: nuts({ rank: 0 }) },
  { name: "hmc", sampler: hmc() },
])("$name", ({ sampler }) => {
  test("finds normals of several scales and strong correlation, for many data sets", async () => {
    const sds = [0.01, 1, 30];
    const means = [0, 1, 2, 5, -1, 60];
    const result = await runChains(normalTarget(equicorrelated(0.9, sds), means), sampler, {
      bijection: wholeSpace(3),
      start: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      iterations: 1000,
      burnIn: 300,
      seed: 5,
    });
    expectNormal(result, means, sds);
    expect(result.divergences).toEqual(new Uint32Array(2));
    for (const eBfmi of result.eBfmi ?? []) expect(eBfmi).toBeGreaterThan(0.5);
  });

  test("gives a data set the same draws whatever else is in the batch", async () => {
    const settings = { bijection: wholeSpace(2), chains: 2, iterations: 100, seed: 9 };
    const precision = equicorrelated(0.5, [1, 2]);
    const both = await runChains(normalTarget(precision, [0, 1, 2, 3]), sampler, {
      ...settings,
      start: new Float64Array(8),
    });
    const second = await runChains(normalTarget(precision, [2, 3]), sampler, {
      ...settings,
      start: new Float64Array(4),
      firstIndex: 1,
    });
    expect(both.draws.subarray(second.draws.length)).toEqual(second.draws);
  });

  test("steps as a function of state, settings and noise", async () => {
    const target = normalTarget(equicorrelated(0.5, [1, 2]), [0, 1]);
    const space = new ChainSpace(target, wholeSpace(2), 2);
    const start = await sampler.init(space, await space.at(Float64Array.of(0, 1, 2, 3)));
    const before = structuredClone(start);
    const { settings } = sampler.adaptation(space, 10, start);
    const random = () => [stream(1), stream(2)];
    const first = await sampler.step(space, start, settings, random());
    expect(await sampler.step(space, start, settings, random())).toEqual(first);
    expect(start).toEqual(before);
  });
});

describe("trajectories", () => {
  test("that diverge are counted", async () => {
    // A funnel, whose neck is narrower than any step that suits its mouth.
    const funnel: LogTarget = {
      size: 1,
      dimension: 2,
      logDensity: () => new Float64Array(),
      valueAndGradient: (theta) => {
        const value = new Float64Array(theta.length / 2);
        const gradient = new Float64Array(theta.length);
        for (let i = 0; i < value.length; i++) {
          const [v = 0, x = 0] = theta.subarray(2 * i, 2 * i + 2);
          const square = x * x * Math.exp(-v);
          value[i] = -(v * v) / 18 - v / 2 - square / 2;
          gradient.set([-v / 9 - 0.5 + square / 2, -x * Math.exp(-v)], 2 * i);
        }
        return { value, gradient };
      },
    };
    const space = new ChainSpace(
      {
        ...funnel,
        logDensity: async (t) => (await funnel.valueAndGradient?.(t, 0, 1))?.value ?? t,
      },
      wholeSpace(2),
      1,
    );
    const sampler = nuts();
    const state = await sampler.init(space, await space.at(Float64Array.of(-8, 0.1)));
    const settings = [{ step: 1, metric: unitMetric(2) }];
    const { info } = await sampler.step(space, state, settings, [stream(1)]);
    expect([...info.divergent]).toEqual([1]);
  });

  test("need gradients, and settings that make sense", async () => {
    const target: LogTarget = {
      size: 1,
      dimension: 1,
      logDensity: (theta) => theta.map((x) => -0.5 * x * x),
    };
    const start = new Float64Array(4);
    await expect(runChains(target, nuts(), { bijection: wholeSpace(1), start })).rejects.toThrow(
      "needs a target with gradients",
    );
    expect(() => nuts({ acceptance: 1 })).toThrow("acceptance must be between 0 and 1, but is 1");
    expect(() => nuts({ depth: 0 })).toThrow("depth must be a whole number from 1 on");
    expect(() => hmc({ length: -1 })).toThrow("length must be above 0, but is -1");
    expect(() => hmc({ rank: 0.5 })).toThrow("rank must be a whole number from 0 on");
  });
});
