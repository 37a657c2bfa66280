/**
 * A sample of what `npm run fuzz:files` does.
 */
import { describe, expect, it } from "vitest";
import { fuzz, TARGETS } from "./mutants.js";

describe("files from strangers", () => {
  it.each(TARGETS)("are read, or refused in one line: %s", async (target) => {
    const { read, refused, faults } = await fuzz(target, 100, 1);
    expect(faults).toEqual([]);
    expect(read + refused).toBe(100);
    expect(refused).toBeGreaterThan(10);
  });
});
