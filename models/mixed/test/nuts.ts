/**
 * Answers beside those of NUTS that `fixtures/more_nuts.py` has written.
 */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { MixedPosterior } from "../src/index.js";

/** A table of `data`, as text by column. */
export async function tableOf(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const text = await readFile(new URL(`../data/${name}.csv`, import.meta.url), "utf8");
  const [names = [], ...rows] = text
    .trim()
    .split("\n")
    .map((row) => row.split(","));
  return Object.fromEntries(names.map((key, k) => [key, rows.map((row) => row[k] ?? "")]));
}

interface Golden {
  readonly mean: number;
  readonly sd: number;
  readonly nEff: number;
  readonly nEffOfSquares: number;
}

/** Parameters whose means or standard deviations are not within 4.5 standard errors of both sides' draws together. */
export async function unlikeNuts(
  study: string,
  posterior: MixedPosterior | MixedPosterior<never>,
): Promise<readonly string[]> {
  const path = new URL("./fixtures/more-nuts.json", import.meta.url);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what more_nuts.py writes
  const golden = JSON.parse(await readFile(path, "utf8")) as Readonly<
    Record<string, Readonly<Record<string, Golden>>>
  >;
  const names = posterior.all.parameterNames;
  const [p, size] = [names.length, posterior.draws.length / names.length];
  const { k, effective } = posterior.check;
  expect(k).toBeLessThan(0.7);
  const wrong: string[] = [];
  const asked = Object.entries(golden[study] ?? {});
  expect(asked.map(([name]) => name).toSorted()).toEqual([...names].toSorted());
  for (const [name, theirs] of asked) {
    const at = names.indexOf(name);
    const draws = Float64Array.from({ length: size }, (_, i) => posterior.draws[i * p + at] ?? NaN);
    const mean = draws.reduce((sum, value) => sum + value, 0) / size;
    const squares = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    const fourth = draws.reduce((sum, value) => sum + (value - mean) ** 4, 0) / size;
    // Draws by weights are drawn once more.
    const own = 1 / effective + 1 / size;
    const off = Math.abs(mean - theirs.mean) / theirs.sd / (4.5 * Math.sqrt(own + 1 / theirs.nEff));
    // The relative variance of a standard deviation: (kurtosis - 1) / 4n.
    const spread = Math.max(fourth / squares ** 2 - 1, 2) / 4;
    const wide =
      Math.abs(Math.sqrt(squares) / theirs.sd - 1) /
      (4.5 * Math.sqrt(spread * (own + 1 / theirs.nEffOfSquares)));
    if (!(off < 1 && wide < 1)) wrong.push(`${name}: ${off.toFixed(2)}, ${wide.toFixed(2)}`);
  }
  return wrong;
}
