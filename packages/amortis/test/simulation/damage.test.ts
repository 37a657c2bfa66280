/** What a data set on disk says of damage: every change is found on reading, and mended by simulating into the directory again. */
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c } from "../../src/files/crc32c.js";
import {
  DataSetError,
  openDataSet,
  saveDataSet,
  simulate,
  simulateToDirectory,
  type SimulatedData,
} from "../../src/simulation/index.js";
import { pair } from "./models.js";

/** Written by version 0.1: 25 simulations of `pair`, seed 9, from number 5 on, in shards of 10. */
const VERSION_1 = fileURLToPath(new URL("../fixtures/data-set-v1", import.meta.url));
const options = { simulations: 25, seed: 9, firstIndex: 5 };

let root = "";
let whole: SimulatedData;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-damage-"));
  whole = await simulate(pair, options);
  await simulateToDirectory(pair, join(root, "whole"), { ...options, shardSize: 10 });
});
afterAll(() => rm(root, { recursive: true }));

let copies = 0;
async function copy(of = join(root, "whole")): Promise<string> {
  const directory = join(root, `copy-${copies++}`);
  await cp(of, directory, { recursive: true });
  return directory;
}

async function reading(directory: string): Promise<SimulatedData> {
  return (await openDataSet(directory)).read();
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

/** What is read once simulating again has mended the damage; before, reading tells of it in these words, as the warning does. */
async function mended(directory: string, words: RegExp): Promise<SimulatedData> {
  await expect(reading(directory)).rejects.toThrow(words);
  await expect(reading(directory)).rejects.toBeInstanceOf(DataSetError);
  const warnings: string[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  await simulateToDirectory(pair, directory, { ...options, onWarning });
  expect(warnings.join("\n")).toMatch(words);
  return reading(directory);
}

it("computes CRC-32C as RFC 3720 has it, at any length and place", () => {
  const of = (bytes: Uint8Array): string => crc32c(bytes).toString(16);
  expect(of(new TextEncoder().encode("123456789"))).toBe("e3069283");
  expect(of(new Uint8Array(32))).toBe("8a9136aa");
  expect(of(new Uint8Array(32).fill(255))).toBe("62a8ab43");
  expect(of(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe("46dd794e");
  expect(of(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe("113fdb5c");
  expect(of(Uint8Array.from({ length: 40 }, (_, i) => i - 3).subarray(3, 35))).toBe("46dd794e");
  expect(of(new Uint8Array())).toBe("0");
});

describe("damage to numbers", () => {
  it.each(["parameters/c/1/0", "indices/c/1", "valid/c/0", "data/x/c/2/0/0", "data/count/c/2"])(
    "is found where one bit of %s has flipped",
    async (chunk) => {
      const directory = await copy();
      const bytes = await readFile(join(directory, chunk));
      bytes[3] = (bytes[3] ?? 0) ^ 16;
      await writeFile(join(directory, chunk), bytes);
      expect(await mended(directory, /checksum of the file .* does not fit its numbers/)).toEqual(
        whole,
      );
    },
  );

  it("is found in a chunk that is missing, short, or another's", async () => {
    const missing = await copy();
    await rm(join(missing, "data/x/c/1/0/0"));
    expect(await mended(missing, /the file data\/x\/c\/1\/0\/0 is missing/)).toEqual(whole);
    const short = await copy();
    await truncate(join(short, "data/x/c/1/0/0"), 96);
    expect(await mended(short, /data\/x\/c\/1\/0\/0 has 96 bytes instead of 484/)).toEqual(whole);
    const swapped = await copy();
    await cp(join(swapped, "data/count/c/0"), join(swapped, "data/count/c/1"));
    expect(
      await mended(swapped, /data\/count\/c\/1 is not the one that its record tells of/),
    ).toEqual(whole);
  });

  it("is one clear error where a folder lies in a chunk's place", async () => {
    const directory = await copy();
    await rm(join(directory, "valid/c/1"));
    await mkdir(join(directory, "valid/c/1"));
    await expect(reading(directory)).rejects.toThrow(/valid\/c\/1: it is a directory/);
    await expect(reading(directory)).rejects.toBeInstanceOf(DataSetError);
  });

  it("is found in the record of a shard", async () => {
    const directory = await copy();
    const record = join(directory, "shards/0.json");
    await rewrite(record, (text) => text.replace("too small", "too large"));
    expect(
      await mended(directory, /shards\/0\.json is damaged: its checksum does not fit/),
    ).toEqual(whole);
    await rewrite(record, () => "[]");
    expect(await mended(directory, /shards\/0\.json is damaged: it is no record/)).toEqual(whole);
    await rm(record);
    await expect(reading(directory)).rejects.toThrow(/the record of shard 0 is missing/);
    await simulateToDirectory(pair, directory, options);
    expect(await reading(directory)).toEqual(whole);
  });
});

describe("damage to metadata", () => {
  it.each([
    ["data/x", '"separator": "/"', '"separator": "."', /chunk_key_encoding in data\/x\/zarr.json/],
    ["data/count", '"fill_value": 0', '"fill_value": 1', /fill_value in data\/count\/zarr.json/],
    ["valid", '"uint8"', '"int8"', /data_type in valid.zarr.json should be "uint8", but is "int8"/],
    ["parameters", '"little"', '"big"', /codecs in parameters\/zarr.json should be .* but is/],
    ["indices", '"name": "crc32c"', '"name": "gzip"', /codecs in indices\/zarr.json should be/],
    ["parameters", /"shape": \[\s*25/, '"shape": [26', /shape in parameters.zarr.json should be/],
    ["data/x", '"zarr_format": 3', '"zarr_format": 2', /zarr_format in data\/x/],
    ["data", '"group"', '"array"', /node_type in data\/zarr.json should be "group"/],
    ["valid", '"fill_value"', '"novelty": 1, "fill_value"', /novelty in valid\/zarr.json/],
    ["valid", /^/, "not JSON", /valid\/zarr.json is no JSON object/],
  ] as const)("is found in the metadata of %s: %s", async (array, from, to, words) => {
    const directory = await copy();
    await rewrite(join(directory, array, "zarr.json"), (text) => text.replace(from, to));
    expect(await mended(directory, words)).toEqual(whole);
  });

  it("is found where there are none", async () => {
    const directory = await copy();
    await rm(join(directory, "parameters/zarr.json"));
    expect(await mended(directory, /parameters\/zarr.json is missing/)).toEqual(whole);
  });

  it.each([
    [/"valid": \d+/, '"valid": 0'],
    ['"upper": 1', '"upper": 2'],
    ['"value": "9"', '"value": "8"'],
    ['"firstIndex": 5', '"firstIndex": 6'],
  ])("is found in the attributes, where %s is changed", async (from, to) => {
    const directory = await copy();
    await rewrite(join(directory, "zarr.json"), (text) => text.replace(from, to));
    await expect(reading(directory)).rejects.toThrow(/zarr.json is damaged: its checksum does not/);
    await expect(simulateToDirectory(pair, directory, options)).rejects.toThrow(DataSetError);
  });

  it("is found in attributes that are none, or have lost their checksum", async () => {
    const directory = await copy();
    const attributes = join(directory, "zarr.json");
    await rewrite(attributes, (text) => text.replace("checksum", "chequesum"));
    await expect(reading(directory)).rejects.toThrow(/its checksum is missing/);
    await writeFile(attributes, '{"zarr_format":3,"node_type":"group","attributes":{}}');
    await expect(reading(directory)).rejects.toThrow(/no data set of Amortis, or a damaged one/);
    await writeFile(attributes, "not JSON");
    await expect(reading(directory)).rejects.toThrow(/no readable Zarr group/);
    await expect(reading(join(root, "nowhere"))).rejects.toThrow(/there is no data set in/);
  });

  it("is not what other programs add or reorder", async () => {
    const directory = await copy();
    await rewrite(join(directory, "zarr.json"), (text) => {
      const { attributes, ...group } = JSON.parse(text) as { readonly attributes: object };
      const reordered = Object.fromEntries(Object.entries(attributes).toReversed());
      return JSON.stringify({ attributes: { note: "mine", ...reordered }, ...group });
    });
    await rewrite(join(directory, "data/x/zarr.json"), (text) => {
      const metadata = JSON.parse(text) as object;
      const reordered = Object.fromEntries(Object.entries(metadata).toReversed());
      const added = {
        attributes: { units: "mm" },
        storage_transformers: [],
        hint: { must_understand: false },
      };
      return JSON.stringify({ ...reordered, ...added });
    });
    expect(await reading(directory)).toEqual(whole);
  });
});

describe("a data set of version 1", () => {
  it("is read, continued and grown as it is", async () => {
    expect(await reading(VERSION_1)).toEqual(whole);
    const directory = await copy(VERSION_1);
    await simulateToDirectory(pair, directory, options);
    expect(await reading(directory)).toEqual(whole);
    await rm(join(directory, "data/x/c/1/0/0"));
    expect(await mended(directory, /the file data\/x\/c\/1\/0\/0 is missing/)).toEqual(whole);
    await simulateToDirectory(pair, directory, { ...options, simulations: 40 });
    expect(await reading(directory)).toEqual(await simulate(pair, { ...options, simulations: 40 }));
    expect((await openDataSet(directory)).info.version).toBe(1);
  });

  it("is not misread where its metadata, counts or marks are changed", async () => {
    const separator = await copy(VERSION_1);
    await rewrite(join(separator, "data/x/zarr.json"), (text) => text.replace('"/"', '"."'));
    await expect(reading(separator)).rejects.toThrow(/chunk_key_encoding in data\/x\/zarr.json/);
    const counts = await copy(VERSION_1);
    await rewrite(join(counts, "zarr.json"), (text) => text.replace(/"valid": \d+/, '"valid": 0'));
    await expect(reading(counts)).rejects.toThrow(/says that it has 0 valid simulations and 2/);
    const marks = await copy(VERSION_1);
    await writeFile(join(marks, "valid/c/0"), new Uint8Array(10).fill(1));
    await expect(reading(marks)).rejects.toThrow(/shard 0, row 9 is marked valid, and its record/);
  });
});

it("is not simulated into where it was saved from memory", async () => {
  const directory = join(root, "saved");
  await saveDataSet(directory, pair, whole, { seed: 9 });
  expect(whole.invalid.length).toBeGreaterThan(0);
  await expect(simulateToDirectory(pair, directory, options)).rejects.toThrow(
    /cannot simulate into .*: it holds simulations that were saved from memory/,
  );
  expect(await reading(directory)).toEqual(whole);
});

it("grows after a growth that was killed before any of its shards", async () => {
  const directory = await copy();
  const before = await readFile(join(directory, "zarr.json"));
  const more = { ...options, simulations: 45 };
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const growing = simulateToDirectory(pair, directory, {
    ...more,
    onProgress,
    signal: stop.signal,
  });
  await expect(growing).rejects.toMatchObject({ name: "AbortError" });
  // Its attributes were written, and then, as it were, nothing more.
  expect(await readFile(join(directory, "zarr.json"))).not.toEqual(before);
  const old = join(root, "whole/data/x/zarr.json");
  await cp(old, join(directory, "data/x/zarr.json"));
  await expect(reading(directory)).rejects.toThrow(/is not complete/);
  await simulateToDirectory(pair, directory, more);
  expect(await reading(directory)).toEqual(await simulate(pair, more));
});
