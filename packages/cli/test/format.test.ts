import { expect, it } from "vitest";
import { short, table } from "../src/format.js";

it("numbers are written as people read them", () => {
  expect([0.123456, 123.456, 1e-7, 2.5e7, 0].map(short)).toEqual([
    "0.1235",
    "123.5",
    "1.000e-7",
    "2.500e+7",
    "0.000",
  ]);
  expect(
    table([
      ["a", "b"],
      ["long", "1"],
    ]),
  ).toBe("a     b\nlong  1");
});
