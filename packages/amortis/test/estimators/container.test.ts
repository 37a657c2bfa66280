import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { strFromU8, unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBytes, writeBytes } from "../../src/files/bytes.js";
import { FileError, readContainer, writeContainer } from "../../src/files/container.js";

const container = {
  content: { name: "a", numbers: [1, 0.1, -1e-300], nested: { text: 'quote " and ü' } },
  parts: {
    "weights.bin": Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
    "programs/empty.onnx": new Uint8Array(),
  },
};

const written = await writeContainer("test", 3, container);

/** What a container holds, without the version that its manifest says. */
async function read(bytes: Uint8Array) {
  const { content, parts } = await readContainer(bytes, "test", 3, "the file");
  return { content, parts };
}

/** The one line that reading says. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const error: unknown = await read(bytes).catch((caught: unknown) => caught);
  if (!(error instanceof FileError)) throw new TypeError(`not refused: ${String(error)}`);
  expect(error.code).toBe("file");
  expect(error.message).not.toContain("\n");
  return error.message;
}

/** The archive with other files in it. */
function rezipped(change: (files: Record<string, Uint8Array>) => void): Uint8Array {
  const files = unzipSync(written);
  change(files);
  return zipSync(files);
}

const withManifest = (change: (text: string) => string): Uint8Array =>
  rezipped((files) => {
    const text = strFromU8(files["manifest.json"] ?? new Uint8Array());
    files["manifest.json"] = new TextEncoder().encode(change(text));
  });

describe("containers", () => {
  it("come back as they were", async () => {
    expect(await read(written)).toEqual(container);
    // Wherever they lie in memory.
    const moved = new Uint8Array(written.length + 3);
    moved.set(written, 3);
    expect(await read(moved.subarray(3))).toEqual(container);
  });

  it("are equal bytes where their contents are", async () => {
    const again = await writeContainer("test", 3, structuredClone(container));
    expect(again).toEqual(written);
  });

  it("are read where an older version wrote them", async () => {
    const older = await writeContainer("test", 2, container);
    expect(await readContainer(older, "test", 3, "the file")).toEqual({ version: 2, ...container });
  });

  it("notice any damaged byte that matters", async () => {
    const outcomes = { refused: 0, unchanged: 0, wrong: 0 };
    for (let at = 0; at < written.length; at += 3) {
      const damaged = written.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      // Unchanged: a date, or a permission, in the archive's directory.
      const outcome = await read(damaged).then(
        (found) => (isDeepStrictEqual(found, container) ? "unchanged" : "wrong"),
        (error: unknown) => (error instanceof FileError ? "refused" : "wrong"),
      );
      outcomes[outcome]++;
    }
    expect(outcomes.wrong).toBe(0);
    expect(outcomes.refused).toBeGreaterThan(outcomes.unchanged);
  });

  it("notice where they end too early", async () => {
    for (const length of [0, 1, 21, 22, 100, written.length - 22, written.length - 1]) {
      expect(await refusal(written.subarray(0, length))).toMatch(/^the file is damaged/);
    }
  });

  it("notice a missing or changed part", async () => {
    const missing = rezipped((files) => delete files["weights.bin"]);
    expect(await refusal(missing)).toBe(
      'the file is damaged: its part "weights.bin" is missing or changed',
    );
    const changed = rezipped((files) => (files["weights.bin"] = new Uint8Array(64)));
    expect(await refusal(changed)).toContain('"weights.bin" is missing or changed');
  });

  it("refuse what is no container", async () => {
    expect(await refusal(new TextEncoder().encode("hello"))).toContain("no Amortis file");
    const foreign = zipSync({ "word/document.xml": new Uint8Array(10) });
    expect(await refusal(foreign)).toBe("the file is no Amortis file: it has no manifest.json");
    for (const manifest of ["{", "[]", "{}", '{"format": "test", "version": "3"}']) {
      expect(await refusal(withManifest(() => manifest))).toContain("manifest.json cannot be read");
    }
  });

  it("refuse another format, and a later version", async () => {
    expect(await refusal(await writeContainer("other", 1, container))).toBe(
      'the file is a file of format "other", not "test"',
    );
    expect(await refusal(await writeContainer("test", 4, container))).toMatch(
      /written by a later Amortis \(file version 4; this one reads up to 3\).*update/,
    );
  });

  it("are not unpacked where they would fill the memory", async () => {
    // 2 GiB of zeros, by the archive's own account.
    const bomb = zipSync({ "manifest.json": new Uint8Array(1000) });
    const view = new DataView(bomb.buffer, bomb.byteOffset);
    const directory = view.getUint32(bomb.length - 6, true);
    view.setUint32(directory + 24, 2 ** 31, true);
    view.setUint32(22, 2 ** 31, true);
    expect(await refusal(bomb)).toMatch(/unpacks to 2 GiB/);
  });
});

describe("files", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "amortis-bytes-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are written whole, in folders made for them, and leave nothing else behind", async () => {
    const path = join(folder, "new", "folder", "file.bin");
    const copies = Array.from({ length: 8 }, (_, i) => new Uint8Array(1000).fill(i));
    await Promise.all(copies.map((bytes) => writeBytes(path, bytes)));
    const bytes = await readBytes(path);
    expect(copies).toContainEqual(Uint8Array.from(bytes));
    expect(await readdir(join(folder, "new", "folder"))).toEqual(["file.bin"]);
  });

  it("say what is wrong in one line", async () => {
    await expect(readBytes(join(folder, "nothing"))).rejects.toThrow(
      /^cannot read .*nothing: there is no such file$/,
    );
    await expect(readBytes(folder)).rejects.toThrow(/it is a directory$/);
    await writeBytes(join(folder, "file"), new Uint8Array(1));
    const inside = join(folder, "file", "inside");
    await expect(writeBytes(inside, new Uint8Array(1))).rejects.toBeInstanceOf(FileError);
    await expect(writeBytes(inside, new Uint8Array(1))).rejects.toThrow(/^cannot write .*inside: /);
  });
});
