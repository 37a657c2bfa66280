/**
 * The published JSON Schema of manifests says what the library's own reader says.
 */
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { estimatorSchema, PUBLISHED } from "../../scripts/estimator-schema.js";
import { detailsSchema } from "../../src/estimators/details.js";
import { readContainer } from "../../src/files/container.js";
import { object, optional, record, tagged, usually } from "../../src/schema/objects.js";
import { either, reads, type JsonSchema, type Schema } from "../../src/schema/schema.js";
import { flag, list, number, oneOf, orNull, pair, text, whole } from "../../src/schema/values.js";

const folder = new URL("../golden-files/files-2/", import.meta.url);

/** Whether a value fits a JSON Schema, as somebody else reads it. */
function fits(schema: JsonSchema, value: unknown): boolean {
  return z.fromJSONSchema(schema).safeParse(value).success;
}

describe("the published schema", () => {
  it("is that of the code", async () => {
    // Where it is not: npx tsx packages/amortis/scripts/estimator-schema.ts
    expect(JSON.parse(await readFile(PUBLISHED, "utf8"))).toEqual(await estimatorSchema());
  });

  it("takes the manifests of all kinds of estimators, and none that lacks what it must have", async () => {
    const schema = z.fromJSONSchema(await estimatorSchema());
    const names = (await readdir(folder)).filter((name) => name.endsWith(".amortis"));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const bytes = new Uint8Array(await readFile(new URL(name, folder)));
      const { version, content } = await readContainer(bytes, "amortis-estimator", 2, name);
      const manifest = { format: "amortis-estimator", version, parts: {}, content };
      expect({ name, error: schema.safeParse(manifest).error }).toEqual({ name });
      const fields = Object.keys(content as object);
      const without = fields.map((field) =>
        Object.fromEntries(Object.entries(content as object).filter(([name]) => name !== field)),
      );
      expect(without.map((one) => schema.safeParse({ ...manifest, content: one }).success)).toEqual(
        without.map((one) => reads(detailsSchema, one).fits),
      );
    }
  });
});

describe("schemas in JSON", () => {
  const cases: readonly (readonly [string, Schema<unknown>, readonly unknown[]])[] = [
    ["numbers", number({ least: 0, below: 1 }), [0, 0.5, 1, -1, "0", null]],
    ["whole numbers", whole({ above: 0, most: 3 }), [0, 1, 3, 4, 1.5]],
    ["texts", text({ least: 2 }), ["ab", "a", 1]],
    ["choices", oneOf("a", "b"), ["a", "b", "c", 1]],
    ["flags", flag, [true, 1, null]],
    ["null", orNull(number(), NaN), [null, 1, "x"]],
    ["lists", list(number(), { least: 1, most: 2 }), [[], [1], [1, 2], [1, 2, 3], ["x"], 1]],
    ["pairs", pair(number(), text()), [[1, "a"], [1], [1, 2]]],
    ["records", record(number()), [{}, { a: 1 }, { a: "x" }, []]],
    ["either", either(number(), list(number())), [1, [1], "x", ["x"]]],
    [
      "objects",
      object({ a: number(), b: optional(text()), c: usually(flag, true) }, { others: "refused" }),
      [{ a: 1 }, { a: 1, b: "x", c: false }, { b: "x" }, { a: 1, d: 1 }, { a: 1, c: 3 }],
    ],
    [
      "objects of several kinds",
      tagged("kind", {
        log: object({ shift: number() }, { others: "refused" }),
        drop: object({}, { others: "refused" }),
      }),
      [
        { kind: "log", shift: 1 },
        { kind: "drop" },
        { kind: "log" },
        { kind: "drop", shift: 1 },
        { kind: "x" },
        {},
      ],
    ],
  ];
  it.each(cases)("say the same as they read: %s", (_, schema, values) => {
    expect(values.map((value) => fits(schema.jsonSchema(), value))).toEqual(
      values.map((value) => reads(schema, value).fits),
    );
  });
});
