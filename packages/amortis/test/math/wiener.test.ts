/**
 * First passages of a Wiener process: log-densities at 60 digits, and what they add up to.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wienerLogDensity } from "../../src/math/index.js";

/** Time, boundary, drift, separation, start; log-density, and the size of what it is a sum of. */
type Case = readonly [number, "lower" | "upper", number, number, number, number, number];

test("log-densities are right to the digits that double precision has, also of starts beside a boundary and where densities underflow", () => {
  const text = readFileSync(new URL("../fixtures/wiener-golden.json", import.meta.url), "utf8");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what wiener_golden.py writes
  const { cases } = JSON.parse(text) as { readonly cases: readonly Case[] };
  expect(cases.length).toBe(444);
  expect(cases.some(([, , , , , logDensity]) => logDensity < -800)).toBe(true);
  // Roundings of the size of the terms: a dozen operations of half of one each, of which two are seen.
  const roundings = cases.map(([time, boundary, drift, separation, start, logDensity, size]) => {
    const own = wienerLogDensity(time, boundary, { drift, separation, start });
    return Math.abs(own - logDensity) / (Number.EPSILON * Math.max(1, size));
  });
  expect(Math.max(...roundings)).toBeLessThan(4);
});

test("all times and both boundaries add up to one, each to its probability", () => {
  for (const diffusion of [
    { drift: 0.8, separation: 1.4, start: 0.3 },
    { drift: -2, separation: 2, start: 0.6 },
    { drift: 0, separation: 1, start: 0.5 },
  ]) {
    const { drift: v, separation: a, start: w } = diffusion;
    // Over log t, by the trapezoid rule, which is exact to many digits for what vanishes at both ends.
    const share = (boundary: "lower" | "upper"): number => {
      let sum = 0;
      for (let x = -14; x < 6; x += 0.005)
        sum += Math.exp(wienerLogDensity(Math.exp(x), boundary, diffusion) + x) * 0.005;
      return sum;
    };
    const below =
      v === 0 ? 1 - w : (Math.exp(-2 * v * a) - Math.exp(-2 * v * a * w)) / Math.expm1(-2 * v * a);
    expect(share("lower")).toBeCloseTo(below, 8);
    expect(share("upper")).toBeCloseTo(1 - below, 8);
  }
});

test("logarithms are right where densities underflow, and the two series meet", () => {
  const diffusion = { drift: 0, separation: 1, start: 0.5 };
  // For small t the nearest image alone: w (2π t³)^(-1/2) exp(-w² / (2t)).
  const t = 1e-4;
  expect(wienerLogDensity(t, "lower", diffusion)).toBeCloseTo(
    Math.log(0.5) - 0.5 * Math.log(2 * Math.PI * t ** 3) - 0.25 / (2 * t),
    8,
  );
  // For large t the first sine alone.
  expect(wienerLogDensity(1e3, "upper", diffusion)).toBeCloseTo(
    Math.log(Math.PI) - 0.5 * Math.PI ** 2 * 1e3,
    8,
  );
  for (let u = 0.05; u < 3; u *= 1.07) {
    const [a, b, c] = [u * 0.999, u, u * 1.001].map((time) =>
      wienerLogDensity(time, "lower", { ...diffusion, start: 0.2 }),
    );
    // Smooth: no step where one series takes over from the other.
    expect(Math.abs((a ?? 0) - 2 * (b ?? 0) + (c ?? 0))).toBeLessThan(1e-4);
  }
  expect(wienerLogDensity(0, "lower", diffusion)).toBe(-Infinity);
  expect(wienerLogDensity(Infinity, "upper", diffusion)).toBe(-Infinity);
  // @ts-expect-error -- as JavaScript may
  expect(() => wienerLogDensity(1, "left", diffusion)).toThrow(
    /"lower" or "upper", and not at "left"/u,
  );
  expect(() => wienerLogDensity(1, "lower", { ...diffusion, start: 1 })).toThrow(
    /start within \(0, 1\)/u,
  );
});
