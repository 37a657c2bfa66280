/**
 * Archives that say two things at once, or more than they hold: made byte by byte.
 */
import { deflateSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { crc32, openArchive, type ArchiveOptions } from "../../src/files/archive.js";
import { parseNpz } from "../../src/files/npz.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A file of an archive, and how it differs from what it should be. */
interface Part {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
  /** What the local header or the directory say instead. */
  readonly local?: Partial<Fields>;
  readonly central?: Partial<Fields>;
  /** Bytes before its header. */
  readonly before?: Uint8Array;
  /** Bytes after it, such as a descriptor of its sizes. */
  readonly after?: Uint8Array;
}

interface Fields {
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
  readonly name: string;
  readonly extra: Uint8Array;
}

/** What the end record says instead. */
interface End {
  readonly here: number;
  readonly count: number;
  readonly disk: number;
  readonly start: number;
  readonly comment: Uint8Array;
  /** Bytes before it, and after it. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

function numbers(...values: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([value, bytes]) =>
      Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256),
    ),
  );
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Version, flags, method, time and date, checksum, sizes, length of the name and of extra fields: what both headers have. */
function shared({ flags, method, checksum, packed, size, name, extra }: Fields): Uint8Array {
  return numbers(
    [20, 2],
    [flags, 2],
    [method, 2],
    [0, 4],
    [checksum, 4],
    [packed, 4],
    [size, 4],
    [name.length, 2],
    [extra.length, 2],
  );
}

/** An archive of parts. */
function archiveOf(parts: readonly Part[], end: Partial<End> = {}): Uint8Array {
  let body = new Uint8Array();
  let directory = new Uint8Array();
  for (const { name, content, deflated = false, local, central, before, after } of parts) {
    body = joined(body, before ?? new Uint8Array());
    const packed = deflated ? deflateSync(content) : content;
    const fields: Fields = {
      flags: 0,
      method: deflated ? 8 : 0,
      checksum: crc32(content),
      packed: packed.length,
      size: content.length,
      offset: body.length,
      name,
      extra: new Uint8Array(),
    };
    const [inHeader, inDirectory] = [
      { ...fields, ...local },
      { ...fields, ...central },
    ];
    body = joined(
      body,
      numbers([0x04034b50, 4]),
      shared(inHeader),
      text(inHeader.name),
      inHeader.extra,
      packed,
      after ?? new Uint8Array(),
    );
    directory = joined(
      directory,
      numbers([0x02014b50, 4], [20, 2]),
      shared(inDirectory),
      numbers([0, 2], [0, 2], [0, 2], [0, 4], [inDirectory.offset, 4]),
      text(inDirectory.name),
      inDirectory.extra,
    );
  }
  const { count = parts.length, here = count, disk = 0, start = body.length } = end;
  const { comment = new Uint8Array() } = end;
  return joined(
    body,
    directory,
    end.before ?? new Uint8Array(),
    numbers([0x06054b50, 4], [disk, 2], [0, 2], [here, 2], [count, 2], [directory.length, 4]),
    numbers([start, 4], [comment.length, 2]),
    comment,
    end.after ?? new Uint8Array(),
  );
}

const one: Part = { name: "a.txt", content: text("first, first, first, first") };
const two: Part = { name: "b.txt", content: text("second"), deflated: true };

function contents(bytes: Uint8Array, options: ArchiveOptions = {}): Record<string, string> {
  const archive = openArchive(bytes, options);
  const decoder = new TextDecoder();
  return Object.fromEntries(
    [...archive.sizes.keys()].map((name) => [name, decoder.decode(archive.read(name))]),
  );
}

const expected = { "a.txt": "first, first, first, first", "b.txt": "second" };

/** A local header with its sizes in 64 bits, as NumPy writes it. */
function wide({ content }: Part): Partial<Fields> {
  const size = content.length;
  return {
    packed: 0xffffffff,
    size: 0xffffffff,
    extra: numbers([1, 2], [16, 2], [size, 8], [size, 8]),
  };
}

describe("archives", () => {
  it("hold their files, as this library and others write them", () => {
    expect(contents(archiveOf([one, two]), { plain: true })).toEqual(expected);
    for (const level of [0, 1, 9] as const) {
      const zipped = zipSync({ "a.txt": one.content, "b.txt": two.content }, { level });
      expect(contents(zipped, { plain: true })).toEqual(expected);
    }
    expect(contents(archiveOf([]))).toEqual({});
  });

  it("name files in UTF-8 where they say so, else in Latin-1", () => {
    const zipped = zipSync({ é: one.content });
    expect(Object.keys(contents(zipped))).toEqual(["é"]);
    // Neither header says so any more.
    const directory = zipped.length - 22 - 46 - 2;
    const silent = zipped.with(7, 0).with(directory + 9, 0);
    expect(Object.keys(contents(silent))).toEqual(["Ã©"]);
    expect(() => contents(zipped.with(7, 0))).toThrow(/is another in its own header/);
  });

  it("are read lazily: what is damaged is refused when it is asked for", () => {
    const bytes = archiveOf([one, { ...two, local: { checksum: 1 }, central: { checksum: 1 } }]);
    const archive = openArchive(bytes);
    expect(archive.read("a.txt")).toEqual(one.content);
    expect(() => archive.read("b.txt")).toThrow('its file "b.txt" is changed');
    expect(() => archive.read("c.txt")).toThrow('it has no file "c.txt"');
  });

  /** What data may have, but no estimator. */
  const loose: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      "sizes of 64 bits in a header",
      archiveOf([{ ...one, local: wide(one) }, two]),
      /fields beside/,
    ],
    [
      "sizes after a file",
      archiveOf([
        {
          ...one,
          local: { flags: 8, packed: 0, size: 0, checksum: 0 },
          central: { flags: 8 },
          after: numbers([0x08074b50, 4], [0, 12]),
        },
        two,
      ]),
      /bytes of no file/,
    ],
    ["bytes between files", archiveOf([one, { ...two, before: text("gap") }]), /bytes of no file/],
    ["bytes before them", archiveOf([{ ...one, before: text("#!/bin/sh") }, two]), /no file/],
    [
      "bytes after them",
      archiveOf([one, { ...two, after: text("more") }]),
      /no file before its dir/,
    ],
    ["a comment", archiveOf([one, two], { comment: text("made today") }), /it has a comment/],
    [
      "a field of its own",
      archiveOf([one, { ...two, central: { extra: text("abcd") } }]),
      /fields/,
    ],
  ];
  it.each(loose)("of data may have %s, those of estimators not", (_, bytes, message) => {
    expect(contents(bytes)).toEqual(expected);
    expect(() => openArchive(bytes, { plain: true })).toThrow(message);
  });

  const inner = archiveOf([two]).subarray(0, 30 + 5 + deflateSync(two.content).length);
  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["no archive", text("no archive at all, whatever it says"), /it is no archive/],
    [
      "a directory of 64 bits",
      archiveOf([one], { before: numbers([0x07064b50, 4], [0, 16]) }),
      /ZIP64/,
    ],
    ["fewer files than it says", archiveOf([one], { count: 2 }), /has 1 files, but says it has 2/],
    ["more files than it says", archiveOf([one, two], { count: 1 }), /has 2 files, but says/],
    ["two counts", archiveOf([one, two], { here: 1 }), /part of an archive of several/],
    ["another volume", archiveOf([one, two], { disk: 1 }), /part of an archive of several/],
    ["bytes after its end", archiveOf([one, two], { after: text("x") }), /its end is not where/],
    [
      "a directory elsewhere",
      archiveOf([one, two], { start: 0 }),
      /directory is not where it says/,
    ],
    ["bytes after its directory", archiveOf([one], { before: text("x") }), /not where it says/],
    ["a file twice", archiveOf([one, one]), /holds "a\.txt" twice/],
    [
      "a file within another",
      archiveOf([
        { name: "a.txt", content: joined(text("before"), inner) },
        { ...two, central: { offset: 30 + 5 + 6 } },
      ]),
      /"b\.txt" lies within another/,
    ],
    ["one file at two places", archiveOf([one, { ...two, central: { offset: 0 } }]), /is another/],
    ["another name in a header", archiveOf([{ ...one, local: { name: "c.txt" } }]), /is another/],
    ["another method in a header", archiveOf([{ ...one, local: { method: 8 } }]), /is another/],
    [
      "another size in a header",
      archiveOf([{ ...one, local: { size: 3 } }]),
      /another size or check/,
    ],
    ["another checksum in a header", archiveOf([{ ...one, local: { checksum: 3 } }]), /checksum/],
    [
      "sizes of 64 bits that differ",
      archiveOf([{ ...one, local: { ...wide(two) } }]),
      /another size/,
    ],
    [
      "sizes of 64 bits that are not there",
      archiveOf([{ ...one, local: { size: 2 ** 32 - 1, packed: 2 ** 32 - 1 } }]),
      /another size/,
    ],
    [
      "an encrypted file",
      archiveOf([{ ...one, local: { flags: 1 }, central: { flags: 1 } }]),
      /encrypt/,
    ],
    [
      "another packing",
      archiveOf([{ ...one, local: { method: 14 }, central: { method: 14 } }]),
      /by method 14/,
    ],
    [
      "a stored file of two sizes",
      archiveOf([{ ...one, local: { size: 9 }, central: { size: 9 } }]),
      /two sizes/,
    ],
    [
      "a file past the directory",
      archiveOf([{ ...one, central: { offset: 1e6 } }]),
      /is not where/,
    ],
    [
      "a file into the directory",
      archiveOf([{ ...one, local: { size: 50, packed: 50 }, central: { size: 50, packed: 50 } }]),
      /does not end before/,
    ],
    [
      "too much",
      archiveOf([{ ...two, local: { size: 2 ** 31 }, central: { size: 2 ** 31 } }]),
      /unpacks to 2 GiB, and 1 GiB are the most/,
    ],
  ];
  it.each(refused)("of %s are refused", (_, bytes, message) => {
    for (const plain of [true, false]) {
      expect(() => openArchive(bytes, { plain })).toThrow(message);
    }
    expect(() => parseNpz(bytes)).toThrow(/^the \.npz file /);
  });

  it.each([
    ["more", two.content.length - 1],
    ["less", two.content.length + 1],
  ])("that unpack to %s than they say are refused", (_, size) => {
    const bytes = archiveOf([{ ...two, local: { size }, central: { size } }]);
    expect(() => contents(bytes)).toThrow('"b.txt" is changed');
  });

  it("that unpack without end are left soon", () => {
    // Half a gibibyte of zeros, which say that they are ten: the first pieces tell.
    const bomb = deflateSync(new Uint8Array(2 ** 24));
    const content = joined(bomb);
    const lie = { method: 8, size: 10, checksum: 0 };
    const bytes = archiveOf([{ name: "bomb", content, local: lie, central: lie }]);
    expect(() => openArchive(bytes).read("bomb")).toThrow("is changed");
  });

  it("are bounded by what is asked", () => {
    const bytes = archiveOf([one, two]);
    expect(() => openArchive(bytes, { largest: 31 })).toThrow(/are the most/);
    expect(contents(bytes, { largest: 32 })).toEqual(expected);
  });

  it("that are cut or changed anywhere give a RangeError, or what they held", () => {
    const bytes = archiveOf([one, two]);
    for (let at = 0; at < bytes.length; at++) {
      expect(() => contents(bytes.subarray(0, at))).toThrow(RangeError);
      for (const plain of [true, false]) {
        let found: unknown;
        try {
          found = contents(bytes.with(at, (bytes[at] ?? 0) ^ 0x81), { plain });
        } catch (error) {
          found = error instanceof RangeError ? expected : error;
        }
        // Versions and times mean nothing here; names have no checksum.
        expect(Object.values(found ?? {})).toEqual(Object.values(expected));
      }
    }
  });
});
