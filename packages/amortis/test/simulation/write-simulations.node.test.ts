import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defineModel, multivariateNormal, normal } from "../../src/index.js";
import {
  encodeParquet,
  FileError,
  parseParquet,
  readBytes,
  readData,
} from "../../src/files/index.js";
import {
  readSimulations,
  simulate,
  writeSimulations,
  type SimulatedData,
} from "../../src/simulation/index.js";

const model = defineModel({
  name: "both",
  parameters: {
    beta: multivariateNormal(
      [0, 0],
      [
        [1, 0],
        [0, 1],
      ],
    ),
    sigma: normal(0, 1),
  },
  data: { z: [2, 3], count: [] },
  simulate: ({ sigma }, random) => ({
    z: Array.from({ length: 6 }, () => Math.fround(sigma * random.normal())),
    count: random.poisson(3),
  }),
});

let root = "";
let data: SimulatedData;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-write-"));
  data = await simulate(model, { simulations: 40, seed: 3, workers: 0 });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it.each(["npz", "csv", "parquet"])(
  "simulations as .%s are read back as they were",
  async (type) => {
    const path = join(root, `simulations.${type}`);
    await writeSimulations(path, model, data);
    const read = await readSimulations(model, path, { onNote: () => {} });
    expect(read.parameters).toEqual(data.parameters);
    expect(read.data).toEqual(data.data);
  },
);

it("Parquet's columns are numbers, of either precision, and lists", async () => {
  const columns = { a: Float64Array.of(0.1, Number.NaN), b: Float32Array.of(1, 2) };
  const bytes = await encodeParquet(columns);
  expect(await parseParquet(bytes)).toMatchObject({
    a: { shape: [2], data: columns.a },
    b: { shape: [2], data: Float64Array.from(columns.b) },
  });
  await expect(encodeParquet({ ...columns, c: Float64Array.of(1) })).rejects.toThrow(FileError);
  await expect(parseParquet(bytes.subarray(0, 60), "half")).rejects.toThrow(/half cannot be read/u);
});

it("a file that pandas wrote is read: lists, integers, booleans, gaps, and text that is left out", async () => {
  const path = new URL("../fixtures/pandas.parquet", import.meta.url);
  const notes: string[] = [];
  const read = await readData(path, { onNote: (note) => notes.push(note) });
  expect(read).toEqual({
    x: { shape: [3], data: Float64Array.of(0.5, Number.NaN, 2) },
    n: { shape: [3], data: Float64Array.of(1, 2, 3) },
    yes: { shape: [3], data: Float64Array.of(1, 0, 1) },
    y: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
  });
  expect(notes.join()).toMatch(/left out what is no number: label/u);
  expect((await readBytes(path)).length).toBeGreaterThan(100);
});

it("another ending is refused", async () => {
  await expect(writeSimulations("x.xlsx", model, data)).rejects.toThrow(/.npz, .csv or .parquet/u);
});
