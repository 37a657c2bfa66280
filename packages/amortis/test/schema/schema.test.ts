import { describe, expect, expectTypeOf, it } from "vitest";
import { object, optional, record, tagged, usually } from "../../src/schema/objects.js";
import { either, reads, such, type Schema, type ValueOf } from "../../src/schema/schema.js";
import {
  anything,
  flag,
  json,
  list,
  number,
  oneOf,
  orNull,
  pair,
  text,
  whole,
} from "../../src/schema/values.js";

/** What is wrong with a value, and where. */
function wrong(schema: Schema<unknown>, value: unknown): string {
  const reading = reads(schema, value);
  if (reading.fits) throw new Error(`${JSON.stringify(value)} fits`);
  return `${reading.mismatch.place}: ${reading.mismatch.message}`;
}

const layer = object({
  name: text({ least: 1 }),
  sizes: list(whole({ least: 1 }), { most: 2 }),
  bias: usually(flag, true),
  note: optional(text()),
});

describe("schemas read", () => {
  it("what fits, in the order of the fields, and nothing else of an object", () => {
    const read = layer.read({ sizes: [3], other: 1, name: "a" });
    expect(JSON.stringify(read)).toBe('{"name":"a","sizes":[3],"bias":true}');
    expectTypeOf<ValueOf<typeof layer>>().toEqualTypeOf<{
      readonly name: string;
      readonly sizes: readonly number[];
      readonly bias: boolean;
      readonly note?: string;
    }>();
  });

  it("other fields where they are kept, and refuse them where they must not be", () => {
    const fields = { kind: text() };
    expect(object(fields, { others: "kept" }).read({ kind: "a", b: 1 })).toEqual({
      kind: "a",
      b: 1,
    });
    expect(wrong(object(fields, { others: "refused" }), { kind: "a", b: 1 })).toBe(
      ': has no setting "b"; there are kind',
    );
  });

  it("null as what stands for it, and one of several", () => {
    expect(list(orNull(number(), Number.NaN)).read([1, null])).toEqual([1, Number.NaN]);
    expect(either(number(), list(number())).read([2])).toEqual([2]);
    expect(pair(number(), text()).read([1, "a"])).toEqual([1, "a"]);
    expect(oneOf("a", "b").read("b")).toBe("b");
  });

  it("objects by kind, each with fields of its own", () => {
    const shapes = tagged("kind", { dot: object({}), disc: object({ radius: number() }) });
    expect(shapes.read({ kind: "disc", radius: 2 })).toEqual({ kind: "disc", radius: 2 });
    expect(wrong(shapes, { kind: "disc" })).toBe("radius: must be a number, but is not given");
    expect(wrong(shapes, { kind: "toString" })).toBe(
      ': must be of one of the kinds dot, disc, but is "toString"',
    );
    expect(wrong(shapes, {})).toBe(": must be of one of the kinds dot, disc, but has no kind");
  });

  it("names of prototypes as names like any other", () => {
    const given: unknown = JSON.parse('{"__proto__": 1, "constructor": 2}');
    const read = record(number()).read(given);
    expect(Object.entries(read)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(wrong(object({ toString: text() }), {})).toBe(
      "toString: must be text, but is not given",
    );
  });

  it("plain data however deep they nest", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    expect(json.read(deep)).toBe(deep);
    expect(wrong(json, { a: [() => 0] })).toMatch(/must be plain data/);
    expect(anything.read(undefined)).toBeUndefined();
  });
});

describe("schemas say where what is wrong", () => {
  it.each([
    [layer, [], ": must be an object, but is []"],
    [layer, { name: "", sizes: [] }, 'name: must be text of at least 1, but is ""'],
    [layer, { name: "a", sizes: [1, 0.5] }, "sizes[1]: must be a whole number, but is 0.5"],
    [layer, { name: "a", sizes: [1, 0] }, "sizes[1]: must be at least 1, but is 0"],
    [layer, { name: "a", sizes: [1, 1, 1] }, "sizes: must be a list of at most 2, but is [1,1,1]"],
    [layer, { name: "a", sizes: [], note: null }, "note: must be text, but is null"],
    [number({ above: 0, below: 1 }), 1, ": must be below 1, but is 1"],
    [number({ above: 0, below: 1 }), 0, ": must be above 0, but is 0"],
    [number({ most: 1 }), 2, ": must be at most 1, but is 2"],
    [number(), Infinity, ": must be a number, but is null"],
    [whole(), 2 ** 53, ": must be a whole number, but is 9007199254740992"],
    [flag, 1, ": must be true or false, but is 1"],
    [pair(text(), text()), ["a"], ': must be a list of 2, but is ["a"]'],
    [oneOf("a", "b"), "c", ': must be "a", "b", but is "c"'],
    [list(text(), { least: 1 }), [], ": must be a list of at least 1, but is []"],
    [record(flag), { a: true, b: "x" }, 'b: must be true or false, but is "x"'],
  ])("%#", (schema: Schema<unknown>, value, said) => {
    expect(wrong(schema, value)).toBe(said);
  });

  it("of several, of the one that was meant", () => {
    const one = either(number(), list(number()), object({ a: number() }));
    expect(wrong(one, "x")).toBe(': must be a number or a list or an object, but is "x"');
    expect(wrong(one, [1, "x"])).toBe('[1]: must be a number, but is "x"');
  });

  it("of what must be something more besides", () => {
    const different = such(
      list(number()),
      (all) => new Set(all).size === all.length,
      "must differ",
    );
    expect(different.read([1, 2])).toEqual([1, 2]);
    expect(wrong(object({ of: different }), { of: [1, 1] })).toBe("of: must differ");
  });

  it("and let errors of others pass", () => {
    const broken: Schema<never> = {
      read: () => {
        throw new TypeError("broken");
      },
      jsonSchema: () => ({}),
    };
    expect(() => reads(list(broken), [1])).toThrow(TypeError);
  });
});
