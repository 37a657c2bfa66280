/** Builds the studio once for all tests in a browser, into a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildAll } from "../scripts/build-all.js";

declare module "vitest" {
  interface ProvidedContext {
    readonly studio: string;
  }
}

/** Vitest calls it before the tests, and what it returns after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "amortis-studio-"));
  await buildAll(folder);
  project.provide("studio", folder);
  return async () => {
    await rm(folder, { recursive: true, force: true });
  };
}
