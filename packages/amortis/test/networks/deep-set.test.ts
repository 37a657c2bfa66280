import {
  constant,
  gradient,
  hostTensor,
  input,
  mul,
  Scope,
  sum,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { presenceName } from "../../src/data/standardization.js";
import { deepSet, mlp, summaryNetworkFromJSON } from "../../src/networks/index.js";
import { numbersOf } from "../densities/support.js";
import { distance, elements, evaluate, padded, reordered } from "./sets.js";

const small = deepSet({
  phi: mlp({ hidden: [6], activation: "tanh" }),
  features: 5,
  rho: mlp({ hidden: [7], activation: "tanh" }),
  outputs: 3,
});

test("is ρ of the pooled φ and the log of how many elements there are", async () => {
  const identity = { kind: "identity", apply: (_: Scope, x: Tensor) => x, describe: () => ({}) };
  const network = deepSet({ phi: identity, rho: identity });
  const found = await evaluate(
    {
      y: hostTensor(Float32Array.of(1, 5, -3, 9, 2, 7, 0, 0), [2, 4, 1]),
      [presenceName("y")]: hostTensor(Float32Array.of(1, 1, 1, 0, 0, 0, 0, 0), [2, 4, 1]),
    },
    network,
  );
  // Of φ = (y, whether it is there): means, largest values, and log n; of a set without elements, nothing.
  expect(distance(found, [1, 1, 5, 1, Math.log(3), 0, 0, 0, 0, 0])).toBeLessThan(1e-6);
});

describe("a summary of a set", () => {
  test("does not depend on the order of its elements", async () => {
    const y = elements(3, 7, 2);
    const order = [4, 2, 6, 0, 1, 5, 3];
    const plain = await evaluate({ y }, small);
    expect(Math.max(...plain.map(Math.abs))).toBeGreaterThan(0.1);
    expect(distance(await evaluate({ y: reordered(y, order) }, small), plain)).toBeLessThan(1e-5);
    // Indicators go with their elements.
    const feeds = padded(y, 11, "y");
    const moved = Object.fromEntries(
      Object.entries(feeds).map(([name, array]) => [
        name,
        reordered(array, [10, 3, 8, 0, 9, 6, 1, 2, 7, 5, 4]),
      ]),
    );
    expect(distance(await evaluate(moved, small), await evaluate(feeds, small))).toBeLessThan(1e-5);
  });

  test("does not depend on what is in places of elements that are not there, or how many such places", async () => {
    const y = elements(3, 5, 2);
    const exact = await evaluate(padded(y, 5, "y"), small);
    expect(distance(await evaluate(padded(y, 6, "y"), small), exact)).toBeLessThan(1e-5);
    expect(distance(await evaluate(padded(y, 40, "y"), small), exact)).toBeLessThan(1e-5);
  });

  test("depends on how many there are, where that differs", async () => {
    const one = elements(1, 1, 1);
    const twice = hostTensor(Float32Array.of(Number(one.data[0]), Number(one.data[0])), [1, 2, 1]);
    const [few, more] = [
      await evaluate(padded(one, 3, "y"), small),
      await evaluate(padded(twice, 3, "y"), small),
    ];
    expect(Math.abs((few[0] ?? 0) - (more[0] ?? 0))).toBeGreaterThan(1e-3);
  });

  test("has the gradient of finite differences, and none where nothing is", async () => {
    const feeds = padded(elements(2, 3, 2), 4, "y");
    const y = feeds["y"] ?? elements(1, 1, 1);
    const weights = Float32Array.of(1, -2, 0.5, 0.7, 1.5, -1);
    const objective = (summary: Tensor): Tensor => sum(mul(summary, constant(weights, [2, 3])));
    const found = await evaluate(feeds, small, (summary, inputs) => {
      const array = inputs["y"] ?? summary;
      return gradient(objective(summary), [array])[0] ?? summary;
    });
    const step = 1e-2;
    const at = async (i: number, by: number): Promise<number> => {
      const values = Float32Array.from(numbersOf(y.data));
      values[i] = (values[i] ?? 0) + by;
      const moved = { ...feeds, y: hostTensor(values, y.shape) };
      return (await evaluate(moved, small, objective))[0] ?? Number.NaN;
    };
    for (const [i, slope] of found.entries()) {
      const difference = ((await at(i, step)) - (await at(i, -step))) / (2 * step);
      // Single precision: values of about 1 with errors of 1e-7, over 2e-2.
      expect(Math.abs(difference - slope)).toBeLessThan(2e-3);
    }
    expect(found.filter((_, i) => i % 8 >= 6)).toEqual([0, 0, 0, 0]);
    expect(Math.max(...found.map(Math.abs))).toBeGreaterThan(0.05);
  });
});

test("comes back from files, and refuses what cannot be", () => {
  expect(summaryNetworkFromJSON(small.describe()).describe()).toEqual(small.describe());
  expect(() => deepSet({ pooling: [] })).toThrow("pooling");
  expect(() => deepSet({ pooling: ["max", "max"] })).toThrow("must not name a way twice");
  const number = { n: input("n", ["batch"]) };
  expect(() => small.apply(Scope.root(new Variables(), "inference"), number)).toThrow(
    '"n" should be [elements, ...shape], but is a single number',
  );
});
