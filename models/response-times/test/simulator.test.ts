/**
 * Exact first passages: against the density, whose golden values are R's, and against what is known of them.
 */
import { stream } from "amortis";
import { wienerLogDensity, type Diffusion } from "amortis/extend";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decisionLogDensity, exitTime, firstPassage } from "../src/index.js";

test("densities of times and choices are those of R's rtdists", () => {
  const text = readFileSync(new URL("fixtures/rtdists-golden.json", import.meta.url), "utf8");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what rtdists_golden.R writes
  const { cases } = JSON.parse(text) as { readonly cases: readonly (readonly number[])[] };
  expect(cases.length).toBe(432);
  for (const row of cases) {
    const [time = 0, choice = 0, drift = 0, separation = 0, start = 0, nonDecision = 0] = row;
    const decision = { drift, separation, start, nonDecision };
    const own = Math.exp(decisionLogDensity(time, choice, decision));
    // Eight digits were asked for, which rtdists keeps "roughly": of two densities it is off by 1.3e-8 (`wienerLogDensity` is held to 60 digits in packages/amortis/test/math).
    expect(Math.abs(own - (row[6] ?? 0))).toBeLessThan(1e-7);
  }
});

test("no response comes before the time that is not deciding", () => {
  const decision = { drift: 1, separation: 1, start: 0.5, nonDecision: 0.3 };
  expect(decisionLogDensity(0.3, 1, decision)).toBe(-Infinity);
  expect(decisionLogDensity(0.29, 0, decision)).toBe(-Infinity);
});

test("times of leaving an interval have the moments that they should, with any drift", () => {
  const n = 20_000;
  for (const z of [0, 0.3, 1.4, 1.7, 6, 40]) {
    const random = stream("exit").split(String(z));
    const times = Float64Array.from({ length: n }, () => exitTime(z, random));
    // E x = tanh(z) / z, E exp(-x) = cosh(z) / cosh(√(z² + 2)).
    const expected = z === 0 ? 1 : Math.tanh(z) / z;
    const laplace = Math.cosh(z) / Math.cosh(Math.sqrt(z * z + 2));
    expect(standardErrors(times, expected)).toBeLessThan(4);
    expect(
      standardErrors(
        times.map((x) => Math.exp(-x)),
        laplace,
      ),
    ).toBeLessThan(4);
  }
});

test("first passages have the density, at both boundaries", () => {
  const n = 20_000;
  const cases: readonly Diffusion[] = [
    { drift: 0, separation: 1, start: 0.5 },
    { drift: 1, separation: 1.5, start: 0.3 },
    { drift: -2.5, separation: 2.5, start: 0.8 },
    { drift: 4, separation: 1, start: 0.05 },
  ];
  for (const [k, diffusion] of cases.entries()) {
    const random = stream("passages").split(k);
    const passages = Array.from({ length: n }, () => firstPassage(diffusion, random));
    for (const boundary of ["lower", "upper"] as const) {
      const cdf = distribution(boundary, diffusion);
      const times = passages.filter((one) => one.boundary === boundary).map(({ time }) => time);
      const share = cdf.total;
      const error = Math.sqrt((share * (1 - share)) / n);
      expect(Math.abs(times.length / n - share)).toBeLessThan(4 * error + 1e-6);
      // Kolmogorov and Smirnov: D √m is above 1.95 once in a thousand times, of the eight here once in 125.
      expect(distance(times, cdf)).toBeLessThan(1.95);
    }
  }
});

test("refuses what is no diffusion", () => {
  const diffusion = { drift: 1, separation: 1, start: 1 };
  expect(() => firstPassage(diffusion, stream(1))).toThrow(/start within \(0, 1\)/u);
  expect(() => firstPassage({ ...diffusion, start: 0.5, separation: 0 }, stream(1))).toThrow(
    /separation above 0/u,
  );
});

/** By how many standard errors a mean is off. */
function standardErrors(values: Float64Array, expected: number): number {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / n;
  return Math.abs(mean - expected) / Math.sqrt(variance / n);
}

/** What integrating the density over log t gives: the share of a boundary, and up to each of many times. */
interface Distribution {
  readonly total: number;
  readonly at: (time: number) => number;
}

function distribution(boundary: "lower" | "upper", diffusion: Diffusion): Distribution {
  const [from, step, count] = [-12, 0.002, 8000];
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const log = from + (i + 0.5) * step;
    sum += Math.exp(wienerLogDensity(Math.exp(log), boundary, diffusion) + log) * step;
    sums[i] = sum;
  }
  return {
    total: sum,
    at: (time) => {
      const place = Math.min(Math.max((Math.log(time) - from) / step - 1, 0), count - 2);
      const [i, left] = [Math.floor(place), place % 1];
      return (1 - left) * (sums[i] ?? 0) + left * (sums[i + 1] ?? 0);
    },
  };
}

/** Kolmogorov and Smirnov's D √m of times at a boundary. */
function distance(times: readonly number[], { total, at }: Distribution): number {
  const m = times.length;
  const off = times
    .toSorted((a, b) => a - b)
    .map((time, i) => Math.max((i + 1) / m - at(time) / total, at(time) / total - i / m));
  return Math.max(...off) * Math.sqrt(m);
}
