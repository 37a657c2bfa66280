/**
 * `amortis infer --out`: draws as other programs read them.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArrayData } from "amortis/extend";
import { parseNpz, parseParquet, readData } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { output, run } from "./command.js";

const golden = (name: string): string =>
  fileURLToPath(
    new URL(`../../amortis/test/golden-files/files-2/${name}.amortis`, import.meta.url),
  );
const NPE = golden("npe");
const NBE = golden("nbe");
const DRAWS = 5;

let directory = "";
let two = "";
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "amortis-answer-files-"));
  two = at("two.csv");
  await writeFile(two, "0.2,-0.3,1.1,0.4\n1,2,3,4\n");
});
afterAll(() => rm(directory, { recursive: true }));

async function written(file: string, name: string, data = two): Promise<string> {
  const draws = file === NPE ? ["--samples", String(DRAWS)] : [];
  return output(await run("infer", file, data, ...draws, "--out", at(name)));
}

describe("infer --out", () => {
  it("writes the same draws as .npy, .npz, .csv and .parquet", async () => {
    const said = await written(NPE, "draws.csv");
    expect(said).toContain("draws.csv: data_set, chain, draw, slope, level; 10 rows");
    await Promise.all(
      ["draws.npy", "draws.npz", "draws.parquet"].map((name) => written(NPE, name)),
    );
    const whole = (await readData(at("draws.npy"))) as ArrayData;
    expect(whole.shape).toEqual([2, DRAWS, 2]);
    const named = parseNpz(await readFile(at("draws.npz")));
    expect(Object.keys(named)).toEqual(["slope", "level"]);
    expect(named["level"]?.shape).toEqual([2, DRAWS]);
    const parquet = await parseParquet(await readFile(at("draws.parquet")));
    const lines = (await readFile(at("draws.csv"), "utf8")).trim().split("\n");
    expect(lines[0]).toBe("data_set,chain,draw,slope,level");
    for (const [j, name] of ["slope", "level"].entries()) {
      const expected = Array.from({ length: 2 * DRAWS }, (_, row) => whole.data[2 * row + j]);
      expect([...(named[name]?.data ?? [])]).toEqual(expected);
      expect([...(parquet[name]?.data ?? [])]).toEqual(expected);
      const cells = lines.slice(1).map((line) => Math.fround(Number(line.split(",")[3 + j])));
      expect(cells).toEqual(expected);
    }
    expect([...(parquet["data_set"]?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...(parquet["draw"]?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });

  it("writes points with a row for each data set", async () => {
    await written(NBE, "points.csv");
    const lines = (await readFile(at("points.csv"), "utf8")).trim().split("\n");
    expect(lines[0]).toBe("data_set,slope,level");
    expect(lines).toHaveLength(3);
  });

  it("writes a folder for ArviZ, and does not write over one", async () => {
    const said = await written(NPE, "answers.zarr");
    expect(said).toContain("answers.zarr: posterior, prior and data of 2 data sets, for ArviZ");
    const root: unknown = JSON.parse(await readFile(at("answers.zarr/zarr.json"), "utf8"));
    expect(root).toMatchObject({ node_type: "group", attributes: { method: "npe" } });
    const again = await run("infer", NPE, two, "--out", at("answers.zarr"));
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/answers\.zarr: it is a directory/u);
  });

  it("says what cannot be written", async () => {
    const points = await run("infer", NBE, two, "--out", at("points.zarr"));
    expect(points.code).toBe(2);
    expect(points.stderr).toContain("is for draws, but this estimator gives none");
    const unknown = await run("infer", NPE, two, "--out", at("draws.xlsx"));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("--out writes .npy, .npz, .csv or .parquet (draws)");
  });
});
