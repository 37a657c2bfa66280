/** Simulators that do what they should not: each ends with one clear line, and never as if all were well. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "amortis";
import { fixture, start, type Outcome } from "./command.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-unruly-"));
});
afterAll(() => rm(folder, { recursive: true }));

const COMMANDS = {
  simulate: (name: string) => ["--n", "50", "--out", join(folder, `${name}-data`)],
  train: (name: string) => ["--simulations", "100", "--out", join(folder, `${name}.amortis`)],
};

function begin(command: keyof typeof COMMANDS, name: string, ...more: readonly string[]) {
  const mark = join(folder, `${command}-${name}`);
  const args = [command, `${fixture("unruly.ts")}#${name}`, ...COMMANDS[command](name), ...more];
  return { ...start([...args, "-q"], { MARK: mark }), mark };
}

/** How a failure looks: one line on standard error, nothing on standard output, status 1. */
const failure = (line: RegExp): Outcome => ({
  code: 1,
  stdout: "",
  stderr: expect.stringMatching(new RegExp(`^error: ${line.source}[^\\n]*\\n$`)) as string,
});

describe.each(["simulate", "train"] as const)("%s", (command) => {
  it("hears an interruption while a simulator does not return", async () => {
    const { child, outcome, mark } = begin(command, "endless");
    while (!existsSync(mark)) await new Promise((resolve) => void setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { code, stderr } = await outcome;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stopping\ninterrupted [^\n]+\n$/);
  });

  it("says that a simulator has ended its worker, or would end the command", async () => {
    // One after the other: both write to one place.
    const there = await begin(command, "exiting").outcome;
    const here = await begin(command, "exiting", "--workers", "0").outcome;
    expect(there).toEqual(failure(/a worker that simulated "exiting" died: .*exited with code: 0/));
    expect(here).toEqual(failure(/the simulator of "exiting" called process.exit\(0\)/));
  });

  it("says that a simulator would end the command after a while, or that something else ended it", async () => {
    const leaving = await begin(command, "leaving", "--workers", "0").outcome;
    expect(leaving).toEqual(failure(/the simulator of "leaving" called process.exit\(0\)/));
    const { outcome } = begin(command, "priorEnding", "--workers", "0");
    expect(await outcome).toEqual(
      failure(/something ended the process with status 0 before the command was done/),
    );
  });

  it("says that a promise was rejected that nobody listens to", async () => {
    const { outcome } = begin(command, "rejecting");
    expect(await outcome).toEqual(
      failure(/a worker that simulated "rejecting" died: nobody listens/),
    );
    const here = await begin(command, "rejecting", "--workers", "0").outcome;
    expect(here).toEqual(
      failure(/something failed that nothing waited for: Error: nobody listens/),
    );
  });

  it("says that a promise is never fulfilled, where that can be known", async () => {
    const { outcome } = begin(command, "waiting", "--workers", "0");
    expect(await outcome).toEqual(
      failure(/the simulator of "waiting" returned a promise that nothing/),
    );
  });
});

it("keeps an estimator that cannot be saved", async () => {
  const gone = join(folder, "gone");
  const args = [
    "train",
    `${fixture("unruly.ts")}#spoiling`,
    "--simulations",
    "100",
    "--epochs",
    "1",
  ];
  const out = join(gone, "x.amortis");
  const { outcome } = start([...args, "--out", out, "-q"], { MARK: out });
  const result = await outcome;
  expect(result).toEqual(
    failure(/cannot write .*x\.amortis: .*; it is kept in .*x\.amortis: move it/),
  );
  const [, kept = ""] = /kept in (.*): move/.exec(result.stderr) ?? [];
  expect((await load(kept)).details.model.name).toBe("spoiling");
  await rm(dirname(kept), { recursive: true });
});
