import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nestedRHat } from "../../src/diagnostics/index.js";
import { stream } from "../../src/index.js";

const golden = JSON.parse(
  readFileSync(new URL("../fixtures/nested-r-hat-golden.json", import.meta.url), "utf8"),
) as readonly {
  readonly name: string;
  readonly superchains: readonly number[][][];
  readonly nestedRHat: number;
}[];

test.each(golden)(
  "nested R-hat of $name chains is what ArviZ says",
  ({ superchains, ...known }) => {
    expect(nestedRHat(superchains)).toBeCloseTo(known.nestedRHat, 9);
  },
);

test("of converged chains it tells of their number alone, however short they are", () => {
  const random = stream(3);
  // Four draws from each of 50 starts: B / W is an F ratio over 4, with 49 and 150 degrees of freedom.
  const superchains = Array.from({ length: 50 }, () =>
    Array.from({ length: 4 }, () => [random.normal()]),
  );
  const ratio = 4 * (nestedRHat(superchains) ** 2 - 1);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(1.7);
});

test("one start, or chains of different lengths, are refused", () => {
  expect(() => nestedRHat([[[1, 2]]])).toThrow(/needs two superchains or more/);
  expect(() => nestedRHat([[[1, 2]], [[1]]])).toThrow(/was given 2, 1/);
});
