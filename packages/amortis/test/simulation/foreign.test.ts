/**
 * Simulations that NumPy, pandas and R wrote (`fixtures/simulations`), as a model's: i = 0 to 6, with range 10 + i, beta (20 + i, 30 + i), and
 * z[j, k] = 100 i + 10 j + k.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  defineModel,
  DataError,
  multivariateNormal,
  normal,
  readSimulations,
} from "../../src/index.js";
import { simulationsFrom } from "../../src/simulation/foreign.js";

const model = defineModel({
  name: "foreign",
  parameters: {
    range: normal(0, 100),
    beta: multivariateNormal(
      [0, 0],
      [
        [1e4, 0],
        [0, 1e4],
      ],
    ),
  },
  data: { z: [2, 3] },
  simulate: () => ({ z: [0, 0, 0, 0, 0, 0] }),
});

const rows = [0, 1, 2, 3, 4, 5, 6];
const theta = rows.flatMap((i) => [10 + i, 20 + i, 30 + i]);
const z = rows.flatMap((i) => [0, 1, 2, 10, 11, 12].map((one) => 100 * i + one));

const file = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/simulations/${name}`, import.meta.url));

async function reading(names: readonly string[], parameters?: string) {
  const notes: string[] = [];
  const read = await readSimulations(model, names.map(file), {
    ...(parameters !== undefined && { parameters: file(parameters) }),
    onNote: (note) => notes.push(note),
  });
  return { ...read, notes: notes.join("; ") };
}

describe("simulations of other programs", () => {
  it.each([
    ["arrays by name", ["named.npz"], undefined, /^$/],
    ["columns beside flat arrays", ["columns.npz"], undefined, /beta_0, beta_1 are taken/],
    ["integers in Fortran's order", ["fortran.npz"], undefined, /^$/],
    ["arrays without names", ["positional.npz"], undefined, /"arr_0" is taken for the parameters/],
    [
      "Julia's last axis",
      ["last.npz"],
      undefined,
      /along the last axis of the parameters and data/,
    ],
    ["a pair of files", ["theta.npy", "z.npy"], undefined, /^$/],
    ["a pair of files, by option", ["z.npy"], "theta.npy", /^$/],
    ["a data frame of pandas", ["pandas.csv"], undefined, /z_0_0, z_0_1, \.\.\., z_1_2 are taken/],
    ["a data frame of R", ["r.csv"], undefined, /beta\.1, beta\.2 are taken.*z\.1, z\.2/],
    ["a matrix of pandas, and θ", ["z-pandas.csv"], "theta.npy", /column numbers/],
  ])("are read: %s", async (_, names, parameters, note) => {
    const {
      size,
      parameters: found,
      data,
      indices,
      invalid,
      notes,
    } = await reading(names, parameters);
    expect({ size, invalid }).toEqual({ size: 7, invalid: [] });
    expect([...found]).toEqual(theta);
    expect([...data.z]).toEqual(z);
    expect([...indices]).toEqual(rows);
    expect(notes).toMatch(note);
  });

  it("leave out what is not finite, and say so", async () => {
    const { size, parameters, indices, invalid, data } = await reading(["invalid.npz"]);
    expect(size).toBe(5);
    expect([...indices]).toEqual([0, 1, 3, 4, 6]);
    expect([...parameters]).toEqual(theta.filter((_, at) => ![2, 5].includes(Math.floor(at / 3))));
    expect([...data.z]).toEqual(z.filter((_, at) => ![2, 5].includes(Math.floor(at / 6))));
    expect(invalid).toEqual([
      { index: 2, parameters: [12, 22, 32], reason: "z[1, 1] is NaN" },
      { index: 5, parameters: [15, 25, 35], reason: "z[0, 2] is Infinity" },
    ]);
  });

  it("say what the model has no place for", () => {
    const notes: string[] = [];
    const weights = array(5);
    simulationsFrom(model, { theta: array(5, 3), z: array(5, 6), weights, seed: weights }, (note) =>
      notes.push(note),
    );
    expect(notes).toEqual([
      'not used: "weights", "seed", which the model has neither as a parameter nor as data',
    ]);
    simulationsFrom(model, { theta: array(5, 3), x: array(5, 6), weights }, (note) =>
      notes.push(note),
    );
    expect(notes.slice(1)).toEqual([
      'the array "x" is taken for the data "z"',
      'not used: "weights", which the model has neither as a parameter nor as data',
    ]);
  });

  const array = (...shape: readonly number[]) => ({
    shape,
    data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  it.each([
    [
      "parameters twice",
      { theta: array(5, 3), range: array(5), beta: array(5, 2), z: array(5, 6) },
      /given twice, as range, beta, theta/,
    ],
    [
      "a parameter too few",
      { range: array(5), z: array(5, 6) },
      /lack the parameter "beta"; given: range, z/,
    ],
    ["no parameters", { z: array(5, 6) }, /lack the parameters: give an array "theta"/],
    ["no data", { theta: array(5, 3) }, /lack the data "z"; given: theta/],
    [
      "two that may be the data",
      { theta: array(5, 3), a: array(5, 6), b: array(5, 6) },
      /lack the data "z"/,
    ],
    [
      "other numbers of both",
      { theta: array(5, 3), z: array(4, 6) },
      /with n = 4 as the data, but the parameters are \[5, 3\], "z" \[4, 6\]/,
    ],
    [
      "other parameters",
      { theta: array(5, 4), z: array(5, 6) },
      /must be \[n, 3\], or one array \[n\] for each, but the parameters are \[5, 4\]/,
    ],
    [
      "other data",
      { theta: array(5, 3), z: array(5, 7) },
      /"z" must be \[2, 3\], or \[n, 2, 3\].*given shape \[5, 7\]/,
    ],
    [
      "as many as parameters",
      { theta: array(3, 3), z: array(3, 6) },
      /cannot be told along which axis/,
    ],
    [
      "parameters that are no numbers",
      { theta: { shape: [1, 3], data: Float64Array.of(1, NaN, 2) }, z: array(1, 6) },
      /simulation 0: the parameter beta\[0\] is NaN/,
    ],
  ])("are refused where they could be two things, or are none: %s", (_, arrays, message) => {
    const read = () => simulationsFrom(model, arrays, () => {});
    expect(read).toThrow(message);
    expect(read).toThrow(DataError);
  });

  it("are refused where two arrays without names may be either", () => {
    const one = defineModel({
      name: "one",
      parameters: { mu: normal(0, 1) },
      data: { x: [] },
      simulate: () => ({ x: 0 }),
    });
    expect(() => simulationsFrom(one, { a: array(5), b: array(5) }, () => {})).toThrow(
      /"a" \[5\] and "b" \[5\], either may be the 1 parameter\(s\).*name them "theta" and "x"/,
    );
    const known = simulationsFrom(one, { mu: array(5), a: array(5, 1) }, () => {});
    expect([...known.parameters]).toEqual([...(known.data.x ?? [])]);
  });
});
