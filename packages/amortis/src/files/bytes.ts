/**
 * Bytes from and to where they live: a path in Node, a URL in a browser.
 */
import { fs, inNode, path as paths } from "#platform";
import { addressText, fileOf, type Address } from "../address.js";
import { FileError } from "./container.js";

/**
 * Reads all of a file, or of a URL.
 *
 * @throws FileError where there is none.
 */
export async function readBytes(source: Address): Promise<Uint8Array> {
  if (!inNode || /^https?:/.test(addressText(source))) return fetchBytes(source);
  try {
    return await fs.readFile(fileOf(source));
  } catch (cause) {
    throw new FileError(`cannot read ${addressText(source)}: ${reason(cause)}`, { cause });
  }
}

async function fetchBytes(source: Address): Promise<Uint8Array> {
  const response = await fetch(addressText(source)).catch((cause: unknown) => {
    throw new FileError(`cannot fetch ${addressText(source)}`, { cause });
  });
  if (!response.ok) {
    throw new FileError(`cannot fetch ${addressText(source)}: status ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Why a file could not be read or written, in words. */
export function reason(cause: unknown): string {
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
  // A name of its own for each call: two that write the same file must not take each other's.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await fs.mkdir(paths.dirname(path), { recursive: true });
    await fs.writeFile(temporary, bytes);
    await fs.rename(temporary, path);
  } catch (cause) {
    // What went wrong first is what counts.
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw new FileError(`cannot write ${path}: ${reason(cause)}`, { cause });
  }
}
