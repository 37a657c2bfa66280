import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, property, uint8Array } from "fast-check";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  FileError,
  encodeNpy,
  parseCsv,
  parseData,
  parseJson,
  parseNpy,
  parseNpz,
  readData,
  writeNpy,
} from "../../src/files/index.js";
import { DataError, matchData, type DataInput } from "../../src/data/index.js";

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/arrays/${name}`, import.meta.url));
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

describe(".npy files of NumPy", () => {
  it.each(["f2", "f4", "f8", "i1", "i4", "i8", "u1", "u2", "big-f8", "big-i2", "version2"])(
    "%s",
    (name) => {
      const { shape, data } = parseNpy(fixture(`${name}.npy`));
      expect(shape).toEqual([2, 3]);
      expect([...data]).toEqual([0, 1, 2, 100, 50, 25]);
      const isFloat32 = name === "f4" || name === "version2";
      expect(data).toBeInstanceOf(isFloat32 ? Float32Array : Float64Array);
    },
  );

  it("of other shapes and orders", () => {
    expect([...parseNpy(fixture("bool.npy")).data]).toEqual([0, 0, 1, 1, 1, 1]);
    expect(parseNpy(fixture("fortran.npy"))).toEqual({
      shape: [2, 3, 4],
      data: Float32Array.from(range(24)),
    });
    expect(parseNpy(fixture("scalar.npy"))).toEqual({ shape: [], data: Float64Array.of(2.5) });
    expect(parseNpy(fixture("vector.npy")).shape).toEqual([5]);
    expect(parseNpy(fixture("empty.npy"))).toEqual({ shape: [0, 3], data: new Float32Array() });
  });

  it("of 16 bits, the smallest and those that are no numbers among them", () => {
    const bits = [0x0001, 0x8001, 0x03ff, 0x0400, 0x3555, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000];
    const bytes = new Uint8Array(encodeNpy({ shape: [5], data: new Float32Array(5) }));
    const header = new TextDecoder("latin1").decode(bytes.subarray(0, 128));
    const text = header.replace("<f4", "<f2").replace("(5,)", "(10,)").replace(/ \n$/, "\n");
    bytes.set(
      Array.from(text, (letter) => letter.charCodeAt(0)),
      0,
    );
    for (const [i, value] of bits.entries()) bytes.set([value & 255, value >> 8], 128 + 2 * i);
    // By the tables of IEEE 754.
    expect([...parseNpy(bytes).data]).toEqual([
      2 ** -24,
      -(2 ** -24),
      2 ** -14 - 2 ** -24,
      2 ** -14,
      0.333251953125,
      65504,
      Infinity,
      -Infinity,
      NaN,
      -0,
    ]);
  });

  it("wherever they lie in memory", () => {
    const bytes = fixture("f8.npy");
    for (const shift of [1, 4, 8]) {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      expect([...parseNpy(moved.subarray(shift)).data]).toEqual([0, 1, 2, 100, 50, 25]);
    }
    // A Buffer's slice shares its memory.
    const buffer = Buffer.concat([Buffer.from([0]), bytes]).subarray(1);
    expect([...parseNpy(buffer).data]).toEqual([0, 1, 2, 100, 50, 25]);
  });

  const refused: readonly [string, RegExp][] = [
    ["objects", /Python objects/],
    ["records", /records of several fields/],
    ["complex", /complex numbers \(type "<c16"\)/],
    ["dates", /dates \(type "<M8\[ns\]"\)/],
    ["text", /text \(type "<U1"\)/],
  ];
  it.each(refused)("that hold no real numbers are refused: %s", (name, message) => {
    expect(() => parseNpy(fixture(`${name}.npy`))).toThrow(message);
    expect(() => parseNpy(fixture(`${name}.npy`))).toThrow(FileError);
  });

  it("that are damaged are refused, wherever they are cut", () => {
    const bytes = fixture("f4.npy");
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseNpy(bytes.subarray(0, length))).toThrow(FileError);
    }
    expect(() => parseNpy(bytes.subarray(0, 140), "a.npy")).toThrow(
      "a.npy is damaged: its shape [2, 3] of <f4 takes 24 bytes, but it has 12",
    );
  });

  it("that hold booleans hold no other bytes", () => {
    const bytes = new Uint8Array(fixture("bool.npy"));
    expect(() => parseNpy(bytes.with(bytes.length - 1, 2), "a.npy")).toThrow(
      "a.npy is damaged: it holds booleans, but has the byte 2 among them",
    );
  });

  it("have a header that can be read", () => {
    const header = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      return Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, bytes.length, 0, ...bytes);
    };
    const of = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}}`;
    expect(parseNpy(header(of("(0, 3)"))).shape).toEqual([0, 3]);
    expect(() => parseNpy(header(of("(0, 3 4)")))).toThrow(/shape cannot be read: "0, 3 4"/);
    expect(() => parseNpy(header(of(`(${"0,".repeat(70)})`)))).toThrow(/shape cannot be read/);
    expect(() => parseNpy(header(of("(1e9)")))).toThrow(/header cannot be read/);
    const long = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0, 0, 2, 0);
    expect(() => parseNpy(Buffer.concat([long, new Uint8Array(131_072)]))).toThrow(
      /its header has 131072 bytes/,
    );
  });

  it("that are noise give nothing but FileError", () => {
    const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
    assert(
      property(uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => parseNpy(Uint8Array.of(...magic, ...noise))).toThrow(FileError);
        expect(() => parseNpz(noise)).toThrow(FileError);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe(".npz archives of NumPy", () => {
  it.each(["stored.npz", "deflated.npz"])("%s", (name) => {
    expect(parseNpz(fixture(name))).toEqual({
      z: { shape: [2, 3], data: Float32Array.of(0, 1, 2, 100, 50, 25) },
      count: { shape: [], data: Float64Array.of(3) },
    });
  });

  it("hold an array without a name", () => {
    expect(matchData({ z: [2, 3] }, parseNpz(fixture("unnamed.npz"))).data.columns).toEqual({
      z: Float64Array.of(0, 1, 2, 100, 50, 25),
    });
  });

  it("that are damaged are refused", () => {
    const bytes = fixture("stored.npz");
    expect(() => parseNpz(bytes.subarray(0, 300), "a.npz")).toThrow(/a\.npz is damaged/);
    const corrupted = zipSync({ "z.npy": Uint8Array.of(1, 2, 3) });
    expect(() => parseNpz(corrupted, "a.npz")).toThrow(/array "z" of a\.npz is damaged/);
    // A byte of the numbers themselves: only the checksum knows.
    const changed = new Uint8Array(bytes);
    const numbers = Buffer.from(changed.buffer).indexOf(Buffer.from(Float32Array.of(100).buffer));
    changed[numbers] = 1;
    expect(() => parseNpz(changed, "a.npz")).toThrow(/a\.npz is damaged.*"z\.npy" is changed/);
    expect(() => parseNpz(zipSync({ "z.txt": Uint8Array.of(1) }))).toThrow(/holds no arrays/);
  });
});

describe("encoding .npy", () => {
  it.each([[[]], [[6]], [[2, 3]], [[1, 6, 1]]])("of shape %j reads back", (shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    for (const data of [Float32Array.from(range(size)), Float64Array.from(range(size))]) {
      const bytes = encodeNpy({ shape, data });
      expect(parseNpy(bytes)).toEqual({ shape, data });
      expect((bytes.length - data.byteLength) % 64).toBe(0);
    }
  });

  it("writes the bytes that NumPy writes", () => {
    const data = Float32Array.of(0, 1, 2, 100, 50, 25);
    const expected = fixture("f4.npy");
    expect(encodeNpy({ shape: [2, 3], data })).toEqual(new Uint8Array(expected));
    expect(() => encodeNpy({ shape: [2], data })).toThrow(/has 2 numbers, but 6/);
  });
});

describe("JSON", () => {
  it("is nested arrays, with or without names", () => {
    const matrix = { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
    expect(parseJson("[[1,2,3],[4,5,6]]")).toEqual(matrix);
    expect(parseJson('{"z": [[1,2,3],[4,5,6]], "n": 4}')).toEqual({
      z: matrix,
      n: { shape: [], data: Float64Array.of(4) },
    });
  });

  it("is refused where it is nested deep, whatever the depth", () => {
    for (const depth of [65, 5_000, 200_000]) {
      const deep = "[".repeat(depth) + "]".repeat(depth);
      expect(() => parseJson(deep, "a.json")).toThrow(/a\.json is nested more than 64 deep/);
      expect(() => parseJson(`{"z": [1, ${deep}]}`)).toThrow(/"z" of .* must hold numbers/);
      expect(() => parseJson(`[1, ${deep}]`)).toThrow(FileError);
    }
  });

  it("may have data sets of different sizes, and null where values are missing", () => {
    const gap = Number.NaN;
    expect(parseJson("[[[1,2]],[[3,4],[5,null]],[]]")).toEqual({
      shape: [3, 2, 2],
      data: Float64Array.of(1, 2, gap, gap, 3, 4, 5, gap, gap, gap, gap, gap),
      ragged: true,
    });
    expect(() => matchData({ z: [2] }, parseJson("[[1,2],[3]]"))).toThrow(
      'the data array "z" is ragged: its rows differ in length, but data sets are [2]',
    );
  });

  it("says where it is wrong", () => {
    expect(() => parseJson("[1, NaN]", "a.json")).toThrow(/a\.json is no JSON \(JSON has no NaN/);
    expect(() => parseJson('{"z": [1], "\\u007a": [2]}', "a.json")).toThrow(
      /^a\.json: an object has "z" twice, .* leave out one/,
    );
    expect(() => parseJson("[[[1],[2]],[[3],[4,5]]]", "a.json")).toThrow(
      /a\.json is ragged: it has 2 elements at \[1, 1\].* 1/,
    );
    expect(() => parseJson('{"z": [1, "two"]}', "a.json")).toThrow(
      /"z" of a\.json must hold numbers, but has "two" at \[1\]/,
    );
    expect(() => parseJson('"z"')).toThrow(/must hold an array/);
    expect(() => parseJson("[[1],2]")).toThrow(FileError);
  });
});

/** What no type allows, but JavaScript does. */
function badly(data: unknown): DataInput {
  return data as DataInput;
}

function circle(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe("matching data with a model", () => {
  const grid = { z: [2, 3] };
  const one = Float32Array.from(range(6));
  const three = Float32Array.from(range(18));

  const accepted: readonly [string, DataInput, number, boolean][] = [
    [
      "nested",
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      1,
      false,
    ],
    ["typed rows", [Float64Array.of(0, 1, 2), Float64Array.of(3, 4, 5)], 1, false],
    [
      "by name",
      {
        z: [
          [0, 1, 2],
          [3, 4, 5],
        ],
      },
      1,
      false,
    ],
    ["among others", { z: one, truth: [1, 2] }, 1, false],
    ["flat", range(6), 1, false],
    ["flat, typed", one, 1, false],
    ["flat rows", [range(6)], 1, true],
    ["a batch, typed", three, 3, true],
    ["a batch with a shape", { shape: [3, 2, 3], data: three }, 3, true],
    ["a batch of flat rows", { z: { shape: [3, 6], data: three } }, 3, true],
    ["a batch of one", { shape: [1, 2, 3], data: one }, 1, true],
    ["saved by NumPy without a name", { arr_0: { shape: [2, 3], data: one } }, 1, false],
  ];
  it.each(accepted)("%s", (_, input, size, batched) => {
    const expected = size === 1 ? one : three;
    const { data, batched: several } = matchData(grid, input);
    expect({ size: data.size, several }).toEqual({ size, several: batched });
    expect(Float32Array.from(data.column("z"))).toEqual(expected);
  });

  it("copies no typed array, and keeps its precision", () => {
    expect(matchData(grid, three).data.columns["z"]).toBe(three);
    const precise = Float64Array.of(1.7e9 + 0.1, 0, 0, 0, 0, 0);
    expect(matchData(grid, precise).data.columns["z"]).toBe(precise);
  });

  it("takes scalars and series", () => {
    expect(matchData({ x: [] }, 4)).toMatchObject({ data: { size: 1 }, batched: false });
    expect(matchData({ x: [] }, [4, 5, 6])).toMatchObject({ data: { size: 3 }, batched: true });
    expect(matchData({ x: [] }, parseCsv("x\n1\n2"))).toMatchObject({
      data: { size: 2 },
      batched: true,
    });
    expect(matchData({ x: [1] }, { shape: [4, 1], data: new Float32Array(4) }).data.size).toBe(4);
    expect(matchData({ x: [3] }, parseCsv("1\n2\n3"))).toMatchObject({
      data: { size: 1 },
      batched: false,
    });
    expect(matchData({ x: [3] }, parseCsv("1,2,3\n4,5,6"))).toMatchObject({
      data: { size: 2 },
      batched: true,
    });
    expect(matchData({ z: [2, 3] }, parseCsv("1,2,3\n4,5,6"))).toMatchObject({
      data: { size: 1 },
      batched: false,
    });
    expect(matchData({ x: [], y: [2] }, parseCsv("x,y[0],y[1]\n1,2,3\n4,5,6"))).toMatchObject({
      batched: true,
      data: { size: 2, columns: { x: Float64Array.of(1, 4), y: Float64Array.of(2, 3, 5, 6) } },
    });
  });

  const rejected: readonly [
    string,
    Readonly<Record<string, readonly number[]>>,
    DataInput,
    RegExp,
  ][] = [
    [
      "another shape",
      grid,
      [
        [1, 2],
        [3, 4],
      ],
      /"z" must be \[2, 3\], or \[n, 2, 3\].*given shape \[2, 2\]/,
    ],
    ["a wrong count", grid, new Float32Array(7), /given 7 values/],
    ["nothing", grid, new Float32Array(), /given 0 values/],
    ["an empty batch", grid, { shape: [0, 2, 3], data: new Float32Array() }, /given no values/],
    ["transposed data", grid, { shape: [3, 2], data: one }, /given shape \[3, 2\]/],
    ["a shape that lies", grid, { shape: [2, 3], data: three }, /18 values, which do not fill/],
    ["a missing array", { x: [], y: [] }, { x: 1, w: 2 }, /lack the array "y".*given: x, w/],
    ["no names where they are needed", { x: [], y: [] }, 1, /the model has x, y/],
    ["batches of two sizes", { x: [], y: [] }, { x: [1, 2], y: [1, 2, 3] }, /"x" 2, "y" 3/],
    ["NaN", grid, three.with(10, Number.NaN), /data set 1: z\[1, 1\] is NaN/],
    ["infinity", { x: [] }, [1, -Infinity], /data set 1: x is -Infinity/],
    ["what float32 cannot hold", { x: [] }, [1e300], /1e\+300, too large for float32/],
    [
      "BigInts",
      { x: [2] },
      badly([1n, 2n]),
      /"x" must hold numbers, but has 1n at \[0\]: give Number/,
    ],
    ["BigInts, typed", { x: [2] }, badly(BigInt64Array.of(1n, 2n)), /but has 1n at \[0\]/],
    ["dates", { x: [1] }, badly([new Date(0)]), /but has "1970-01-01T00:00:00.000Z" at \[0\]/],
    ["lists in a circle", { x: [1] }, badly(circle()), /"x" is nested more than 64 deep/],
    ["ragged rows", grid, [[1, 2, 3], [4]], /"z" is ragged/],
  ];
  it.each(rejected)("refuses %s", (_, shapes, input, message) => {
    expect(() => matchData(shapes, input)).toThrow(message);
    expect(() => matchData(shapes, input)).toThrow(DataError);
  });
});

describe("data files", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amortis-files-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("are read by their name, or by what they look like", async () => {
    const matrix = { shape: [1, 2], data: Float64Array.of(1, 2) };
    await writeFile(join(directory, "a.csv"), "1,2\n");
    await writeFile(join(directory, "b.json"), "[[1,2]]");
    await writeNpy(join(directory, "c.npy"), matrix);
    for (const name of ["a.csv", "b.json", "c.npy"]) {
      expect(await readData(join(directory, name))).toEqual(matrix);
      expect(parseData(readFileSync(join(directory, name)), "upload")).toEqual(matrix);
    }
    expect(parseData(fixture("stored.npz"), "upload")).toHaveProperty("count");
  });

  it("say what is wrong", async () => {
    await expect(readData(join(directory, "none.npy"))).rejects.toThrow(
      /none\.npy: there is no such file/,
    );
    expect(() => parseData(Uint8Array.of(0xff, 0xfe, 0, 1), "a.bin")).toThrow(/a\.bin is neither/);
    expect(() => parseData(new Uint8Array(), "a.csv")).toThrow(/a\.csv is empty/);
    expect(() => parseData(new TextEncoder().encode("1,2"), "a.npy")).toThrow(
      /a\.npy is damaged, or no \.npy/,
    );
  });
});
