/**
 * Unpacking beside another library's packing, and of bytes that are damaged.
 */
import { deflateSync } from "fflate";
import { assert, constantFrom, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { inflate } from "../../src/files/inflate.js";
import { stream } from "../../src/random/index.js";

/** Bytes of few values in runs, as programs and weights have them: so many of `kinds` values. */
function runs(length: number, kinds: number): Uint8Array {
  const random = stream("runs").split(kinds);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const value = random.integer(kinds);
    const end = Math.min(length, at + 1 + random.integer(400));
    bytes.fill(value, at, end);
    at = end;
  }
  return bytes;
}

/** Whether bytes are the same, told soon of many. */
const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const LEVELS = [0, 1, 3, 6, 9] as const;

describe("what was deflated", () => {
  it("is unpacked as it was, whatever it is", () => {
    assert(
      property(uint8Array({ maxLength: 2_000 }), constantFrom(...LEVELS), (bytes, level) => {
        expect(inflate(deflateSync(bytes, { level }), bytes.length)).toEqual(bytes);
      }),
    );
  });

  it.each(LEVELS)("at level %i, in blocks of all kinds", (level) => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i * 2654435761) >>> 13);
    for (const bytes of [runs(200_000, 2), runs(200_000, 256), noise, new Uint8Array(300_000)]) {
      expect(same(inflate(deflateSync(bytes, { level }), bytes.length), bytes)).toBe(true);
    }
  });

  it("is refused where it is more or less than it should be", () => {
    const packed = deflateSync(runs(5_000, 9));
    for (const size of [0, 4_999, 5_001]) expect(() => inflate(packed, size)).toThrow(RangeError);
  });

  it("is refused, or is of its size, where it is cut or changed anywhere", () => {
    const bytes = runs(600, 40);
    const packed = deflateSync(bytes, { level: 9 });
    for (let at = 0; at < packed.length; at++) {
      expect(() => inflate(packed.subarray(0, at), bytes.length)).toThrow(RangeError);
      for (const bit of [1, 8, 128]) {
        const changed = packed.with(at, (packed[at] ?? 0) ^ bit);
        let found: unknown;
        try {
          found = inflate(changed, bytes.length).length;
        } catch (error) {
          found = error instanceof RangeError ? bytes.length : error;
        }
        expect(found).toBe(bytes.length);
      }
    }
  });

  it("is refused of blocks that RFC 1951 does not have", () => {
    // The last block, of kind 3; a stored one whose length is no complement; a copy from before the beginning.
    for (const bytes of [[7], [1, 5, 0, 5, 0, 1, 2, 3, 4, 5], [0x03, 0x02, 0, 0]]) {
      expect(() => inflate(Uint8Array.from(bytes), 5)).toThrow(RangeError);
    }
  });
});
