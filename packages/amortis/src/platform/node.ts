/**
 * What only Node has: files, threads, modules of users.
 *
 * `#platform` is this module in Node and `page.ts` elsewhere, by the conditions of package.json's `imports`: a bundle for a page holds
 * nothing of Node. What is heavy is imported when it is called.
 */
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import {
  access,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from "node:fs/promises";
import { AsyncLocalStorage } from "node:async_hooks";
import { register } from "node:module";
import { availableParallelism, hostname, tmpdir, totalmem } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Runtime } from "@amortis/graph";
import type { Device } from "@amortis/graph/device";
import type * as ChildProcess from "node:child_process";
import type * as Piscina from "piscina";
import type { ProgressStream } from "./progress-stream.js";
import type * as Tsx from "tsx/esm/api";

export {
  appendFileSync,
  availableParallelism,
  existsSync,
  fileURLToPath,
  hostname,
  mkdirSync,
  pathToFileURL,
  register,
  tmpdir,
};

/** Whether this is Node, rather than a page or a worker of one. */
export const inNode: boolean = true;

export const fs = { access, link, mkdir, mkdtemp, readFile, readdir, rename, rm, rmdir, writeFile };

export const path = { basename, dirname, join, resolve };

/** How much can be computed at once. */
export function processors(): number {
  return availableParallelism();
}

/** What runs the library here, with its version. */
export function software(): Readonly<Record<string, string>> {
  return { node: process.versions.node, platform: `${process.platform}-${process.arch}` };
}

/** The time of what is written; that of SOURCE_DATE_EPOCH, where builds are to be the same again (https://reproducible-builds.org/specs/source-date-epoch). */
export function now(): Date {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  const fixed = new Date(1000 * Number(given));
  return given === undefined || Number.isNaN(fixed.valueOf()) ? new Date() : fixed;
}

/** Bytes that the process has. */
export function memory(): number {
  return process.memoryUsage.rss();
}

/** The terminal that a person looks at, if there is one. */
export function terminal(): ProgressStream | undefined {
  return process.stderr.isTTY ? process.stderr : undefined;
}

/** Tells whether code runs within a call, at once or after an await. */
export interface AsyncContext {
  run<T>(call: () => T): T;
  isInside(): boolean;
}

/** A context of its own, which slows promises down from its first call on. */
export function asyncContext(): AsyncContext {
  const storage = new AsyncLocalStorage<true>();
  return {
    run: (call) => storage.run(true, call),
    isInside: () => storage.getStore() === true,
  };
}

/** Bytes that the machine has. */
export function totalMemory(): number {
  return totalmem();
}

/** Starts programs. */
export function importChildProcess(): Promise<typeof ChildProcess> {
  return import("node:child_process");
}

/** Threads that simulate. */
export function importPiscina(): Promise<typeof Piscina> {
  return import("piscina");
}

/** What compiles TypeScript on the fly. */
export function importTsx(): Promise<typeof Tsx> {
  return import("tsx/esm/api");
}

/** A module that a user names. Its code runs. */
export async function importUrl(url: string): Promise<Readonly<Record<string, unknown>>> {
  const module: Readonly<Record<string, unknown>> = await import(url);
  return module;
}

/** The native runtime on a device. */
export async function runtimeOn(device: Device, threads?: number): Promise<Runtime> {
  const { deviceRuntime } = await import("@amortis/graph/device");
  return deviceRuntime(device, threads === undefined ? {} : { threads });
}

/** A runtime, and what to do for a faster one, in one line, where there is something. */
export interface FoundRuntime {
  readonly runtime: Runtime;
  readonly advice?: string;
}

/** The native runtime; where it is not installed or does not load, the engine's own. */
export async function findRuntime(): Promise<FoundRuntime> {
  try {
    const { nodeRuntime } = await import("@amortis/graph/node");
    return { runtime: nodeRuntime() };
  } catch (cause) {
    const { wasmRuntime } = await import("@amortis/graph/wasm");
    return { runtime: wasmRuntime(), advice: adviceFor(cause) };
  }
}

function adviceFor(cause: unknown): string {
  const missing = cause instanceof Error && "code" in cause && /NOT_FOUND/.test(String(cause.code));
  const [problem, remedy] = missing
    ? ["is not installed", "npm i onnxruntime-node --ignore-scripts"]
    : [`does not load (${firstLine(cause)})`, "see whether it supports this system"];
  return `ONNX Runtime's native build, onnxruntime-node, ${problem}, so WebAssembly is used, which trains more slowly: ${remedy}`;
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}
