/**
 * Folders in a store: one in memory that each machine has, and moto's real one where it is installed.
 */
import { gaussian, mlpSummary, npe, openDataSet, readSimulations, simulate, train } from "amortis";
import { simulateToDirectory } from "amortis";
import { openShared, type Folder } from "amortis/extend";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3Folder, type S3Options } from "../src/index.js";
import { line } from "./models.js";
import { hasMoto, startMoto } from "./moto.js";
import { startStore, type Store, type StoreHabits } from "./store-server.js";

beforeAll(() => {
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
});

const settings = { simulations: 120, seed: 4, shardSize: 16, workers: 0, onWarning: () => {} };
const alone = () => simulate(line, { simulations: 120, seed: 4, workers: 0 });

interface Server {
  readonly endpoint: string;
  close(): Promise<void>;
}

const SERVERS: readonly (readonly [string, boolean, () => Promise<Server>, boolean])[] = [
  ["in memory", true, () => startStore({ page: 3 }), true],
  // It looks whether an object is there and writes it in two steps: of two conditional writes at one moment both may be taken.
  ["moto's", hasMoto, startMoto, false],
];

/** A folder whose conditional writes wait for one another, as those of a store that looks and writes in one step do. */
function inTurn(folder: Folder, turns: { last: Promise<unknown> }): Folder {
  return {
    name: folder.name,
    read: (path) => folder.read(path),
    write: (path, bytes) => folder.write(path, bytes),
    create: (path, bytes) => {
      const mine = turns.last.then(() => folder.create(path, bytes));
      turns.last = mine.catch(() => {});
      return mine;
    },
    list: (path) => folder.list(path),
    remove: (path) => folder.remove(path),
  };
}

describe.each(SERVERS)("a store, %s", (_, isThere, start, isAtomic) => {
  let server: Server | undefined;
  beforeAll(async () => {
    if (isThere) server = await start();
  });
  afterAll(() => server?.close());
  const folder = (name: string) =>
    s3Folder(`s3://bucket/${name}`, { endpoint: server?.endpoint ?? "" });

  it.runIf(isThere)("holds the bits that a disk and a memory have", async () => {
    const stored = await simulateToDirectory(line, folder("whole/place"), settings);
    expect(stored.info.invalid).toBeGreaterThan(0);
    expect(await stored.read()).toEqual(await alone());
    expect(await readSimulations(line, folder("whole/place/"), { onWarning: () => {} })).toEqual(
      await alone(),
    );
    const names = await folder("whole/place").list();
    expect(names.toSorted()).toEqual([
      "data",
      "indices",
      "parameters",
      "shards",
      "valid",
      "zarr.json",
    ]);
  });

  it.runIf(isThere)("goes on, grows, and is mended", async () => {
    const place = folder("grows");
    await simulateToDirectory(line, place, { ...settings, simulations: 70 });
    await place.remove("data/y/c/1/0");
    await place.remove("shards/2.json");
    await expect((await openDataSet(place)).read()).rejects.toThrow(/c\/1\/0 is missing/u);
    const stored = await simulateToDirectory(line, place, settings);
    expect(await stored.read()).toEqual(await alone());
  });

  it.runIf(isThere)("has one writer, or many that agree", async () => {
    const place = folder("many");
    const turns: { last: Promise<unknown> } = { last: Promise.resolve() };
    const own = (name: string): Folder => (isAtomic ? folder(name) : inTurn(folder(name), turns));
    const endings = await Promise.allSettled(
      Array.from({ length: 4 }, () => simulateToDirectory(line, own("one"), settings)),
    );
    const refused = endings.flatMap((end) =>
      end.status === "rejected" ? [String(end.reason)] : [],
    );
    expect(refused.length).toBeLessThan(4);
    for (const reason of refused)
      expect(reason).toMatch(/is (?:writing|about to write) to s3:\/\/bucket\/one/u);
    expect(await (await openDataSet(folder("one"))).read()).toEqual(await alone());
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const shared = await openShared(line, own("many"), settings);
        await shared.simulate(Array.from({ length: shared.shards }, (_, shard) => shard));
        await shared.finish();
        await shared.close();
      }),
    );
    expect(await (await openDataSet(place)).read()).toEqual(await alone());
  });

  it.runIf(isThere)("is trained on as a disk is, to the bit", async () => {
    const root = await mkdtemp(join(tmpdir(), "amortis-s3-"));
    const options = { ...settings, simulations: 400 };
    const onDisk = await simulateToDirectory(line, join(root, "data"), options);
    const inStore = await simulateToDirectory(line, folder("trained"), options);
    const method = npe(line, { summary: mlpSummary({ hidden: [8] }), density: gaussian() });
    const quiet = {
      seed: 1,
      epochs: 2,
      batch: 32,
      buffer: 64,
      progress: false,
      onWarning: () => {},
    };
    const losses = [];
    for (const data of [onDisk, inStore]) {
      const estimator = await train(method, { ...quiet, data });
      losses.push(estimator.history.map(({ validationLoss }) => validationLoss));
      await estimator.release();
    }
    expect(losses[1]).toEqual(losses[0]);
    await rm(root, { recursive: true });
  });
});

/** A store of such habits, for a test. */
async function withStore(
  habits: StoreHabits,
  test: (store: Store) => Promise<void>,
): Promise<void> {
  const store = await startStore(habits);
  try {
    await test(store);
  } finally {
    await store.close();
  }
}

it("each record of a shard is written once, whoever simulates it", () =>
  withStore({ delay: 2 }, async ({ endpoint, written }) => {
    const each = async (): Promise<void> => {
      const shared = await openShared(line, s3Folder("s3://bucket/once", { endpoint }), settings);
      await shared.simulate(Array.from({ length: shared.shards }, (_, shard) => shard));
      await shared.close();
    };
    await Promise.all([each(), each(), each()]);
    const records = written.filter((key) => key.startsWith("once/shards/"));
    expect(records.length).toBe(8);
    expect(new Set(records).size).toBe(8);
  }));

it("a store that is slow, refuses for a while and breaks off costs time alone", () =>
  withStore({ failing: 7, delay: 1 }, async ({ endpoint }) => {
    const stored = await simulateToDirectory(
      line,
      s3Folder("s3://bucket/flaky", { endpoint }),
      settings,
    );
    expect(await stored.read()).toEqual(await alone());
  }));

it("a damaged object is seen by its checksum", () =>
  withStore({}, async ({ endpoint, objects }) => {
    const stored = await simulateToDirectory(
      line,
      s3Folder("s3://bucket/d", { endpoint }),
      settings,
    );
    const bytes = objects.get("d/data/y/c/3/0");
    if (bytes !== undefined) bytes[8] = 255 - (bytes[8] ?? 0);
    await expect(stored.read()).rejects.toThrow(/checksum of the file data\/y\/c\/3\/0/u);
  }));

it("a store that ignores conditions of writes is refused", () =>
  withStore({ conditions: false }, async ({ endpoint }) => {
    const folder = s3Folder("s3://bucket/old", { endpoint });
    await expect(simulateToDirectory(line, folder, settings)).rejects.toThrow(
      /^cannot write s3:\/\/bucket\/old\/lock: the store .* ignores conditions of writes/u,
    );
  }));

it("what is not there, and what nobody reads, is said so", async () => {
  await withStore({}, async ({ endpoint }) => {
    const folder = s3Folder("s3://other/x", { endpoint });
    await expect(openDataSet(folder)).rejects.toThrow(
      /cannot read s3:\/\/other\/x\/zarr.json: there is no bucket other/u,
    );
    await expect(openDataSet(s3Folder("s3://bucket/x", { endpoint }))).rejects.toThrow(
      "there is no data set in s3://bucket/x",
    );
  });
  for (const url of ["s3://", "bucket/x", "s3:///x"]) {
    expect(() => s3Folder(url)).toThrow(/named by s3:\/\/BUCKET\/PREFIX, but/u);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as plain JavaScript gives them
  const loose = { endpont: "http://127.0.0.1:1" } as S3Options;
  expect(() => s3Folder("s3://bucket", loose)).toThrow(
    /s3Folder has no option "endpont"; it has endpoint, region/u,
  );
});
