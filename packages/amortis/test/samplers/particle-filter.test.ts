/** Particle filters and chains of them against Kalman's filter, the Rauch-Tung-Striebel smoother, and a grid over the exact evidence. */
import { describe, expect, test } from "vitest";
import { particleFilter, particleMetropolis, stream, uniform } from "../../src/index.js";
import { initCloud, jointPrior, stepCloud, type HiddenProcess } from "../../src/extend.js";
import { kalman, type Linear } from "../kalman.js";

const LINEAR: Linear = { phi: 0.8, q: 0.6, r: 0.5 };

/** Data of the model. */
function simulated({ phi, q, r }: Linear, times: number, seed: number): Float64Array {
  const random = stream(seed);
  let x = (q / Math.sqrt(1 - phi ** 2)) * random.normal();
  return Float64Array.from({ length: times }, (_, t) => {
    if (t > 0) x = phi * x + q * random.normal();
    return x + r * random.normal();
  });
}

function linearProcess(y: ArrayLike<number>, { phi, q, r }: Linear): HiddenProcess {
  return {
    size: 1,
    times: y.length,
    start: (states, random) => {
      const sd = q / Math.sqrt(1 - phi ** 2);
      for (let i = 0; i < states.length; i++) states[i] = sd * random.normal();
    },
    move: (states, _, random) => {
      for (let i = 0; i < states.length; i++)
        states[i] = phi * (states[i] ?? 0) + q * random.normal();
    },
    logDensity: (states, time) =>
      states.map((x) => {
        const left = ((y[time] ?? NaN) - x) / r;
        return -0.5 * left ** 2 - Math.log(r) - 0.5 * Math.log(2 * Math.PI);
      }),
  };
}

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;

test("Kalman's answers are those of the joint normal distribution", () => {
  // Two times: the covariance of (x_1, x_2, y_1, y_2) by hand.
  const { phi, q, r } = LINEAR;
  const y = [0.7, -0.4];
  const v = q ** 2 / (1 - phi ** 2);
  const [a, b] = [v + r ** 2, phi * v];
  const determinant = a ** 2 - b ** 2;
  const solve = (s: readonly [number, number], z: readonly number[]): number =>
    (s[0] * (a * (z[0] ?? 0) - b * (z[1] ?? 0)) + s[1] * (a * (z[1] ?? 0) - b * (z[0] ?? 0))) /
    determinant;
  const { logEvidence, smoothed, neighbours, filtered } = kalman(y, LINEAR);
  const first: readonly [number, number] = [v, b];
  const second: readonly [number, number] = [b, v];
  expect(logEvidence).toBeCloseTo(
    -Math.log(2 * Math.PI) -
      0.5 * Math.log(determinant) -
      0.5 * ((y[0] ?? 0) * solve([1, 0], y) + (y[1] ?? 0) * solve([0, 1], y)),
    10,
  );
  expect(smoothed.mean[0]).toBeCloseTo(solve(first, y), 10);
  expect(smoothed.mean[1]).toBeCloseTo(solve(second, y), 10);
  expect(smoothed.variance[0]).toBeCloseTo(v - solve(first, first), 10);
  expect(neighbours[0]).toBeCloseTo(b - solve(first, second), 10);
  expect(filtered.mean[0]).toBeCloseTo((v / a) * (y[0] ?? 0), 10);
});

describe("particle filters", () => {
  const y = simulated(LINEAR, 40, 1);
  const exact = kalman(y, LINEAR);

  test("have an evidence without bias, and the means of the filter", () => {
    const random = stream(2);
    const runs = Array.from({ length: 60 }, (_, i) =>
      particleFilter(linearProcess(y, LINEAR), { particles: 300, random: random.split(i) }),
    );
    const ratios = runs.map(({ logEvidence }) => Math.exp(logEvidence - exact.logEvidence));
    const sd = Math.sqrt(mean(ratios.map((ratio) => (ratio - mean(ratios)) ** 2)));
    expect(Math.abs(mean(ratios) - 1)).toBeLessThan((4 * sd) / Math.sqrt(60));
    expect(sd).toBeLessThan(0.6);
    const means = runs.map((run) => run.mean());
    for (let t = 0; t < y.length; t++) {
      const own = mean(means.map((one) => one[t] ?? NaN));
      const sdOfState = Math.sqrt(exact.filtered.variance[t] ?? NaN);
      // 18,000 particles in all.
      expect(Math.abs(own - (exact.filtered.mean[t] ?? NaN)) / sdOfState).toBeLessThan(0.05);
    }
  });

  test("draw trajectories of all states given all data", () => {
    const random = stream(3);
    const filtered = particleFilter(linearProcess(y, LINEAR), { particles: 20_000, random });
    const paths = Array.from({ length: 4000 }, () => filtered.trajectory(random));
    for (const t of [25, 32, 38]) {
      const [m, v] = [exact.smoothed.mean[t] ?? NaN, exact.smoothed.variance[t] ?? NaN];
      const own = paths.map((path) => path[t] ?? NaN);
      expect(Math.abs(mean(own) - m) / Math.sqrt(v)).toBeLessThan(0.15);
      const next = paths.map((path) => path[t + 1] ?? NaN);
      const both = mean(own.map((x, i) => (x - mean(own)) * ((next[i] ?? NaN) - mean(next))));
      expect(Math.abs(both - (exact.neighbours[t] ?? NaN)) / v).toBeLessThan(0.12);
    }
  });

  test("go a step at a time, and resample where weights are worth little", () => {
    const random = stream(4);
    const process = linearProcess(y, { ...LINEAR, r: 0.05 });
    const { state } = initCloud(process, 200, random);
    expect(mean(state.weights)).toBeCloseTo(1 / 200, 12);
    const { state: next, info } = stepCloud(process, state, random);
    expect(next.time).toBe(1);
    expect(new Set(info.parents).size).toBeLessThan(120);
    expect(info.effective).toBeLessThan(100);
    expect(() => particleFilter(process, { particles: 1, random })).toThrow(
      "particles must be a whole number from 2 on",
    );
  });

  test("say that the evidence is zero where nothing can have made the data", () => {
    const process: HiddenProcess = {
      ...linearProcess(y, LINEAR),
      logDensity: (states) => states.map(() => -Infinity),
    };
    const found = particleFilter(process, { particles: 10, random: stream(5) });
    expect(found.logEvidence).toBe(-Infinity);
    expect(found.mean().every((value) => Number.isFinite(value))).toBe(true);
  });
});

test("particle Metropolis settles on the exact posterior of parameters and states", () => {
  const y = simulated(LINEAR, 20, 6);
  const prior = jointPrior({ phi: uniform(0, 0.98), q: uniform(0.1, 2) });
  const chain = particleMetropolis({
    prior,
    process: ([phi = 0, q = 1]) => linearProcess(y, { phi, q, r: 0.5 }),
    start: [0.5, 0.5],
    particles: 60,
    iterations: 4000,
    random: stream(7),
  });
  // The grid's posterior, and the states' by the smoother at each of its points.
  const points = Array.from({ length: 2500 }, (_, i) => ({
    phi: (0.98 * ((i % 50) + 0.5)) / 50,
    q: 0.1 + (1.9 * (Math.floor(i / 50) + 0.5)) / 50,
  }));
  const answers = points.map((point) => kalman(y, { ...point, r: 0.5 }));
  const top = Math.max(...answers.map(({ logEvidence }) => logEvidence));
  const weights = answers.map(({ logEvidence }) => Math.exp(logEvidence - top));
  const total = weights.reduce((a, b) => a + b, 0);
  const average = (of: (i: number) => number): number =>
    weights.reduce((sum, weight, i) => sum + (weight / total) * of(i), 0);
  const column = (values: Float64Array, width: number, j: number): Float64Array =>
    Float64Array.from({ length: chain.size }, (_, i) => values[i * width + j] ?? NaN);
  const checks = [
    { own: column(chain.parameters, 2, 0), of: (i: number) => points[i]?.phi ?? NaN, within: 0 },
    { own: column(chain.parameters, 2, 1), of: (i: number) => points[i]?.q ?? NaN, within: 0 },
    ...[3, 10, 19].map((t) => ({
      own: column(chain.states, 20, t),
      of: (i: number) => answers[i]?.smoothed.mean[t] ?? NaN,
      within: average((i) => answers[i]?.smoothed.variance[t] ?? NaN),
    })),
  ];
  expect(chain.acceptance).toBeGreaterThan(0.05);
  for (const { own, of, within } of checks) {
    const m = average(of);
    const sd = Math.sqrt(within + average((i) => (of(i) - m) ** 2));
    expect(Math.abs(mean(own) - m) / sd).toBeLessThan(0.25);
    const spread = Math.sqrt(mean(own.map((value) => (value - mean(own)) ** 2)));
    expect(Math.abs(Math.log(spread / sd))).toBeLessThan(0.2);
  }
});
