/**
 * The field of ozone: its likelihood beside NumPy's, and its simulator beside the likelihood's moments.
 */
import { readFile } from "node:fs/promises";
import { simulate } from "amortis";
import { expect, test } from "vitest";
import { ozone, OZONE_STATIONS, ozoneLogLikelihood } from "../src/ozone.js";

const FILE = new URL("../data/ozone-1987.csv", import.meta.url).pathname;

async function days(): Promise<readonly (readonly number[])[]> {
  const [, ...lines] = (await readFile(FILE, "utf8")).trim().split("\n");
  return lines.map((line) =>
    line
      .split(",")
      .slice(1)
      .map((cell) => (cell === "" ? Number.NaN : Number(cell))),
  );
}

test("its likelihood is that of what is there", async () => {
  const all = await days();
  expect(all).toHaveLength(89);
  expect(all.every((day) => day.length === OZONE_STATIONS.length)).toBe(true);
  expect(all.flat().filter(Number.isNaN)).toHaveLength(123);
  // By NumPy's Cholesky factor of the 38 stations of 18 June: -Σ log L_ii - ‖L⁻¹ (z - 90)‖² / 2 - 38 log(2 π) / 2.
  const values = { mean: 90, sd: 20, range: 60, nugget: 4 };
  expect(ozoneLogLikelihood(values, all[15] ?? [])).toBeCloseTo(-175.87825353952883, 8);
});

test("simulations have the variance that their parameters say", async () => {
  const theta = Float64Array.from({ length: 4 * 2000 }, (_, i) => [50, 10, 100, 3][i % 4] ?? 0);
  const { data } = await simulate(ozone, { seed: 1, parameters: theta, workers: 0 });
  const here = Array.from(data.z).filter((value) => !Number.isNaN(value));
  const share = 1 - here.length / data.z.length;
  // ∫ u² / 4 du.
  expect(Math.abs(share - 1 / 12)).toBeLessThan(0.01);
  const first = Array.from({ length: 2000 }, (_, i) => data.z[40 * i] ?? Number.NaN).filter(
    (value) => !Number.isNaN(value),
  );
  const mean = first.reduce((a, b) => a + b, 0) / first.length;
  const variance = first.reduce((sum, z) => sum + (z - mean) ** 2, 0) / first.length;
  expect(Math.abs(mean - 50)).toBeLessThan(4 * Math.sqrt(109 / first.length));
  expect(Math.abs(variance / 109 - 1)).toBeLessThan(4 * Math.sqrt(2 / first.length));
});
