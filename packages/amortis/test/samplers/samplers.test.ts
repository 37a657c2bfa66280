import { describe, expect, test, vi } from "vitest";
import {
  dirichlet,
  gamma,
  independent,
  metropolis,
  normal,
  resample,
  stream,
  uniform,
  type LogTarget,
} from "../../src/index.js";
import {
  ChainSpace,
  metropolisRule,
  randomWalk,
  runChains,
  TMixture,
  withJumps,
} from "../../src/extend.js";

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
const variance = (x: ArrayLike<number>): number => {
  const m = mean(x);
  return Array.from(x).reduce((total, v) => total + (v - m) ** 2, 0) / x.length;
};

/** θ ~ N(0, 1), y ~ N(θ, s²): the posterior is N(y / (1 + s²), s² / (1 + s²)). */
const conjugate = (ys: readonly number[], s: number): LogTarget => ({
  size: ys.length,
  dimension: 1,
  logDensity: (theta) => {
    const each = theta.length / ys.length;
    return theta.map((t, i) => {
      const y = ys[Math.floor(i / each)] ?? NaN;
      return -0.5 * t * t - 0.5 * ((y - t) / s) ** 2;
    });
  },
});

describe("resampling", () => {
  test("gives rows in proportion to their weights, to within one, in random order", () => {
    const weights = [0.1, 0, 0.65, 0.25];
    const rows = resample(weights, 1000, stream(4));
    for (const [row, weight] of weights.entries()) {
      const count = rows.filter((chosen) => chosen === row).length;
      expect(Math.abs(count - 1000 * weight)).toBeLessThan(2);
    }
    // In order the first hundred would be all of row 0.
    expect(rows.subarray(0, 100).filter((row) => row === 0).length).toBeLessThan(30);
  });
});

describe("metropolis", () => {
  test("finds conjugate posteriors of many data sets, and says that it did", async () => {
    const ys = [-2, -0.5, 0, 1, 3];
    const result = await metropolis(conjugate(ys, 0.5), {
      bijection: normal(0, 1).bijection,
      start: new Float64Array(5 * 4).fill(0),
      iterations: 8000,
      burnIn: 2000,
      thin: 3,
      seed: 3,
    });
    expect(result.each).toBe(8000);
    for (const [i, y] of ys.entries()) {
      const draws = result.draws.subarray(i * 8000, (i + 1) * 8000);
      const sd = Math.sqrt(0.2);
      const error = sd / Math.sqrt(result.bulkEss[i] ?? 1);
      expect(Math.abs(mean(draws) - y / 1.25)).toBeLessThan(4 * error);
      // A variance of n independent normals has the relative error √(2/n).
      const relative = Math.sqrt(2 / (result.bulkEss[i] ?? 1));
      expect(Math.abs(variance(draws) / 0.2 - 1)).toBeLessThan(4 * relative);
      expect(result.rHat[i]).toBeLessThan(1.02);
      expect(Math.abs((result.acceptance[i] ?? 0) - 0.44)).toBeLessThan(0.1);
    }
  });

  test("learns the shape of a correlated target, in the space of its parameters", async () => {
    // Three normals with correlation 0.99 of the first two and sds of 1, 10 and 0.1.
    const [rho, sds] = [0.99, [1, 10, 0.1]] as const;
    const target: LogTarget = {
      size: 2,
      dimension: 3,
      logDensity: (theta) =>
        Float64Array.from({ length: theta.length / 3 }, (_, i) => {
          const [x = 0, y = 0, z = 0] = sds.map((sd, j) => (theta[3 * i + j] ?? 0) / sd);
          return -0.5 * ((x * x - 2 * rho * x * y + y * y) / (1 - rho ** 2) + z * z);
        }),
    };
    const result = await metropolis(target, {
      bijection: independent(sds.map((sd) => normal(0, sd))).bijection,
      start: Float64Array.from({ length: 2 * 4 * 3 }, (_, i) => (i % 7) / 10),
      iterations: 4000,
      burnIn: 2000,
      seed: 2,
    });
    // For a normal target of three dimensions steps of its own shape are worth about 0.09 independent draws each (Gelman, Roberts & Gilks
    // 1996), 700 of 8,000; with only its sds right, about 1 - ρ² = 2 % of that.
    for (const ess of result.bulkEss) expect(ess).toBeGreaterThan(350);
    for (const rHat of result.rHat) expect(rHat).toBeLessThan(1.03);
    for (let at = 0; at < 6; at++) {
      const draws = result.draws
        .subarray(Math.floor(at / 3) * result.each * 3, (Math.floor(at / 3) + 1) * result.each * 3)
        .filter((_, i) => i % 3 === at % 3);
      const ess = result.bulkEss[at] ?? 1;
      const scaled = draws.map((x) => x / (sds[at % 3] ?? 1));
      expect(Math.abs(mean(scaled))).toBeLessThan(4 / Math.sqrt(ess));
      expect(Math.abs(variance(scaled) - 1)).toBeLessThan(4 * Math.sqrt(2 / ess));
    }
  });

  test("keeps to a bounded support, with the Jacobian: the prior comes back", async () => {
    const prior = independent([uniform(0, 2), uniform(-1, 1)]);
    const flat: LogTarget = {
      size: 1,
      dimension: 2,
      logDensity: (theta) => new Float64Array(theta.length / 2),
    };
    const { draws, bulkEss } = await metropolis(flat, {
      bijection: prior.bijection,
      start: Float64Array.of(1, 0, 0.5, 0.5, 1.5, -0.5, 1, 0.1),
      iterations: 12_000,
      seed: 1,
    });
    const first = draws.filter((_, i) => i % 2 === 0);
    const second = draws.filter((_, i) => i % 2 === 1);
    expect(first.every((x) => x > 0 && x < 2)).toBe(true);
    expect(Math.abs(mean(first) - 1)).toBeLessThan((4 * 0.577) / Math.sqrt(bulkEss[0] ?? 1));
    // Of a uniform variable (kurtosis 9/5) it is √(4/5n).
    expect(Math.abs(variance(first) * 3 - 1)).toBeLessThan(4 * Math.sqrt(0.8 / (bulkEss[0] ?? 1)));
    expect(Math.abs(mean(second))).toBeLessThan((4 * 0.577) / Math.sqrt(bulkEss[1] ?? 1));
  });

  test("gives a data set the same draws whatever else is in the batch", async () => {
    const settings = { bijection: normal(0, 1).bijection, chains: 2, iterations: 300, seed: 9 };
    const both = await metropolis(conjugate([1, 2], 1), {
      ...settings,
      start: new Float64Array(4),
    });
    const one = await metropolis(conjugate([1], 1), { ...settings, start: new Float64Array(2) });
    expect(both.draws.subarray(0, one.draws.length)).toEqual(one.draws);
    const second = await metropolis(conjugate([2], 1), {
      ...settings,
      start: new Float64Array(2),
      firstIndex: 1,
    });
    expect(both.draws.subarray(one.draws.length)).toEqual(second.draws);
  });

  test("waits for targets that are promises, and stops when told", async () => {
    const target = conjugate([1], 1);
    const later: LogTarget = {
      ...target,
      logDensity: (theta, from, to) => Promise.resolve(target.logDensity(theta, from, to)),
    };
    const settings = { bijection: normal(0, 1).bijection, chains: 2, iterations: 300, seed: 9 };
    const start = new Float64Array(2);
    const waited = await metropolis(later, { ...settings, start });
    const direct = await metropolis(target, { ...settings, start });
    expect(waited.draws).toEqual(direct.draws);
    const signal = AbortSignal.abort();
    await expect(metropolis(target, { ...settings, start, signal })).rejects.toThrow("abort");
  });

  test("hears an interruption while a target keeps the thread to itself", async () => {
    // A clock that every look at it moves on by a tenth of a second.
    let clock = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => (clock += 101));
    try {
      const controller = new AbortController();
      setTimeout(() => {
        controller.abort();
      }, 0);
      const running = metropolis(conjugate([1], 1), {
        bijection: normal(0, 1).bijection,
        start: new Float64Array(4),
        iterations: 1e7,
        signal: controller.signal,
      });
      await expect(running).rejects.toThrow("abort");
    } finally {
      now.mockRestore();
    }
  });

  test("refuses a start outside the support, and runs that keep nothing", async () => {
    const target: LogTarget = {
      size: 1,
      dimension: 1,
      logDensity: (theta) => theta.map((t) => (t > 0 ? -t : -Infinity)),
    };
    const { bijection } = normal(0, 1);
    const start = Float64Array.of(1, -1);
    await expect(metropolis(target, { bijection, start, chains: 2 })).rejects.toThrow(
      "chain 1 of data set 0 starts at -1",
    );
    await expect(
      metropolis(target, { bijection, start, chains: 2, iterations: 10, burnIn: 9 }),
    ).rejects.toThrow("keep fewer than 4 draws");
    await expect(metropolis(target, { bijection, start, chains: 3 })).rejects.toThrow(
      "start must be [1, 3, 1]",
    );
  });
});

describe("a sampler's step", () => {
  const space = (target: LogTarget, chains: number): ChainSpace =>
    new ChainSpace(target, uniform(0, 1).bijection, chains);

  test("is a function of state, settings and noise: what was, stays", async () => {
    const at = space({ size: 1, dimension: 1, logDensity: (t) => t.map(Math.log) }, 3);
    const sampler = randomWalk();
    const start = await at.at(Float64Array.of(-1, 0, 1));
    const before = structuredClone(start);
    const random = () => [1, 2, 3].map((seed) => stream(seed));
    const { settings } = sampler.adaptation(at, 0, start);
    const state = await sampler.init(at, start);
    const first = await sampler.step(at, state, settings, random());
    expect(await sampler.step(at, state, settings, random())).toEqual(first);
    expect(start).toEqual(before);
    for (const [i, taken] of first.info.accepted.entries()) {
      expect(first.state.position[i] === start.position[i]).toBe(taken === 0);
      expect(first.info.acceptance[i]).toBeLessThanOrEqual(1);
    }
  });

  test("takes no proposal whose density is no number", async () => {
    const at = space({ size: 1, dimension: 1, logDensity: (t) => t.fill(NaN) }, 2);
    const now = { ...(await at.at(new Float64Array(2))), logDensity: new Float64Array(2) };
    const proposed = await at.at(Float64Array.of(1, 1));
    const random = [stream(1), stream(2)];
    const { state, info } = metropolisRule(
      at,
      now,
      proposed,
      (i) => proposed.logDensity[i] ?? 0,
      random,
    );
    expect([...info.accepted, ...info.acceptance]).toEqual([0, 0, 0, 0]);
    expect(state.position).toEqual(now.position);
  });
});

describe("a target in unconstrained space", () => {
  test("has gradients through the bijection, with the Jacobian", async () => {
    const prior = independent([normal(0, 2), gamma(2, 1), uniform(-1, 3), dirichlet([1, 2, 3])]);
    const p = 6;
    const target: LogTarget = {
      size: 2,
      dimension: p,
      logDensity: (theta) =>
        Float64Array.from({ length: theta.length / p }, (_, i) =>
          theta.subarray(i * p, (i + 1) * p).reduce((sum, x, j) => sum - (j + 1) * x * x, 0),
        ),
      valueAndGradient: (theta) => ({
        value: Float64Array.from(target.logDensity(theta, 0, 2) as Float64Array),
        gradient: theta.map((x, at) => -2 * ((at % p) + 1) * x),
      }),
    };
    const at = new ChainSpace(target, prior.bijection, 1);
    const position = Float64Array.from({ length: 10 }, (_, i) => Math.sin(i + 1));
    const { gradient, logDensity } = await at.slopeAt(position);
    expect(logDensity).toEqual((await at.at(position)).logDensity);
    for (let j = 0; j < 5; j++) {
      const beside = (h: number) => at.at(position.with(j, (position[j] ?? 0) + h));
      const [up, down] = [await beside(1e-4), await beside(-1e-4)];
      const numeric = ((up.logDensity[0] ?? NaN) - (down.logDensity[0] ?? NaN)) / 2e-4;
      expect(gradient[j]).toBeCloseTo(numeric, 5);
    }
  });

  test("refuses samplers that need gradients where there are none", async () => {
    const at = new ChainSpace(conjugate([1], 1), normal(0, 1).bijection, 1);
    expect(() => at.slopeAt(new Float64Array(1))).toThrow("valueAndGradient");
  });
});

describe("a mixture of t distributions", () => {
  const mixture = new TMixture(
    [
      { mean: Float64Array.of(-2, 0), scale: Float64Array.of(0.25, 0, 0.1, 1), weight: 1 },
      { mean: Float64Array.of(3, 1), scale: Float64Array.of(1, 0, -0.5, 0.5), weight: 3 },
      // No scale: left out.
      { mean: Float64Array.of(9, 9), scale: new Float64Array(4), weight: 5 },
    ],
    2,
  );

  test("has a density with integral one, and draws with the density", () => {
    expect(mixture.size).toBe(2);
    const step = 0.1;
    let [mass, left] = [0, 0];
    for (let x = -40; x < 40; x += step) {
      for (let y = -40; y < 40; y += step) {
        const density = Math.exp(mixture.logDensity(Float64Array.of(x, y))) * step * step;
        mass += density;
        if (x < 0) left += density;
      }
    }
    // Beyond 40 a t distribution of five degrees has some 1e-6.
    expect(mass).toBeCloseTo(1, 4);
    const random = stream(4);
    const draws = Array.from({ length: 4000 }, () => mixture.sample(random));
    const share = draws.filter(([x = 0]) => x < 0).length / draws.length;
    expect(Math.abs(share - left)).toBeLessThan(4 * Math.sqrt(0.25 / 4000));
    expect(mixture.nearest(Float64Array.of(3, 1))).toBe(1);
  });
});

describe("jumps", () => {
  /** 0.2 N(-5, 0.1²) + 0.8 N(5, 0.5²). */
  const modes = [
    { mean: -5, sd: 0.1, weight: 0.2 },
    { mean: 5, sd: 0.5, weight: 0.8 },
  ] as const;
  const target: LogTarget = {
    size: 1,
    dimension: 1,
    logDensity: (theta) =>
      theta.map((x) => {
        const terms = modes.map(
          ({ mean: m, sd, weight }) => Math.log(weight / sd) - 0.5 * ((x - m) / sd) ** 2,
        );
        const top = Math.max(...terms);
        return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0));
      }),
  };

  test("go from mode to mode, stay in each for its mass, and weigh the evidence", async () => {
    // A proposal that knows the modes, but neither their widths nor their masses.
    const proposal = new TMixture(
      modes.map((mode) => ({
        mean: Float64Array.of(mode.mean + 0.05),
        scale: Float64Array.of(0.09),
        weight: 1,
      })),
      1,
    );
    const logWeights: number[] = [];
    const result = await runChains(
      target,
      withJumps(randomWalk(), [proposal], 4),
      {
        bijection: normal(0, 1).bijection,
        start: Float64Array.of(-5, -5, -5, 5),
        iterations: 6000,
      },
      ({ info, burning }) => {
        if (info.kind === "jump" && !burning) logWeights.push(...info.logWeights);
      },
    );
    expect(result.rHat[0]).toBeLessThan(1.02);
    const share = result.draws.filter((x) => x < 0).length / result.draws.length;
    expect(Math.abs(share - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / (result.bulkEss[0] ?? 1)));
    // ∫ (weight / sd) exp(-½ z²) = weight √(2π).
    const evidence = mean(logWeights.map(Math.exp)) / Math.sqrt(2 * Math.PI);
    const error = Math.sqrt(variance(logWeights.map(Math.exp)) / logWeights.length);
    expect(Math.abs(evidence - 1)).toBeLessThan(4 * error);
    expect(error).toBeLessThan(0.05);
  });
});
