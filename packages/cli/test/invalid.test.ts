import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, fixture, output, run } from "./command.js";

const FAILING = fixture("failing.ts");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Report {
  readonly valid?: number;
  readonly invalid?: number;
  readonly invalidSimulations?: number;
  readonly whereInvalid: string;
  readonly endedBy?: string;
}

it("simulations that cannot be used are counted, and it is said where in θ they lie", async () => {
  const args = ["--workers", "0", "-q", "--json"];
  const simulated = await run(
    "simulate",
    FAILING,
    "--n",
    "200",
    "--out",
    join(folder, "a"),
    ...args,
  );
  const found = JSON.parse(output(simulated)) as Report;
  expect((found.valid ?? 0) + (found.invalid ?? 0)).toBe(200);
  expect(found.invalid).toBeGreaterThan(20);
  expect(found.whereInvalid).toMatch(/scale/);
  const out = join(folder, "failing.amortis");
  const few = ["--simulations", "300", "--epochs", "1", "--batch", "32", "--out", out];
  const trained = JSON.parse(output(await run("train", FAILING, ...few, ...args))) as Report;
  expect(trained.invalidSimulations).toBeGreaterThan(30);
  expect(trained.whereInvalid).toMatch(/scale/);
  expect(trained.endedBy).toBe("complete");
});

it("or they are fatal, and nothing is written", async () => {
  const out = join(folder, "fatal.amortis");
  const few = ["--simulations", "300", "--workers", "0", "--out", out];
  const outcome = await run("train", FAILING, ...few, "-q", "--on-invalid", "fatal");
  expect(outcome.code).toBe(1);
  expect(outcome.stderr.trim().split("\n")).toHaveLength(1);
  expect(outcome.stderr).toMatch(/scale/);
  expect(existsSync(out)).toBe(false);
  const wrong = await call(
    "simulate",
    FAILING,
    "--n",
    "9",
    "--out",
    join(folder, "b"),
    "--on-invalid",
    "x",
  );
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/Allowed choices are exclude, fatal/);
});
