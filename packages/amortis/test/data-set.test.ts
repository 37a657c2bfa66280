import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zarr from "zarrita";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c } from "../src/files/crc32c.js";
import { normal, uniform } from "../src/distributions/index.js";
import { defineModel } from "../src/model/index.js";
import {
  openDataSet,
  saveDataSet,
  simulate,
  simulateToDirectory,
  type SimulatedData,
} from "../src/simulation/index.js";
import { crashing, pair } from "./simulation/models.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-data-"));
});
afterAll(() => rm(root, { recursive: true }));

function expectSame(a: SimulatedData, b: SimulatedData): void {
  expect(a.parameters).toEqual(b.parameters);
  expect(a.data).toEqual(b.data);
  expect(a.indices).toEqual(b.indices);
  expect(a.invalid).toEqual(b.invalid);
  expect(a.size).toBe(b.size);
}

describe("a saved data set", () => {
  it.each([1, 7, 1_000])("reads back as it was, in shards of %i", async (shardSize) => {
    const directory = join(root, `saved-${shardSize}`);
    const data = await simulate(pair, { simulations: 50, seed: 1, firstIndex: 1_000 });
    expect(data.invalid.length).toBeGreaterThan(0);
    await saveDataSet(directory, pair, data, { seed: 1, shardSize });
    const stored = await openDataSet(directory);
    expect(stored.size).toBe(data.size);
    expect(stored.info).toMatchObject({
      model: "pair",
      seed: { kind: "number", value: "1" },
      parameterNames: ["a", "b"],
      dataShapes: { x: [2, 3], count: [] },
      valid: data.size,
      invalid: data.invalid.length,
    });
    expectSame(await stored.read(), data);
    let rows = 0;
    for await (const shard of stored.shards()) {
      expect(shard.size).toBeLessThanOrEqual(shardSize);
      rows += shard.size;
    }
    expect(rows).toBe(data.size);
    expect((await readdir(root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("is Zarr version 3: plain metadata, and raw numbers", async () => {
    const directory = join(root, "plain");
    const data = await simulate(pair, { simulations: 5, seed: 3 });
    await saveDataSet(directory, pair, data, { shardSize: 4 });
    const metadata: unknown = JSON.parse(
      await readFile(join(directory, "data/x/zarr.json"), "utf8"),
    );
    expect(metadata).toMatchObject({
      zarr_format: 3,
      node_type: "array",
      shape: [data.size, 2, 3],
      data_type: "float64",
      chunk_grid: { name: "regular", configuration: { chunk_shape: [4, 2, 3] } },
      codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
      fill_value: 0,
      dimension_names: ["simulation", "x_0", "x_1"],
    });
    const bytes = new Uint8Array(await readFile(join(directory, "data/x/c/0/0/0")));
    const numbers = new Float64Array(bytes.buffer.slice(0, -4));
    expect(Float32Array.from(numbers)).toEqual(data.data.x.subarray(0, 24));
    const checksum = new DataView(bytes.buffer).getUint32(192, true);
    expect(checksum).toBe(crc32c(bytes.subarray(0, 192)));
  });

  it("is read by another implementation of Zarr", async () => {
    const directory = join(root, "other-reader");
    const data = await simulate(pair, { simulations: 21, seed: 3 });
    await saveDataSet(directory, pair, data, { shardSize: 8 });
    const group = zarr.root({
      get: (key: string) => readFile(join(directory, key)).catch(() => undefined),
    });
    const read = async (path: string): Promise<unknown> => {
      const array = await zarr.open.v3(group.resolve(path), { kind: "array" });
      const { data: values, shape } = await zarr.get(array);
      return { values, shape };
    };
    const { size } = data;
    expect(await read("parameters")).toEqual({ values: data.parameters, shape: [size, 2] });
    expect(await read("indices")).toEqual({ values: data.indices, shape: [size] });
    expect(await read("valid")).toEqual({ values: new Uint8Array(size).fill(1), shape: [size] });
    expect(await read("data/x")).toEqual({
      values: Float64Array.from(data.data.x),
      shape: [size, 2, 3],
    });
    expect(await read("data/count")).toEqual({
      values: Float64Array.from(data.data.count),
      shape: [size],
    });
  });

  it("is not written over by accident", async () => {
    const directory = join(root, "twice");
    const data = await simulate(pair, { simulations: 5, seed: 3 });
    await saveDataSet(directory, pair, data);
    await expect(saveDataSet(directory, pair, data)).rejects.toThrow(/exists already/);
    const other = await simulate(pair, { simulations: 9, seed: 4 });
    await saveDataSet(directory, pair, other, { overwrite: true });
    expectSame(await (await openDataSet(directory)).read(), other);
    // Until the new one is in its place, the old one stays.
    const shapeless = { ...data, data: { ...data.data, x: data.data.x.subarray(1) } };
    await expect(saveDataSet(directory, pair, shapeless, { overwrite: true })).rejects.toThrow(
      /lack rows of the array "x"/,
    );
    expectSame(await (await openDataSet(directory)).read(), other);
    const left = (await readdir(root)).filter((name) => /\.(tmp|old)$/.test(name));
    expect(left).toEqual([]);
    const foreign = join(root, "foreign");
    await mkdir(foreign);
    await writeFile(join(foreign, "thesis.txt"), "do not lose");
    await expect(saveDataSet(foreign, pair, data, { overwrite: true })).rejects.toThrow(
      /no data set/,
    );
    expect(await readFile(join(foreign, "thesis.txt"), "utf8")).toBe("do not lose");
  });
});

describe("simulating into a directory", () => {
  const options = { simulations: 100, seed: 9, firstIndex: 5 };

  it("gives what simulating in memory gives", async () => {
    const directory = join(root, "direct");
    const expected = await simulate(crashing, { ...options, workers: 0 });
    const stored = await simulateToDirectory(crashing, directory, {
      ...options,
      shardSize: 30,
      workers: 2,
    });
    expectSame(await stored.read(), expected);
    // Complete: nothing is simulated again.
    const before = (await stat(join(directory, "data/x/c/0/0"))).mtimeMs;
    await simulateToDirectory(crashing, directory, options);
    expect((await stat(join(directory, "data/x/c/0/0"))).mtimeMs).toBe(before);
  });

  it("continues where it was interrupted", async () => {
    const directory = join(root, "interrupted");
    const stop = new AbortController();
    const interrupted = simulateToDirectory(pair, directory, {
      ...options,
      shardSize: 10,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done >= 30) stop.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ name: "AbortError" });
    await expect(openDataSet(directory)).rejects.toThrow(/not complete/);
    const first = (await stat(join(directory, "parameters/c/0/0"))).mtimeMs;
    const seen: number[] = [];
    const stored = await simulateToDirectory(pair, directory, {
      ...options,
      onProgress: ({ done }) => seen.push(done),
    });
    expect(seen[0]).toBeGreaterThanOrEqual(20);
    expect(seen.at(-1)).toBe(100);
    expect((await stat(join(directory, "parameters/c/0/0"))).mtimeMs).toBe(first);
    expectSame(await stored.read(), await simulate(pair, options));
  });

  it("continues after a kill, with the same bits", async () => {
    const directory = join(root, "killed");
    const library = new URL("../dist/simulation/index.js", import.meta.url).href;
    const loading = new URL("../dist/model/index.js", import.meta.url).href;
    const models = new URL("simulation/models.ts", import.meta.url).href;
    const script =
      `import { simulateToDirectory } from ${JSON.stringify(library)};` +
      `import { loadModel } from ${JSON.stringify(loading)};` +
      `const model = await loadModel(${JSON.stringify(models)}, "slow");` +
      `await simulateToDirectory(model, ${JSON.stringify(directory)}, { simulations: 400, seed: 9, shardSize: 20, workers: 0,` +
      ` onProgress: ({ done }) => { if (done >= 60) console.log(done); } });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), exited]);
    expect(child.kill("SIGKILL")).toBe(true);
    await exited;
    await expect(openDataSet(directory)).rejects.toThrow(/not complete/);
    const { slow } = await import("./simulation/models.js");
    const stored = await simulateToDirectory(slow, directory, {
      simulations: 400,
      seed: 9,
      workers: 2,
    });
    expectSame(
      await stored.read(),
      await simulate(slow, { simulations: 400, seed: 9, workers: 0 }),
    );
  });

  it("grows", async () => {
    const directory = join(root, "grown");
    await simulateToDirectory(pair, directory, { ...options, simulations: 25, shardSize: 10 });
    const stored = await simulateToDirectory(pair, directory, options);
    expectSame(await stored.read(), await simulate(pair, options));
    await expect(
      simulateToDirectory(pair, directory, { ...options, simulations: 50 }),
    ).rejects.toThrow(/is for 100 simulations, more than the 50 asked for/);
  });

  it("refuses what was made otherwise", async () => {
    const directory = join(root, "otherwise");
    await simulateToDirectory(pair, directory, options);
    const again = (change: object): Promise<unknown> =>
      simulateToDirectory(pair, directory, { ...options, ...change });
    await expect(again({ seed: 10 })).rejects.toThrow(/with the seed "9", not "10"/);
    await expect(again({ seed: "9" })).rejects.toThrow(/kind of seed "number", not "string"/);
    await expect(again({ firstIndex: 0 })).rejects.toThrow(/first index 5, not 0/);
    await expect(simulateToDirectory(crashing, directory, options)).rejects.toThrow(
      /with the model "pair", not "crashing"/,
    );
    const narrower = defineModel({ ...pair, parameters: { a: uniform(0, 0.5), b: normal(0, 1) } });
    await expect(simulateToDirectory(narrower, directory, options)).rejects.toThrow(
      /with the priors/,
    );
    await again({ seed: 9n });
  });

  it("refuses a directory that holds other things", async () => {
    const directory = join(root, "other");
    await mkdir(directory);
    await writeFile(join(directory, "notes.txt"), "");
    await expect(simulateToDirectory(pair, directory, options)).rejects.toThrow(
      /such as notes.txt/,
    );
    const file = join(root, "file");
    await writeFile(file, "");
    await expect(simulateToDirectory(pair, file, options)).rejects.toThrow(
      /file.*it is no directory/,
    );
  });
});
