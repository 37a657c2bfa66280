import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataSets } from "../src/data/index.js";
import { DataError, findNonFinite } from "../src/data/simulator-output.js";
import { beta, dirichlet, normal, uniform } from "../src/distributions/index.js";
import { ModelError, defineModel, isModel, loadModel } from "../src/model/index.js";
import { stream } from "../src/random/index.js";

const run = promisify(execFile);

const mixed = defineModel({
  name: "mixed",
  parameters: { range: uniform(0, 0.6), weights: dirichlet([1, 2, 3]), shift: normal(0, 1) },
  data: { z: [2, 3], count: [] },
  simulate: ({ range, weights, shift }, random) => ({
    z: [
      [range, weights[0] ?? 0, shift],
      [0, 1, random.uniform()],
    ],
    count: 3,
  }),
});

describe("a model", () => {
  it("names the flat parameters in their order", () => {
    expect(mixed.parameterSize).toBe(5);
    expect(mixed.parameterNames).toEqual([
      "range",
      "weights[0]",
      "weights[1]",
      "weights[2]",
      "shift",
    ]);
    expect(mixed.dataShapes).toEqual({ z: [2, 3], count: [] });
  });

  it("packs what it unpacks", () => {
    const theta = mixed.samplePrior(stream(3));
    const values = mixed.unpack(theta);
    expect(typeof values.range).toBe("number");
    expect(values.weights).toBeInstanceOf(Float64Array);
    expect(mixed.pack(values)).toEqual(theta);
    expect(mixed.pack({ shift: 1, range: 0.5, weights: [0.2, 0.3, 0.5] })).toEqual(
      Float64Array.of(0.5, 0.2, 0.3, 0.5, 1),
    );
  });

  it("draws each prior in turn from one stream", () => {
    const random = stream(3);
    const expected = [
      ...mixed.parameters.range.sample(random),
      ...mixed.parameters.weights.sample(random),
      ...mixed.parameters.shift.sample(random),
    ];
    expect([...mixed.samplePrior(stream(3))]).toEqual(expected);
  });

  it("adds up the priors' log-densities, and is -Infinity outside the support", () => {
    const theta = mixed.pack({ range: 0.2, weights: [0.2, 0.3, 0.5], shift: 0.7 });
    // U(0, 0.6); Dirichlet(1, 2, 3): Γ(6)/(Γ(1)Γ(2)Γ(3)) w₂ w₃² = 60 w₂ w₃²; N(0, 1).
    const expected =
      -Math.log(0.6) + Math.log(60 * 0.3 * 0.25) - 0.5 * 0.49 - 0.5 * Math.log(2 * Math.PI);
    expect(mixed.logPrior(theta)).toBeCloseTo(expected, 12);
    expect(mixed.logPrior([0.7, 0.2, 0.3, 0.5, 0])).toBe(-Infinity);
    expect(() => mixed.logPrior([0.1])).toThrow(/5 flat parameter/);
  });

  it("says what is wrong with parameters by name", () => {
    // @ts-expect-error a misspelt name
    expect(() => mixed.pack({ rnage: 0.1, weights: [0, 0, 1], shift: 0 })).toThrow(
      'no parameter "rnage"; it has range, weights, shift',
    );
    expect(() => mixed.pack({ range: 0.1, weights: [0, 1], shift: 0 })).toThrow(
      /"weights".* an array of 3 numbers, but 2 numbers/,
    );
    // @ts-expect-error a name left out
    expect(() => mixed.pack({ range: 0.1, shift: 0 })).toThrow(/"weights"/);
  });
});

describe("types", () => {
  it("carry names and shapes", () => {
    const values = mixed.unpack(mixed.samplePrior(stream(1)));
    const range: number = values.range;
    const weights: Float64Array = values.weights;
    expect(range + weights.length).toBeGreaterThan(3);
    // @ts-expect-error no such parameter
    expect(values.rnage).toBeUndefined();
    // @ts-expect-error a vector is no number
    const wrong: number = values.weights;
    expect(wrong).toBeDefined();
    // @ts-expect-error no such data
    expect(mixed.dataShapes.x).toBeUndefined();
  });

  it("hold a simulator to its model", () => {
    const definitions = [
      () =>
        defineModel({
          name: "a",
          parameters: { bias: beta(1, 1) },
          data: { heads: [] },
          // @ts-expect-error a misspelt parameter
          simulate: ({ baise }, random) => ({ heads: random.binomial(10, baise) }),
        }),
      () =>
        defineModel({
          name: "b",
          parameters: { bias: beta(1, 1) },
          data: { heads: [] },
          // @ts-expect-error a misspelt data array
          simulate: ({ bias }, random) => ({ haeds: random.binomial(10, bias) }),
        }),
    ];
    for (const define of definitions) expect(define).not.toThrow();
  });
});

describe("definitions that cannot be", () => {
  const good = {
    name: "m",
    parameters: { a: uniform(0, 1) },
    data: { x: [2] },
    simulate: () => ({ x: [1, 2] }),
  };
  const cases: readonly [string, object, RegExp][] = [
    ["no name", { name: " " }, /needs a name/],
    ["no parameters", { parameters: {} }, /must name one or more/],
    ["a number as prior", { parameters: { a: 1 } }, /"a" needs a prior.*given 1/],
    ["a name with a space", { parameters: { "a b": uniform(0, 1) } }, /"a b" is no name/],
    ["a shape with a zero", { data: { x: [0] } }, /shape of "x".*\[0\]/],
    ["a shape that is a number", { data: { x: 3 } }, /shape of "x"/],
    ["data as a list", { data: [3] }, /data must be an object/],
    ["one name twice", { data: { a: [1] } }, /one name, "a"/],
    ["no simulator", { simulate: 1 }, /needs a function simulate/],
  ];
  it.each(cases)("%s", (_, change, message) => {
    expect(() => defineModel({ ...good, ...change })).toThrow(message);
    expect(() => defineModel({ ...good, ...change })).toThrow(ModelError);
  });
});

function findIn(z: readonly number[]): string | undefined {
  return findNonFinite(new DataSets(mixed.dataSpecs, 1, mixed.packData({ z, count: 1 })), 0);
}

describe("simulated data", () => {
  it("may be nested or flat", () => {
    const flat = mixed.packData({ z: Float64Array.of(1, 2, 3, 4, 5, 6), count: [7] });
    const rows = [Float32Array.of(1, 2, 3), [4, 5, 6]];
    expect(mixed.packData({ z: rows, count: 7 })).toEqual(flat);
    expect(mixed.packData({ z: [1, 2, 3, 4, 5, 6], count: Float32Array.of(7) })).toEqual(flat);
    expect(flat.z).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
  });

  const wrong: readonly [string, unknown, RegExp][] = [
    ["nothing", undefined, /by name, as \{ z, count \}/],
    ["a missing array", { z: [1, 2, 3, 4, 5, 6] }, /"count" has one number.*undefined/],
    ["an unknown array", { z: [], count: 1, y: 2 }, /"y", which is no data/],
    ["too few values", { z: [1, 2], count: 1 }, /shape \[2, 3\].*6 values.*returned 2 values/],
    ["a short row", { z: [[1, 2, 3], [4]], count: 1 }, /1 elements for "z" at \[1\], where 3/],
    [
      "text",
      {
        z: [
          ["a", 2, 3],
          [4, 5, 6],
        ],
        count: 1,
      },
      /"a".* at \[0, 0\]/,
    ],
    ["big integers", { z: new BigInt64Array(6), count: 1 }, /"z"/],
  ];
  it.each(wrong)("is refused: %s", (_, output, message) => {
    const untyped: { packData(output: unknown): unknown } = mixed;
    const pack = (): unknown => untyped.packData(output);
    expect(pack).toThrow(message);
    expect(pack).toThrow(DataError);
  });

  it("that is not finite is found, with its place", () => {
    expect(findIn([1, 2, 3, 4, 5, 6])).toBeUndefined();
    expect(findIn([1, 2, 3, 4, NaN, 6])).toBe("z[1, 1] is NaN");
    expect(findIn([1, 2, 3e39, 4, 5, 6])).toBe("z[0, 2] is 3e+39, beyond the range of float32");
  });
});

describe("a model from a module", () => {
  let directory = "";
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amortis-model-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const library = new URL("../src/model/index.ts", import.meta.url).href;
  const priors = new URL("../src/distributions/index.ts", import.meta.url).href;
  const source = (...names: string[]): string =>
    `import { defineModel } from "${library}";\nimport { uniform } from "${priors}";\n` +
    names
      .map(
        (name) =>
          `export const ${name} = defineModel({ name: "${name}", parameters: { a: uniform(0, 1) },` +
          ` data: { x: [] }, simulate: ({ a }: { a: number }) => ({ x: a }) });\n`,
      )
      .join("");

  it("loads TypeScript", async () => {
    const model = await loadModel(await write("one.ts", source("one")));
    expect(model.name).toBe("one");
    expect(model.simulate({ a: 2 }, stream(1))).toEqual({ x: 2 });
  });

  it("says where it came from, so that workers can load it", async () => {
    const path = await write("from.ts", source("from"));
    const model = await loadModel(path);
    expect(model.module).toBe(pathToFileURL(path).href);
    expect(isModel(model)).toBe(true);
    // Not where a worker, which knows its name only, could take another for it.
    const text = source("first", "second").replaceAll(/name: "\w+"/g, 'name: "same"');
    expect((await loadModel(await write("same.ts", text), "first")).module).toBeUndefined();
  });

  it("chooses by name", async () => {
    const path = await write("two.ts", source("first", "second"));
    expect((await loadModel(path, "second")).name).toBe("second");
    await expect(loadModel(path)).rejects.toThrow(/several models.*first.*second/);
    await expect(loadModel(path, "third")).rejects.toThrow(/no model named "third"/);
  });

  it("says in one error what is wrong with the module", async () => {
    await expect(loadModel(join(directory, "none.ts"))).rejects.toThrow(/no such file/);
    await expect(loadModel(await write("no.ts", "export const a = 1;"))).rejects.toThrow(
      /exports no model; it exports a\./,
    );
    await expect(loadModel(await write("throws.mjs", 'throw new Error("boom");'))).rejects.toThrow(
      /cannot load the model from .*throws\.mjs: boom/,
    );
    await expect(loadModel(await write("bad.mjs", "export const = 1;"))).rejects.toThrow(
      ModelError,
    );
  });

  // In a process of its own: Vitest has its own way of importing.
  it.each(["lone.ts", "lone.js", "lone.mjs"])(
    "finds the one library from anywhere: %s",
    async (file) => {
      const path = await write(
        file,
        'import * as amortis from "amortis";\nglobalThis.seen = amortis;\n' +
          'export const lone = amortis.defineModel({ name: "lone", parameters: { a: amortis.uniform(0, 1) }, data: { x: [] },' +
          " simulate: ({ a }) => ({ x: a }), module: import.meta.url });\n",
      );
      const index = new URL("../dist/index.js", import.meta.url).href;
      const script =
        `import * as amortis from ${JSON.stringify(index)};` +
        `const model = await amortis.loadModel(${JSON.stringify(path)});` +
        "const { size } = await amortis.simulate(model, { simulations: 3, seed: 1, workers: 1 });" +
        "console.log(size, globalThis.seen === amortis);";
      const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", script]);
      expect(stderr).toBe("");
      expect(stdout).toBe("3 true\n");
    },
  );
});

describe("units and descriptions", () => {
  const definition = {
    name: "worded",
    parameters: { range: uniform(0, 0.6), weights: dirichlet([1, 2, 3]) },
    data: { z: [2, 3], count: [] },
    simulate: () => ({ z: [0, 0, 0, 0, 0, 0], count: 3 }),
  } as const;

  it("are a model's, and of what is made of it", () => {
    const model = defineModel({
      ...definition,
      units: { range: "km", z: ["mV", "mV", "K"] },
      descriptions: { weights: "shares of three sources" },
    });
    expect(model.units).toEqual({ range: "km", z: ["mV", "mV", "K"] });
    expect(defineModel({ ...model, name: "other" }).descriptions).toEqual(model.descriptions);
    expect(defineModel(definition)).not.toHaveProperty("units");
  });

  it("are of what there is, one or as many as there are numbers", () => {
    // @ts-expect-error -- no such name
    expect(() => defineModel({ ...definition, units: { rnage: "km" } })).toThrow(
      'the model "worded": units name "rnage", but there is no such parameter or array: there are range, weights, z, count',
    );
    expect(() => defineModel({ ...definition, units: { weights: ["a", "b"] } })).toThrow(
      'units of "weights" are 2 texts, but it has 3 numbers',
    );
    expect(() => defineModel({ ...definition, descriptions: { z: ["a", "b"] } })).toThrow(
      'descriptions of "z" are 2 texts, but it has 3 numbers along its last axis',
    );
    // @ts-expect-error -- no text
    expect(() => defineModel({ ...definition, units: { range: 3 } })).toThrow(
      'units of "range" must be a text, or a list of texts, but 3 was given',
    );
  });
});
