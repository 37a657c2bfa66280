/**
 * Processor time of the command from a cold start: `--version`, and one `infer` of a file and one data set.
 *
 *     npm run bench:startup                              this version
 *     npm run bench:startup -- --before ../other         in alternation with another checkout, which is built
 *     npm run bench:startup -- --rounds 15
 *
 * User and system time of all threads, the median over rounds; bare Node beside it. The file is a golden one, which both versions read.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");
const FILE = join(ROOT, "packages/amortis/test/golden-files/files/npe-spline.amortis");

/** Where the command has been. */
const COMMANDS = ["packages/amortis/bin/amortis.js", "packages/cli/bin/amortis.js"];

/** Loaded before the command: writes what the process has taken when it ends. */
const WATCH = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("node:fs").writeFileSync(process.env.STARTUP_USAGE, String((user + system) / 1e6));
});`;

const { values } = parseArgs({
  options: { before: { type: "string" }, rounds: { type: "string", default: "7" } },
});
const folder = mkdtempSync(join(tmpdir(), "amortis-startup-"));
try {
  measure(folder, Number(values.rounds), values.before);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly seconds: number[];
}

function measure(work: string, rounds: number, before: string | undefined): void {
  const [watch, data] = [join(work, "watch.cjs"), join(work, "y.json")];
  writeFileSync(watch, WATCH);
  writeFileSync(data, "[0.1, 0.2, 0.3, 0.4]");
  const versions = { this: ROOT, ...(before !== undefined && { before: resolve(before) }) };
  const cases: Case[] = [{ name: "bare Node", args: ["-e", "0"], seconds: [] }];
  for (const [version, root] of Object.entries(versions)) {
    const command = commandIn(root);
    cases.push({ name: `${version}: --version`, args: [command, "--version"], seconds: [] });
    cases.push({
      name: `${version}: infer`,
      args: [command, "infer", FILE, data, "--json"],
      seconds: [],
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { args, seconds } of cases) seconds.push(cpuOf(["--require", watch, ...args], work));
  }
  for (const { name, seconds } of cases) {
    const sorted = seconds.toSorted((a, b) => a - b);
    const [low, middle, high] = [0, (rounds - 1) / 2, rounds - 1].map(
      (i) => sorted[Math.round(i)] ?? Number.NaN,
    );
    console.log(
      `${name.padEnd(20)} ${middle?.toFixed(3)} s  (${low?.toFixed(3)} to ${high?.toFixed(3)})`,
    );
  }
}

function commandIn(root: string): string {
  const found = COMMANDS.map((path) => join(root, path)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`${root} has no command: it is no checkout, or not built`);
  return found;
}

/** Seconds of processor time that a run of Node takes. */
function cpuOf(args: readonly string[], work: string): number {
  const usage = join(work, "usage");
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, STARTUP_USAGE: usage },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return Number(readFileSync(usage, "utf8"));
}
