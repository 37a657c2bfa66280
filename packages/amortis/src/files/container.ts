/**
 * Containers: named parts in one file, checked part by part.
 *
 * A container is a ZIP archive (any tool opens it) with a `manifest.json` that lists each part with its length and SHA-256.
 * Reading one runs nothing: parts are bytes until somebody who knows their meaning checks them.
 */
import { AmortisError } from "@amortis/graph";
import { parseJsonText } from "../json.js";
import { object, record } from "../schema/objects.js";
import { anything, text, whole } from "../schema/values.js";
import { openArchive, type Archive } from "./archive.js";

/** A file that is not what it should be: the message says which, and why. */
export class FileError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("file", message, options);
  }
}

const MANIFEST = "manifest.json";

/** What a manifest is, whatever its content. */
export const manifestSchema = object({
  format: text(),
  version: whole({ least: 1 }),
  parts: record(object({ bytes: whole({ least: 0 }), sha256: text() })),
  content: anything,
});

/** What a container holds: plain data, and parts as bytes. */
export interface Container {
  readonly content: unknown;
  readonly parts: Readonly<Record<string, Uint8Array>>;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  // A view of shared memory is refused by the digest, so the type asks for a copy in memory of our own.
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a container of a format and version. */
export async function writeContainer(
  format: string,
  version: number,
  { content, parts }: Container,
): Promise<Uint8Array> {
  const listed: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, bytes] of Object.entries(parts)) {
    listed[name] = { bytes: bytes.length, sha256: await sha256(bytes) };
  }
  const manifest = JSON.stringify({ format, version, parts: listed, content }, undefined, 1);
  // A fixed date: equal estimators are equal files.
  const { zipSync } = await import("fflate");
  return zipSync(
    { [MANIFEST]: new TextEncoder().encode(manifest), ...parts },
    { level: 1, mtime: new Date("2000-01-01T00:00:00Z") },
  );
}

/** Unpacks, and says of which file it was if that goes wrong. */
function unpacking<T>(what: string, unpack: () => T): T {
  try {
    return unpack();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(`${what} is damaged or no Amortis file: ${detail}`, { cause });
  }
}

/** Bytes that a manifest may have: everything large is a part. */
const LARGEST_MANIFEST = 2 ** 26;

function readManifest(archive: Archive): Uint8Array | undefined {
  const size = archive.sizes.get(MANIFEST);
  if (size === undefined) return undefined;
  if (size > LARGEST_MANIFEST) throw new RangeError(`its ${MANIFEST} has ${size} bytes`);
  return archive.read(MANIFEST);
}

function parseManifest(bytes: Uint8Array | undefined, what: string) {
  if (bytes === undefined) {
    throw new FileError(`${what} is no Amortis file: it has no ${MANIFEST}`);
  }
  try {
    return manifestSchema.read(parseJsonText(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new FileError(`${what} is damaged: its ${MANIFEST} cannot be read`, { cause });
  }
}

/**
 * Reads a container, and checks every part against the manifest.
 *
 * @param what how to call the file in messages.
 * @throws FileError where the bytes are no container, of another format or a later version, or damaged.
 */
export async function readContainer(
  bytes: Uint8Array,
  format: string,
  version: number,
  what: string,
): Promise<Container & { readonly version: number }> {
  const archive = unpacking(what, () => openArchive(bytes, { plain: true }));
  const manifest = parseManifest(
    unpacking(what, () => readManifest(archive)),
    what,
  );
  if (manifest.format !== format) {
    throw new FileError(`${what} is a file of format "${manifest.format}", not "${format}"`);
  }
  if (manifest.version > version) {
    throw new FileError(
      `${what} was written by a later Amortis (file version ${manifest.version}; this one reads up to ${version}): update to read it`,
    );
  }
  const listed = Object.entries(manifest.parts);
  const foreign = [...archive.sizes.keys()].find(
    (name) => name !== MANIFEST && !Object.hasOwn(manifest.parts, name),
  );
  if (foreign !== undefined) {
    throw new FileError(`${what} is damaged: its manifest does not list its part "${foreign}"`);
  }
  const parts: [string, Uint8Array][] = [];
  for (const [name, { bytes: length, sha256: expected }] of listed) {
    const part =
      archive.sizes.get(name) === length ? unpacking(what, () => archive.read(name)) : undefined;
    if (part === undefined || (await sha256(part)) !== expected) {
      throw new FileError(`${what} is damaged: its part "${name}" is missing or changed`);
    }
    parts.push([name, part]);
  }
  const { version: written, content } = manifest;
  return { version: written, content, parts: Object.fromEntries(parts) };
}
