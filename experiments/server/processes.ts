/** Servers and loads as processes of their own. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { npe, train } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import type { Load, LoadResult } from "./load.js";

const ROOT = resolve(import.meta.dirname, "../..");
const BIN = join(ROOT, "packages/amortis/bin/amortis.js");

/** A server under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

/** The field's estimator; what its networks compute does not depend on what they have learned. */
export async function fieldEstimator(folder: string): Promise<string> {
  const file = join(folder, "field.amortis");
  if (existsSync(file)) return file;
  const quiet = { seed: 1, workers: 0, onWarning: () => {}, onProgress: () => {} };
  const trained = await train(npe(gaussianField), { ...quiet, simulations: 2_000, epochs: 2 });
  await trained.save(file);
  return file;
}

/** One field of the prior predictive's kind, as a request. */
export function fieldBody(samples: number, draws: boolean): string {
  const z = Array.from({ length: 16 }, (_, i) =>
    Array.from({ length: 16 }, (_, j) => Number(Math.sin(i / 3 + j / 4).toFixed(4))),
  );
  return JSON.stringify({ data: z, samples, ...(draws && { draws }) });
}

/** Starts `amortis serve`, and waits until it answers. */
export function startOurs(file: string, args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [BIN, "serve", file, "--port", "0", "--quiet", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return announced(child, /http:\S+/);
}

/** Starts a program that says its address on standard error. */
export function announced(child: ChildProcess, pattern: RegExp): Promise<Started> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [url] = pattern.exec(text) ?? [];
      if (url !== undefined) resolve({ child, url });
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      reject(new Error(`the server ended with ${code}: ${text}`));
    });
  });
}

/** Ends a server as its administrator would. */
export async function stop({ child }: Started): Promise<number | null> {
  child.removeAllListeners("exit");
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  return ended;
}

/** A load from a process of its own. */
export function loadFrom(load: Load): Promise<LoadResult> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "load.ts"), JSON.stringify(load)],
    { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the load ended with ${code}`));
    });
  });
}

/** Resident memory of a process, in MB, on Linux; NaN elsewhere. */
export function residentOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}
