import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nestedJson, readNested, toJson } from "../src/numbers.js";
import { Problem } from "../src/problems.js";

const spec = { kind: "array", shape: [3], channels: false, varies: false, missing: false } as const;

test("numbers that are not finite go out by one rule, wherever they are", () => {
  expect(toJson({ a: [Number.NaN, { b: -Infinity }], c: Infinity, d: 0.5 })).toBe(
    '{"a":[null,{"b":"-Infinity"}],"c":"Infinity","d":0.5}',
  );
  expect(nestedJson(Float32Array.of(1, Number.NaN, -Infinity, 4), [2, 2])).toBe(
    '[[1,null],["-Infinity",4]]',
  );
});

test("numbers come back as they went out", () => {
  const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, (values) => {
      const text = nestedJson(Float32Array.from(values), [1, values.length]);
      const { shape, data } = readNested("y", spec, JSON.parse(text));
      expect(shape).toEqual([1, values.length]);
      expect([...data]).toEqual(values.map((value) => value + 0));
    }),
  );
});

/** "read", or why not; what is read fills its shape. */
function outcomeOf(value: unknown): string {
  try {
    const { shape, data } = readNested("y", spec, value);
    return data.length === shape.reduce((a, b) => a * b, 1) ? "read" : "torn";
  } catch (error) {
    return error instanceof Problem ? error.kind : "thrown";
  }
}

test("whatever JSON comes, it is read as numbers or refused", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const found = outcomeOf(value);
      const isNumbers = /^[[\]0-9.,eE+-]*$/.test(JSON.stringify(value));
      expect(isNumbers ? ["read", "bad-data"] : ["bad-data"]).toContain(found);
    }),
  );
});
