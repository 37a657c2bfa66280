/**
 * Epidemics and populations: what the equations conserve, likelihoods against simulators, and the data as they were published.
 */
import { readFile } from "node:fs/promises";
import { stream } from "amortis";
import { expect, test } from "vitest";
import {
  BOYS,
  hareLynx,
  hares,
  inBed,
  infected,
  influenza,
  logPopulations,
  lynxes,
} from "../src/index.js";

async function columns(name: string): Promise<readonly (readonly number[])[]> {
  const text = await readFile(new URL(`../data/${name}`, import.meta.url), "utf8");
  const rows = text.trim().split("\n").slice(1);
  return rows.map((row) => row.split(",").map(Number));
}

test("the data are those of the tables", async () => {
  expect((await columns("influenza-1978.csv")).map(([, y]) => y)).toEqual([...inBed]);
  const pelts = await columns("hare-lynx.csv");
  expect(pelts.map(([, y]) => y)).toEqual([...hares]);
  expect(pelts.map(([, , y]) => y)).toEqual([...lynxes]);
});

test("an epidemic ends as its final size says", () => {
  // R₀ = 1.5: what is left of the susceptible s solves log s = -R₀ (1 - s). Infected boys are those that were infected less those that recovered.
  const beta = 1.5;
  const path = infected(beta, 1);
  expect(path[0]).toBeCloseTo(Math.exp(0.5 * (1 - 1 / BOYS)), 1);
  expect(Math.max(...infected(3, 1))).toBeLessThan(BOYS);
  // At its peak S = N / R₀ and I = N (1 - 1/R₀ - log(R₀ S₀/N)/R₀), within the curvature of a day.
  const r = 3;
  const peak = BOYS * (1 - 1 / r - Math.log(r * (1 - 1 / BOYS)) / r);
  expect(Math.abs(Math.max(...infected(r * 0.3, 0.3)) / peak - 1)).toBeLessThan(0.02);
});

test("prey and predators go in circles", () => {
  // δ u - γ log u + β v - α log v stays what it was.
  const values = { alpha: 0.55, beta: 0.028, gamma: 0.8, delta: 0.024, hare0: 34, lynx0: 5.9 };
  const path = logPopulations(values);
  const constant = (t: number): number => {
    const u = path[2 * t] ?? 0;
    const v = path[2 * t + 1] ?? 0;
    return (
      values.delta * Math.exp(u) - values.gamma * u + values.beta * Math.exp(v) - values.alpha * v
    );
  };
  for (let t = 1; t < hares.length; t++) expect(constant(t)).toBeCloseTo(constant(0), 4);
});

test("likelihoods are those of the simulators: what is drawn is best explained by what drew it", () => {
  // E log p(y | θ) is largest at the truth: over 200 data sets by more than four standard errors.
  const differences = (
    model: typeof influenza | typeof hareLynx,
    at: object,
    off: object,
  ): number => {
    const random = stream(3);
    const own = Array.from({ length: 200 }, (_, i) => {
      const data = model.packData(model.simulate(at as never, random.split(i)) as never) as never;
      const log = (values: object): number =>
        model.logLikelihood?.(values as never, data) ?? Number.NaN;
      return log(at) - log(off);
    });
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const sd = Math.sqrt(own.reduce((total, d) => total + (d - mean) ** 2, 0) / own.length);
    return mean / (sd / Math.sqrt(own.length));
  };
  const flu = { beta: 1.7, gamma: 0.5, dispersion: 0.1 };
  expect(differences(influenza, flu, { ...flu, gamma: 0.7 })).toBeGreaterThan(4);
  expect(differences(influenza, flu, { ...flu, dispersion: 0.4 })).toBeGreaterThan(4);
  const pelts = {
    alpha: 0.55,
    beta: 0.028,
    gamma: 0.8,
    delta: 0.024,
    hare0: 34,
    lynx0: 5.9,
    hareError: 0.25,
    lynxError: 0.25,
  };
  expect(differences(hareLynx, pelts, { ...pelts, alpha: 0.6 })).toBeGreaterThan(4);
  expect(differences(hareLynx, pelts, { ...pelts, lynxError: 0.4 })).toBeGreaterThan(4);
});
