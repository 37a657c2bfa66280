/**
 * The real command, as a user runs it: in a process of its own, or, where its words are all that is asked, by a call.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { main } from "@amortis/cli";
import { VERSION } from "amortis/extend";
import { expect, vi } from "vitest";

export const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));

/** Path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Starts the command. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  return { child, outcome };
}

/** Runs the command to its end. */
export function run(...args: readonly string[]): Promise<Outcome> {
  return start(args).outcome;
}

let calls: Promise<unknown> = Promise.resolve();

/**
 * The command as a call of `main` in this process, which costs a hundredth of a process. What it writes is caught, so that calls
 * run one after another.
 */
export function call(...args: readonly string[]): Promise<Outcome> {
  const outcome = calls.then(() => caught(args));
  calls = outcome.catch(() => undefined);
  return outcome;
}

async function caught(args: readonly string[]): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  const writes = streams.map((name) => vi.spyOn(process[name], "write"));
  for (const [i, name] of streams.entries()) {
    writes[i]?.mockImplementation((text) => {
      written[name] += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
      return true;
    });
  }
  try {
    const code = await main([process.execPath, BIN, ...args], VERSION);
    return { code, ...written };
  } finally {
    for (const write of writes) write.mockRestore();
  }
}

/** Standard output of a command that did well. */
export function output({ code, stdout, stderr }: Outcome): string {
  if (code !== 0) throw new Error(`status ${code}: ${stderr}`);
  return stdout;
}

/** What `infer --json` prints. */
export interface Summary {
  readonly parameters: readonly string[];
  readonly estimate?: string;
  readonly datasets: readonly {
    readonly mean: Record<string, number>;
    readonly sd: Record<string, number>;
    readonly estimate: Record<string, number>;
    readonly quantiles: Record<string, Record<string, number>>;
    readonly label?: string;
    readonly check?: object;
  }[];
}

/** Expects that commands are bad input, said in one line each. */
export async function expectRefused(
  cases: readonly (readonly [args: readonly string[], line: RegExp])[],
): Promise<void> {
  const outcomes = await Promise.all(cases.map(([args]) => call(...args)));
  for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
    expect(stderr).toMatch(cases[i]?.[1] ?? "");
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  }
}
