/**
 * Data sets that several fill.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  openDataSet,
  openShared,
  partOf,
  simulate,
  simulateToDirectory,
} from "../../src/simulation/index.js";
import { crashing } from "./models.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-shared-"));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const settings = { simulations: 95, seed: 4, shardSize: 10, workers: 0 };

it("parts are a partition", () => {
  for (const [shards, n] of [
    [10, 3],
    [2, 5],
    [7, 1],
  ] as const) {
    const all = Array.from({ length: n }, (_, i) => partOf(shards, i, n)).flat();
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: shards }, (_, k) => k));
  }
  expect(() => partOf(10, 3, 3)).toThrow(/whole numbers 0 <= i < n, but is 3 of 3/u);
});

it("several at once give the bits of one, and the last completes it", async () => {
  const directory = join(root, "several");
  const done = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const shared = await openShared(crashing, directory, settings);
      const made = await shared.simulate(partOf(shared.shards, i, 3));
      await shared.close();
      return made.simulations;
    }),
  );
  expect(done).toEqual([35, 30, 30]);
  await expect(openDataSet(directory)).rejects.toThrow(/not complete/u);
  const shared = await openShared(crashing, directory, settings);
  expect(await shared.finish()).toBe(true);
  const stored = await (await openDataSet(directory)).read();
  const { origin: _, ...one } = await simulate(crashing, { simulations: 95, seed: 4, workers: 0 });
  expect(stored).toMatchObject(one);
});

it("what is missing, damaged or of a smaller data set is simulated again, and nothing else", async () => {
  const directory = join(root, "mended");
  const open = (simulations = 95) => openShared(crashing, directory, { ...settings, simulations });
  const first = await open();
  await first.simulate([0, 2, 9]);
  await writeFile(`${directory}/parameters/c/2/0`, "damaged");
  expect(await first.missing([0, 1, 2, 9])).toEqual([1, 2]);
  expect(await first.finish()).toBe(false);
  const before = await readFile(`${directory}/shards/0.json`);
  await first.simulate([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await readFile(`${directory}/shards/0.json`)).toEqual(before);
  expect(await first.finish()).toBe(true);
  const larger = await open(120);
  expect(await larger.missing()).toEqual([9, 10, 11]);
  // Whoever still has the smaller one in mind completes nothing.
  expect(await first.finish()).toBe(false);
  await larger.simulate([9, 10, 11]);
  expect(await larger.finish()).toBe(true);
  const alone = await simulateToDirectory(crashing, join(root, "alone"), {
    ...settings,
    simulations: 120,
  });
  expect(await (await openDataSet(directory)).read()).toEqual(await alone.read());
});

it("another seed is refused", async () => {
  const directory = join(root, "refused");
  await openShared(crashing, directory, settings);
  await expect(openShared(crashing, directory, { ...settings, seed: 5 })).rejects.toThrow(
    /with the seed "4", not "5"/u,
  );
});
