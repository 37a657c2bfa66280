/**
 * The files for batch systems, run by what stands in for those: their variables.
 */
import { execFile, spawnSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openDataSet } from "amortis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BIN, expectRefused, fixture } from "./command.js";

const DEPLOY = fileURLToPath(new URL("../../../deploy/", import.meta.url));
const SNAKEMAKE = process.env["AMORTIS_SNAKEMAKE"] ?? "snakemake";
const hasSnakemake = spawnSync(SNAKEMAKE, ["--version"]).status === 0;
const BUMP = fixture("bump.ts");

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-deploy-"));
  // `npx amortis`, as where it is installed.
  await writeFile(join(root, "npx"), `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`, {
    mode: 0o755,
  });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

async function shell(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `${root}:${process.env["PATH"] ?? ""}`;
  const all = { ...process.env, ...env, PATH: path, N: "50", MODEL: BUMP };
  await promisify(execFile)("bash", [...args], { env: all, cwd: root });
}

it("the Slurm array fills a directory", async () => {
  const out = join(root, "slurm");
  // Tasks that others started before them find the directory, or create it.
  await Promise.all(
    ["0", "1"].map((task) =>
      shell([`${DEPLOY}simulate.sbatch`], {
        OUT: out,
        SLURM_ARRAY_TASK_ID: task,
        SLURM_ARRAY_TASK_COUNT: "2",
      }),
    ),
  );
  expect((await openDataSet(out)).size).toBe(50);
});

it("the indexed job of Kubernetes fills a directory", async () => {
  const file = await readFile(`${DEPLOY}simulate.kubernetes.yaml`, "utf8");
  const line = /^ +- (exec npx .*)$/mu.exec(file)?.[1] ?? "";
  const completions = /completions: (\d+)/u.exec(file)?.[1];
  expect(/TASKS, value: "(\d+)"/u.exec(file)?.[1]).toBe(completions);
  const out = join(root, "kubernetes");
  await shell(["-c", line], { OUT: out, JOB_COMPLETION_INDEX: "0", TASKS: "1" });
  expect((await openDataSet(out)).size).toBe(50);
});

it.runIf(hasSnakemake)("Snakemake plans all tasks, and does them", async () => {
  const folder = await mkdtemp(join(root, "snakemake-"));
  await copyFile(`${DEPLOY}Snakefile`, join(folder, "Snakefile"));
  const config = [`model=${BUMP}`, "simulations=60", "tasks=3"];
  const env = { ...process.env, PATH: `${root}:${process.env["PATH"] ?? ""}` };
  const run = (args: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(SNAKEMAKE, ["--cores", "2", ...args, "--config", ...config], { cwd: folder, env });
  expect(String(run(["-n"]).stdout)).toMatch(/simulate +3/u);
  const { status } = run(["--until", "simulate"]);
  expect(status).toBe(0);
  expect((await openDataSet(join(folder, "simulations"))).size).toBe(60);
});

it("parts that cannot be are bad input", async () => {
  const simulate = ["simulate", BUMP, "--n", "10", "--out", join(root, "none")];
  const refused = expectRefused([
    [[...simulate, "--shard", "3/3"], /must be I\/N, with a task I from 0 to N - 1/u],
    [[...simulate, "--shard", "0/2", "--queue", "redis://localhost"], /cannot be used with/u],
    [[...simulate, "--time-limit", "3"], /are of --command: name a program/u],
  ]);
  await expect(refused).resolves.toBeUndefined();
});
