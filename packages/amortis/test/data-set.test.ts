import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { normal, uniform } from "../src/distributions/index.js";
import { defineModel } from "../src/model/index.js";
import {
  DataSetError,
  openDataSet,
  saveDataSet,
  simulate,
  simulateToDirectory,
  type SimulatedData,
} from "../src/simulation/index.js";
import { crashing } from "./simulation/models.js";

const pair = defineModel({
  name: "pair",
  parameters: { a: uniform(0, 1), b: normal(0, 1) },
  data: { x: [2, 3], count: [] },
  simulate: ({ a, b }, random) => {
    if (a < 0.1) throw new Error("a is too small");
    return { x: [a, b, 1, 2, 3, random.normal()], count: random.poisson(4) };
  },
});

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
      data_type: "float32",
      chunk_grid: { name: "regular", configuration: { chunk_shape: [4, 2, 3] } },
      codecs: [{ name: "bytes", configuration: { endian: "little" } }],
      fill_value: 0,
    });
    const bytes = new Uint8Array(await readFile(join(directory, "data/x/c/0/0/0")));
    expect(new Float32Array(bytes.buffer)).toEqual(data.data.x.subarray(0, 24));
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

async function damaged(name: string): Promise<string> {
  const directory = join(root, name);
  const data = await simulate(pair, { simulations: 20, seed: 3 });
  await saveDataSet(directory, pair, data, { shardSize: 8 });
  return directory;
}

async function reading(directory: string): Promise<SimulatedData> {
  return (await openDataSet(directory)).read();
}

describe("damage", () => {
  it("is told of a place without data", async () => {
    await expect(reading(join(root, "nowhere"))).rejects.toThrow(/there is no data set in/);
  });

  it("is found in a chunk that is missing or short", async () => {
    const directory = await damaged("short");
    await truncate(join(directory, "data/x/c/1/0/0"), 96);
    await expect(reading(directory)).rejects.toThrow(DataSetError);
    await expect(reading(directory)).rejects.toThrow(
      /chunk 1 of \/data\/x has 24 values instead of 48/,
    );
    await rm(join(directory, "data/x/c/1/0/0"));
    await expect(reading(directory)).rejects.toThrow(/file \/data\/x\/c\/1\/0\/0 is missing/);
  });

  it("is found in metadata", async () => {
    const directory = await damaged("metadata");
    await rm(join(directory, "parameters/zarr.json"));
    await expect(reading(directory)).rejects.toThrow(/array \/parameters is missing/);
    await writeFile(
      join(directory, "zarr.json"),
      '{"zarr_format":3,"node_type":"group","attributes":{}}',
    );
    await expect(reading(directory)).rejects.toThrow(/no data set of Amortis, or a damaged one/);
    await writeFile(join(directory, "zarr.json"), "not JSON");
    await expect(reading(directory)).rejects.toThrow(/no readable Zarr group/);
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
    ).rejects.toThrow(/holds 100 simulations already, more than the 50/);
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
