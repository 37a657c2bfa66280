/**
 * Transforms of columns: what they compute, what they refuse, and that they are the same in training, in answers and from files.
 */
import { compile, hostTensor, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import { grid, missing, series, set, vector, type DataSpec } from "../../src/data/index.js";
import { shapesOf, specsOf } from "../../src/data/array-spec.js";
import { sizeOf } from "../../src/data/shape.js";
import {
  defineModel,
  gaussian,
  halfNormal,
  load,
  npe,
  posteriorMomentsSummary,
  simulate,
  train,
  transformColumns,
  uniform,
  type ColumnTransformInput,
} from "../../src/index.js";
import { transformedSpecs } from "../../src/networks/index.js";
import { numbersOf } from "../densities/support.js";

type Given = Readonly<Record<string, ColumnTransformInput>>;

/** Arrays of one data set after the transforms, and their shapes. */
async function apply(data: DataSpec, columns: Given, values: Readonly<Record<string, number[]>>) {
  const dataSpecs = specsOf(data);
  const transform = transformColumns({ dataSpecs }, columns);
  const inputs = Object.fromEntries(
    Object.entries(shapesOf(dataSpecs)).map(([name, shape]) => [
      name,
      input(name, ["batch", ...shape]),
    ]),
  );
  const outputs = Object.fromEntries(
    Object.entries(transform.apply(inputs)).map(([name, array]) => [`after/${name}`, array]),
  );
  const program = await compile({ inputs, outputs }, nodeRuntime({ threads: 1 }));
  const feeds = Object.fromEntries(
    Object.entries(values).map(([name, list]) => [
      name,
      hostTensor(Float32Array.from(list), [1, ...(dataSpecs[name]?.shape ?? [])]),
    ]),
  );
  const results = await program.run(feeds);
  await program.release();
  const specs = transformedSpecs(dataSpecs, transform);
  return Object.fromEntries(
    Object.entries(results).map(([key, { data: found, shape }]) => {
      const name = key.slice("after/".length);
      expect(shape).toEqual([1, ...(specs[name]?.shape ?? [])]);
      expect(found).toHaveLength(sizeOf(specs[name]?.shape ?? []));
      return [name, { values: [...numbersOf(found)], spec: specs[name] }];
    }),
  );
}

test("transforms are undone: arrays by themselves, as channels of one, and all but those that are dropped", async () => {
  const dataSpecs = specsOf({
    income: vector(3),
    share: series(4),
    level: series(4),
    above: vector(2),
    below: vector(2),
    scaled: vector(2),
    same: vector(2),
    site: vector(3),
    color: vector(2),
    id: vector(1),
    plain: vector(2),
  });
  const transform = transformColumns(
    { dataSpecs },
    {
      income: { kind: "log", shift: 0.5 },
      share: "logit",
      level: { kind: "constrain", lower: -1, upper: 3 },
      above: { kind: "constrain", lower: 2 },
      below: { kind: "constrain", upper: -2 },
      scaled: { kind: "standardize", mean: [1, 2], sd: [3, 0.5] },
      same: "linear",
      site: { kind: "oneHot", categories: [7, -2, 0.5] },
      color: { kind: "oneHot", categories: 4 },
      id: "drop",
      both: { kind: "concatenate", arrays: ["share", "level"] },
      person: { kind: "concatenate", arrays: ["income", "site", "plain"] },
    },
  );
  const values: Record<string, number[]> = {
    income: [0, Number.NaN, 90],
    share: [0.5, 0.001, 0.999, 0.2],
    level: [-0.9, 2.9, Number.NaN, 1],
    above: [2.01, 50],
    below: [-2.01, -50],
    scaled: [-4, 2],
    same: [1, -2],
    site: [0.5, 7, -2],
    color: [3, Number.NaN],
    id: [5],
    plain: [4, -4],
  };
  const inputs = Object.fromEntries(
    Object.entries(shapesOf(dataSpecs)).map(([name, shape]) => [
      name,
      input(name, ["batch", ...shape]),
    ]),
  );
  const back = transform.inverse?.(transform.apply(inputs)) ?? {};
  expect(Object.keys(back).toSorted()).toEqual(
    Object.keys(values)
      .filter((name) => name !== "id")
      .toSorted(),
  );
  const outputs = Object.fromEntries(
    Object.entries(back).map(([name, array]) => [`back/${name}`, array]),
  );
  const { id: _, ...used } = inputs;
  const program = await compile({ inputs: used, outputs }, nodeRuntime({ threads: 1 }));
  const feeds = Object.fromEntries(
    Object.keys(used).map((name) => [
      name,
      hostTensor(Float32Array.from(values[name] ?? []), [1, ...(dataSpecs[name]?.shape ?? [])]),
    ]),
  );
  for (const [key, { data, shape }] of Object.entries(await program.run(feeds))) {
    const name = key.slice("back/".length);
    expect(shape).toEqual([1, ...(dataSpecs[name]?.shape ?? [])]);
    for (const [i, value] of [...numbersOf(data)].entries()) {
      const expected = values[name]?.[i] ?? Number.NaN;
      // In single precision, and by a logarithm.
      expect(Math.abs(value - expected) / (1 + Math.abs(expected)) || 0).toBeLessThan(2e-6);
      expect(Number.isNaN(value)).toBe(Number.isNaN(expected));
    }
  }
  await program.release();
});

describe("a transform of a column", () => {
  test.each<[ColumnTransformInput, number[], number[]]>([
    ["log", [1, Math.E, 100], [0, 1, Math.log(100)]],
    [{ kind: "log", shift: 1 }, [0, 1, Number.NaN], [0, Math.LN2, Number.NaN]],
    ["logit", [0.5, 0.9, 0.1], [0, Math.log(9), -Math.log(9)]],
    [{ kind: "constrain", lower: -1, upper: 3 }, [1, 2, 0], [0, Math.log(3), -Math.log(3)]],
    [{ kind: "constrain", lower: 2 }, [3, 4, 2.5], [0, Math.LN2, -Math.LN2]],
    [{ kind: "constrain", upper: 2 }, [1, 0, 1.5], [0, -Math.LN2, Math.LN2]],
    [{ kind: "standardize", mean: [1, 2, 3], sd: 2 }, [1, 4, 1], [0, 1, -1]],
    ["linear", [1, 2, -3], [1, 2, -3]],
  ])("%o is what it says", async (transform, given, expected) => {
    const { x } = await apply({ x: vector(3) }, { x: transform }, { x: given });
    for (const [i, value] of (x?.values ?? []).entries()) {
      // NaN, which is not there, stays.
      expect(Number.isNaN(value)).toBe(Number.isNaN(expected[i]));
      expect(value || 0).toBeCloseTo(expected[i] || 0, 5);
    }
  });

  test("oneHot has an indicator for each category, in place of each number or channel", async () => {
    const hot = { kind: "oneHot", categories: 3 } as const;
    const of = (data: DataSpec, x: number[]) => apply(data, { x: hot }, { x });
    const single = await of({ x: [] }, [2]);
    expect(single["x"]).toMatchObject({ values: [0, 0, 1], spec: { kind: "vector", shape: [3] } });
    const both = await of({ x: [2] }, [2, 0]);
    expect(both["x"]).toMatchObject({ values: [0, 0, 1, 1, 0, 0], spec: { shape: [6] } });
    const times = await of({ x: series(2) }, [1, 2]);
    expect(times["x"]).toMatchObject({
      values: [0, 1, 0, 0, 0, 1],
      spec: { kind: "series", shape: [2, 3], channels: true },
    });
    const elements = await of({ x: set(2) }, [1, 0]);
    expect(elements["x"]).toMatchObject({ values: [0, 1, 0, 1, 0, 0], spec: { shape: [2, 3] } });
    const pixels = await of({ x: grid(1, 2) }, [1, 0]);
    expect(pixels["x"]).toMatchObject({ spec: { kind: "grid", shape: [1, 2, 3] } });
    const codes = await apply(
      { x: missing([3]) },
      { x: { kind: "oneHot", categories: [-1, 7] } },
      { x: [7, Number.NaN, -1] },
    );
    expect(codes["x"]?.values).toEqual([0, 1, Number.NaN, Number.NaN, 1, 0]);
    expect(codes["x"]?.spec?.missing).toBe(true);
  });

  test("concatenate makes one of several, each after its own, and drop leaves out", async () => {
    const made = await apply(
      { a: [], b: [2], site: [], id: [] },
      {
        a: "log",
        site: { kind: "oneHot", categories: 2 },
        id: "drop",
        all: { kind: "concatenate", arrays: ["b", "a", "site"] },
      },
      { a: [1], b: [5, 6], site: [1], id: [9] },
    );
    expect(made).toEqual({
      all: { values: [5, 6, 0, 0, 1], spec: expect.objectContaining({ shape: [5] }) },
    });
    const channels = await apply(
      { x: series(2), y: series(2, { channels: 2 }) },
      { both: { kind: "concatenate", arrays: ["x", "y"] } },
      { x: [1, 2], y: [3, 4, 5, 6] },
    );
    expect(channels["both"]).toMatchObject({
      values: [1, 3, 4, 2, 5, 6],
      spec: { kind: "series", shape: [2, 3], channels: true },
    });
  });

  test.each<[string, DataSpec, Given, string]>([
    ["another array", { x: [] }, { y: "log" }, 'there is no data array "y"; there are x'],
    // @ts-expect-error -- there is no such transform
    ["another transform", { x: [] }, { x: "sqrt" }, "x must be of one of the kinds log, logit"],
    ["no bound", { x: [] }, { x: { kind: "constrain" } }, "must have a lower, an upper, or both"],
    ["nothing left", { x: [] }, { x: "drop" }, "all of the data are dropped"],
    [
      "arrays that do not fit",
      { x: series(3), y: [2] },
      { z: { kind: "concatenate", arrays: ["x", "y"] } },
      '"z" cannot be of series [3], array [2]',
    ],
    [
      "a name that is taken",
      { x: [], y: [], z: [] },
      { z: { kind: "concatenate", arrays: ["x", "y"] } },
      'there is a data array "z" already',
    ],
    [
      "other sizes",
      { x: [3] },
      { x: { kind: "standardize", mean: [1, 2], sd: 1 } },
      '"x" has 3 entries along its last axis, but standardize gives 2',
    ],
  ])("refuses %s", (_, data, columns, message) => {
    expect(() => transformColumns({ dataSpecs: specsOf(data) }, columns)).toThrow(message);
  });
});

// y | σ is log-normal with median σ, and z says of which kind it is: two numbers that networks see as their logarithm and as indicators.
const model = defineModel({
  name: "scales",
  parameters: { sigma: uniform(-3, 3), other: halfNormal(1) },
  data: { y: [], kind: [], id: [] },
  simulate: ({ sigma }, random) => {
    const kind = random.integer(2);
    return { y: Math.exp(sigma * (kind === 0 ? 1 : -1) + 0.5 * random.normal()), kind, id: 7 };
  },
});

const columns = {
  y: "log",
  kind: { kind: "oneHot", categories: 2 },
  id: "drop",
} as const;

const quick = { simulations: 4000, epochs: 20, seed: 1, workers: 0, threads: 1 };

test("transforms of columns take the place of the map that is found, in training, in answers and from the file", async () => {
  const transform = transformColumns(model, columns);
  const warnings: string[] = [];
  const onWarning = (message: string) => {
    warnings.push(message);
  };
  const method = npe(model, { transform, density: gaussian() });
  const fitted = await train(method, { ...quick, onWarning });
  // That a column which is dropped never varied is nobody's concern.
  expect(warnings).toEqual([]);
  const { data, columns: stored } = fitted.details.standardization;
  expect(Object.keys(data)).toEqual(["y", "kind"]);
  expect(stored).toEqual({
    y: { kind: "log", shift: 0 },
    kind: { kind: "oneHot", categories: 2 },
    id: { kind: "drop" },
  });
  // Of log y, under a uniform of variance 3 and a noise of variance 0.25; of indicators nothing is learned.
  expect(data["y"]?.tails).toBeUndefined();
  expect(data["y"]?.sd[0]).toBeCloseTo(Math.sqrt(3.25), 1);
  expect(data["kind"]).toEqual({ mean: [0], sd: [1] });
  const fresh = await simulate(model, { simulations: 200, seed: 2, workers: 0 });
  const posteriors = await fitted.givenBatch(fresh.data, { samples: 400 });
  const means = posteriors.mean().sigma;
  let square = 0;
  for (let i = 0; i < fresh.size; i++) {
    const sign = fresh.data.kind[i] === 0 ? 1 : -1;
    const exact = sign * Math.log(fresh.data.y[i] ?? 1);
    // The prior cuts off what is beyond its ends.
    if (Math.abs(exact) > 2) continue;
    square += ((means[i] ?? 0) - exact) ** 2 / fresh.size;
  }
  // In units of the posterior's standard deviation, 0.5: Monte Carlo is 0.05 of it, the rest is training.
  expect(Math.sqrt(square) / 0.5).toBeLessThan(0.35);
  const loaded = await load(await fitted.toBytes());
  if (loaded.kind !== "posterior") throw new Error("npe answers with posteriors");
  // Few draws, which the same runtime makes.
  const asked = { y: fresh.data.y[0] ?? 1, kind: fresh.data.kind[0] ?? 0, id: 7 };
  const draws = async (from: typeof loaded) => (await from.given(asked, { samples: 100 })).draws;
  expect(await draws(loaded)).toEqual(await draws(fitted));
  await expect(loaded.given({ y: -1, kind: 0, id: 7 })).rejects.toThrow(
    'y is -1, but the transform log of "y" takes values above 0',
  );
  await expect(loaded.given({ y: 1, kind: 2, id: 7 })).rejects.toThrow(
    'kind is 2, but the transform oneHot of "kind" takes 0, 1',
  );
  await fitted.release();
  await loaded.release();
});

test("training says which simulation a transform does not take", async () => {
  const transform = transformColumns(model, { kind: "log" });
  await expect(train(npe(model, { transform }), { ...quick, simulations: 50 })).rejects.toThrow(
    /kind of simulation \d+ is 0, but the transform log of "kind" takes values above 0/,
  );
});

test("a summary of transformed columns does them again, without being told", async () => {
  const transform = transformColumns(model, columns);
  const small = { ...quick, simulations: 500, epochs: 1 };
  const learned = await train(posteriorMomentsSummary(model, { transform }), small);
  const after = learned.transform();
  expect(after.columns).toEqual(transform.columns);
  const fitted = await train(npe(model, { transform: after, density: gaussian() }), small);
  await expect(fitted.given({ y: 0, kind: 0, id: 7 })).rejects.toThrow("takes values above 0");
  await learned.release();
  await fitted.release();
});
