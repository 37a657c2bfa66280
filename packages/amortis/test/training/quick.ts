/**
 * What the tests of training share: a small method, quick settings, and a folder that goes away.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { gaussian, npe, rawSummary } from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

export const { model: conjugate } = conjugateNormal(2);
export const method = npe(conjugate, { summary: rawSummary(), density: gaussian() });
export const quick = { seed: 5, workers: 0, threads: 1, batch: 32 } as const;

/** Paths in a folder of the test file's own. */
export function temporaryFolder(): (name: string) => string {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "amortis-training-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return (name) => join(folder, name);
}
