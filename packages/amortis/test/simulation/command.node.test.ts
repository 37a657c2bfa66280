/**
 * Simulators that are other programs, with everything that such programs do.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { normal } from "../../src/distributions/index.js";
import type { ExternalSimulator } from "../../src/model/index.js";
import { defineModel, type AnyModel } from "../../src/model/index.js";
import { stream } from "../../src/random/index.js";
import {
  command,
  openDataSet,
  simulate,
  simulateToDirectory,
  type CommandOptions,
} from "../../src/simulation/index.js";

const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
const [hasPython, hasCompiler] = [has("python3"), has("cc")];
const hasR = spawnSync("Rscript", ["-e", "library(jsonlite)"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "amortis-command-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const programs = fileURLToPath(new URL("programs/", import.meta.url));
const quick: CommandOptions = { timeLimit: 1, startLimit: 5 };

function modelOf(simulator: ExternalSimulator): AnyModel {
  return defineModel({
    name: "elsewhere",
    parameters: { mean: normal(0, 1) },
    data: { x: [3] },
    simulate: simulator,
  });
}

const python = (fault: string, options = quick): AnyModel =>
  modelOf(command(["python3", `${programs}sim.py`, fault], options));

const run = { simulations: 24, seed: 2, workers: 2 };
/** Numbers of the simulations of `run` whose mean is above 1. */
const large = Array.from({ length: run.simulations }, (_, i) => i).filter(
  (i) => stream(run.seed).split("simulation").split(i).normal() > 1,
);

describe.runIf(hasPython)("a simulator in Python", () => {
  it("gives the same bits for any number of processes, batches and ways to ask", async () => {
    const one = await simulate(python("none"), { ...run, workers: 0 });
    expect(one.size).toBe(run.simulations);
    expect(large.length).toBeGreaterThan(1);
    const ways = [
      simulate(python("none"), { ...run, workers: 3, chunkSize: 5 }),
      simulate(modelOf(command(`python3 ${programs}batch.py`, { format: "npy" })), run),
    ];
    for (const other of await Promise.all(ways)) {
      expect(other.parameters).toEqual(one.parameters);
      expect(other.data).toEqual(one.data);
    }
  });

  it.each([
    ["throw", /status 1; it wrote to standard error: ValueError: the mean .* is too large/u],
    ["exit", /^the program ended with status 7$/u],
    ["hang", /^no answer within 1 s$/u],
    ["junk", /^the program wrote "Traceback: this is no answer", which is no answer/u],
    ["error", /^no solution$/u],
    ["shape", /"x" has shape \[3\].* but the program returned 1 values/u],
    ["nan", /^x\[1\] is NaN$/u],
  ])("that fails by %s costs its own simulations alone", async (fault, reason) => {
    // A hang costs its time limit: fewer of them.
    const simulations = fault === "hang" ? (large[1] ?? 0) + 1 : run.simulations;
    const expected = large.filter((i) => i < simulations);
    const sound = await simulate(python("none"), { ...run, simulations });
    const { invalid, indices, data, size } = await simulate(python(fault), {
      ...run,
      simulations,
    });
    expect(invalid.map(({ index }) => index)).toEqual(expected);
    for (const one of invalid) {
      expect(one.reason).toMatch(reason);
      expect(one.parameters[0]).toBeGreaterThan(1);
    }
    expect(size + invalid.length).toBe(simulations);
    for (let row = 0; row < size; row++) {
      const from = 3 * (indices[row] ?? 0);
      expect(data["x"]?.slice(3 * row, 3 * row + 3)).toEqual(
        sound.data["x"]?.slice(from, from + 3),
      );
    }
  });

  it("that fails in the midst of a batch is asked again for the others", async () => {
    const batch = command(`python3 ${programs}batch.py exit`, { format: "npy" });
    for (const model of [modelOf(batch), python("held")]) {
      const { invalid, size } = await simulate(model, { ...run, chunkSize: 12, simulations: 12 });
      const expected = model.external === batch ? large.filter((i) => i < 12) : [];
      expect(invalid.map(({ index }) => index)).toEqual(expected);
      expect(size).toBe(12 - expected.length);
    }
  });

  it.runIf(process.platform === "linux")("that takes too much memory is ended", async () => {
    const { invalid } = await simulate(python("memory", { memoryLimit: 2 ** 28 }), {
      ...run,
      simulations: (large[0] ?? 0) + 1,
    });
    expect(invalid.map(({ index }) => index)).toEqual(large.slice(0, 1));
    expect(invalid[0]?.reason).toMatch(/MiB of memory, more than 256 MiB$/u);
  });

  it("keeps failures on disk, with what was written to standard error", async () => {
    const directory = join(folder, "failures");
    await simulateToDirectory(python("throw"), directory, { ...run, shardSize: 8 });
    const { invalid } = await (await openDataSet(directory)).read();
    expect(invalid.map(({ index }) => index)).toEqual(large);
    expect(invalid[0]?.standardError).toMatch(/^Traceback .*\n.*sim\.py[^]*ValueError/u);
  });

  it("answers one simulation as any simulator does", async () => {
    // Nothing hangs here: however slow the machine is, there is an answer.
    const patient = { timeLimit: 600, startLimit: 600 };
    const output = await python("none", patient).simulate({ mean: 0.5 }, stream(3));
    expect(output["x"]).toHaveLength(3);
    const refused = python("throw", patient).simulate({ mean: 2 }, stream(3));
    await expect(Promise.resolve(refused)).rejects.toThrow(/too large/u);
  });
});

it("a program that is not there, or never works, is said so at once", async () => {
  for (const program of ["no-such-program --now", ["no-such-program"]]) {
    await expect(simulate(modelOf(command(program, quick)), run)).rejects.toThrow(
      /no-such-program/u,
    );
  }
  await expect(simulate(modelOf(command("exit 3", quick)), run)).rejects.toThrow(
    /"exit 3" answered none of the first 10 simulation\(s\): the program ended with status 3/u,
  );
  expect(() => command("")).toThrow(/name a program/u);
  expect(() => command("x", { timeLimit: 0 })).toThrow(/timeLimit must be a number above 0/u);
});

it("a signal ends programs that hang", async () => {
  const model = modelOf(command("sleep 1000"));
  const signal = AbortSignal.timeout(200);
  await expect(simulate(model, { ...run, signal })).rejects.toThrow(/timeout/u);
});

it.runIf(hasCompiler)("a compiled program simulates", async () => {
  const program = join(folder, "sim");
  execFileSync("cc", ["-O2", "-o", program, `${programs}sim.c`]);
  const { data, parameters, size, invalid } = await simulate(modelOf(command([program])), run);
  expect(invalid.map(({ index }) => index)).toEqual(large);
  expect(invalid[0]?.reason).toBe("the program was ended by SIGABRT");
  for (let row = 0; row < size; row++) {
    expect(data["x"]?.[3 * row]).toBe(Math.fround(parameters[row] ?? 0));
  }
});

it.runIf(hasR)("a simulator in R", async () => {
  const model = modelOf(command(["Rscript", `${programs}sim.R`]));
  const { data, invalid } = await simulate(model, run);
  expect(invalid.map(({ index }) => index)).toEqual(large);
  expect(invalid[0]?.reason).toBe("the mean is too large");
  expect(data["x"]?.every(Number.isFinite)).toBe(true);
  expect(readFileSync(`${programs}sim.R`, "utf8")).toMatch(/set\.seed/u);
});
