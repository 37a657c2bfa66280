/**
 * Bytes from and to where they live: a path in Node, a URL in a browser.
 */
import type * as Fs from "node:fs/promises";
import type * as Path from "node:path";
import { importHost, inNode } from "../node.js";
import { FileError } from "./container.js";

/**
 * Reads all of a file, or of a URL.
 *
 * @throws FileError where there is none.
 */
export async function readBytes(source: string | URL): Promise<Uint8Array> {
  if (!inNode || /^https?:/.test(String(source))) return fetchBytes(source);
  const { readFile } = await importHost<typeof Fs>("node:fs/promises");
  try {
    return await readFile(source);
  } catch (cause) {
    throw new FileError(`cannot read ${String(source)}: ${reason(cause)}`, { cause });
  }
}

async function fetchBytes(source: string | URL): Promise<Uint8Array> {
  const response = await fetch(source).catch((cause: unknown) => {
    throw new FileError(`cannot fetch ${String(source)}`, { cause });
  });
  if (!response.ok) {
    throw new FileError(`cannot fetch ${String(source)}: status ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "permission is denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a folder in its path is a file",
    EEXIST: "a folder in its path is a file",
    ENOSPC: "the disk is full",
  };
  return known[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed into place.
 *
 * @throws FileError where it cannot be written.
 */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const { mkdir, rename, rm, writeFile } = await importHost<typeof Fs>("node:fs/promises");
  const hostPath = await importHost<typeof Path>("node:path");
  // A name of its own for each call: two that write the same file must not take each other's.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await mkdir(hostPath.dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    // What went wrong first is what counts.
    await rm(temporary, { force: true }).catch(() => {});
    throw new FileError(`cannot write ${path}: ${reason(cause)}`, { cause });
  }
}
