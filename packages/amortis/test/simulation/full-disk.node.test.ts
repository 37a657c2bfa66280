import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fs } from "#platform";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openDataSet, simulate, simulateToDirectory } from "../../src/simulation/index.js";
import { crashing } from "./models.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-full-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true });
});

/** No room any more after so many files, whichever they are. */
function fillUpAfter(files: number): void {
  const write = fs.writeFile.bind(fs);
  let left = files;
  vi.spyOn(fs, "writeFile").mockImplementation(async (...given) => {
    if (left-- > 0) return write(...given);
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
}

it("a full disk is said so, and what is there is whole: with more room it goes on, with the same bits", async () => {
  const directory = join(root, "data");
  const settings = { simulations: 60, seed: 8, shardSize: 10, workers: 0 };
  for (const files of [1, 4, 9, 8, 7]) {
    fillUpAfter(files);
    await expect(simulateToDirectory(crashing, directory, settings)).rejects.toThrow(
      /cannot write .*(the disk is full|no space left)/u,
    );
    vi.restoreAllMocks();
    await expect(openDataSet(directory)).rejects.toThrow(/no data set|not complete/u);
  }
  const stored = await simulateToDirectory(crashing, directory, settings);
  expect(await stored.read()).toEqual(
    await simulate(crashing, { simulations: 60, seed: 8, workers: 0 }),
  );
});
