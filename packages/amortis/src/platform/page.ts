/**
 * What `node.ts` offers, in a page: WebAssembly, modules by their URL, and clear errors for what a page does not have.
 */
import { UnsupportedError } from "@amortis/graph";
import type * as Node from "./node.js";

export const inNode: typeof Node.inNode = false;

function absent(): never {
  throw new UnsupportedError(
    "files, folders and worker threads of Node's kind are not to be had in a page: pass bytes or a URL to load, take toBytes() instead of save(), and leave checkpoints out",
  );
}

/** Rejects, as what it stands for would. */
async function absentLater(): Promise<never> {
  return absent();
}

export const fs: typeof Node.fs = {
  access: absentLater,
  link: absentLater,
  mkdir: absentLater,
  mkdtemp: absentLater,
  readFile: absentLater,
  readdir: absentLater,
  rename: absentLater,
  rm: absentLater,
  rmdir: absentLater,
  writeFile: absentLater,
};

export const path: typeof Node.path = {
  basename: absent,
  dirname: absent,
  join: absent,
  resolve: absent,
};
export const appendFileSync: typeof Node.appendFileSync = absent;
/** Web workers that can simulate at once. */
export const availableParallelism: typeof Node.availableParallelism = () =>
  navigator.hardwareConcurrency;
/** A page has one for what networks compute. */
export const processors: typeof Node.processors = () => 1;
export const software: typeof Node.software = () => ({ browser: navigator.userAgent });
export const now: typeof Node.now = () => new Date();
export const existsSync: typeof Node.existsSync = absent;
export const fileURLToPath: typeof Node.fileURLToPath = absent;
export const hostname: typeof Node.hostname = absent;
export const mkdirSync: typeof Node.mkdirSync = absent;
export const pathToFileURL: typeof Node.pathToFileURL = absent;
export const register: typeof Node.register = absent;
export const memory: typeof Node.memory = () => Number.NaN;
export const terminal: typeof Node.terminal = () => undefined;
export const tmpdir: typeof Node.tmpdir = absent;
/** A page has no process to end. */
export const asyncContext: typeof Node.asyncContext = () => ({
  run: (call) => call(),
  isInside: () => false,
});
export const totalMemory: typeof Node.totalMemory = () => Number.NaN;
export const importChildProcess: typeof Node.importChildProcess = absentLater;
export const importPiscina: typeof Node.importPiscina = absentLater;
export const importTsx: typeof Node.importTsx = absentLater;

export async function importUrl(url: string): Promise<Readonly<Record<string, unknown>>> {
  const module: Readonly<Record<string, unknown>> = await import(
    /* webpackIgnore: true */ /* @vite-ignore */ url
  );
  return module;
}

export const runtimeOn: typeof Node.runtimeOn = absentLater;

export async function findRuntime(): Promise<Node.FoundRuntime> {
  const { wasmRuntime } = await import("@amortis/graph/wasm");
  return { runtime: wasmRuntime() };
}
