/**
 * Networks of series, images and fields: gradients are those of finite differences, and each has what it is for.
 */
import { constant, gradient, hostTensor, input, mul, Scope, sum, Variables } from "@amortis/graph";
import type { HostTensor, Tensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { presenceName } from "../../src/data/standardization.js";
import {
  networkFromJSON,
  placewise,
  recurrent,
  residualCnn,
  summaryNetworkFromJSON,
  timeTransformer,
  transformer,
  uNet,
  type SummaryNetwork,
} from "../../src/extend.js";
import { stream } from "../../src/random/index.js";
import { numbersOf } from "../densities/support.js";
import { distance, evaluate, padded } from "./sets.js";

function normals(shape: readonly number[]): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  stream(5).fillNormal(values);
  return hostTensor(values, shape);
}

const series = recurrent({ filters: [4, 5], kernel: 3, units: 6, outputs: 3 });
const plain = recurrent({ filters: [], units: 5, outputs: 2 });
const image = residualCnn({ filters: [4, 6], outputs: 3 });
const field = uNet({ filters: [4, 6, 8], features: 2 });
const regular = timeTransformer({
  frequencies: 3,
  tokens: transformer({ width: 8, blocks: 1, heads: 2 }),
  outputs: 3,
});

describe.each<[string, SummaryNetwork, readonly number[], number]>([
  ["recurrent", series, [2, 11, 2], 3],
  ["recurrent, without convolutions", plain, [2, 5], 2],
  ["residualCnn", image, [2, 7, 6], 3],
  ["residualCnn of channels", image, [2, 8, 8, 2], 3],
  ["uNet", field, [2, 7, 6], 7 * 6 * 2],
  ["timeTransformer at regular times", regular, [2, 6], 3],
])("%s", (_, network, shape, outputs) => {
  const z = normals(shape);
  const objective = (summary: Tensor): Tensor => {
    const size = Number(summary.shape[1]);
    const weights = Float32Array.from({ length: size }, (_unused, i) => Math.cos(i));
    return sum(mul(summary, constant(weights, [size])));
  };

  test("is written once for any number of data sets", () => {
    const scope = Scope.root(new Variables(), "inference");
    const given = input("z", ["batch", ...shape.slice(1)]);
    expect(network.apply(scope, { z: given }).shape).toEqual(["batch", outputs]);
  });

  test("gives so many numbers, and comes back from files", async () => {
    const found = await evaluate({ z }, network);
    expect(found).toHaveLength(2 * outputs);
    expect(found.every(Number.isFinite)).toBe(true);
    expect(summaryNetworkFromJSON(network.describe()).describe()).toEqual(network.describe());
  });

  test("has the gradient of finite differences", async () => {
    const slopes = await evaluate({ z }, network, (summary, { z: array = summary }) => {
      return gradient(objective(summary), [array])[0] ?? summary;
    });
    const step = 4e-3;
    const at = async (i: number, by: number): Promise<number> => {
      const values = Float32Array.from(numbersOf(z.data));
      values[i] = (values[i] ?? 0) + by;
      return (await evaluate({ z: hostTensor(values, shape) }, network, objective))[0] ?? 0;
    };
    expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(0.01);
    for (let i = 0; i < slopes.length; i += Math.ceil(slopes.length / 12)) {
      const difference = ((await at(i, step)) - (await at(i, -step))) / (2 * step);
      // Sums of up to 84 values of about 1, each with an error of 1e-7, over 8e-3; the largest of places may change hands.
      expect(Math.abs(difference - (slopes[i] ?? Number.NaN))).toBeLessThan(5e-3);
    }
  });
});

test("a series that is shorter is seen as it is, whatever is beyond its end", async () => {
  const y = normals([2, 5, 1]);
  const exact = await evaluate(padded(y, 8, "y"), plain);
  const others = padded(y, 8, "y");
  const [name, array] = Object.entries(others)[0] ?? ["y", y];
  const values = Float32Array.from(numbersOf(array.data), (value) => (value === 17 ? 3 : value));
  const moved = { ...others, [name]: hostTensor(values, array.shape) };
  expect(distance(await evaluate(moved, plain), exact)).toBeLessThan(1e-6);
  expect(Object.keys(others)).toContain(presenceName("y"));
});

test("a field of parameters moves with its data", async () => {
  // What is shifted by two places, the step of the smaller map, gives the same shifted: away from the borders, which are seen 11 places far.
  const size = 40;
  const at = (shift: number): HostTensor => {
    const values = new Float32Array(size * size);
    for (const [row, column] of [
      [18, 19],
      [19, 20],
      [20, 18],
    ] as const) {
      values[(row + shift) * size + column + shift] = row - column + 3;
    }
    return hostTensor(values, [1, size, size]);
  };
  const network = uNet({ filters: [4, 6], features: 1 });
  const [here, there] = [
    await evaluate({ z: at(0) }, network),
    await evaluate({ z: at(2) }, network),
  ];
  let [error, most] = [0, 0];
  for (let row = 17; row < 22; row++) {
    for (let column = 17; column < 22; column++) {
      const a = here[row * size + column] ?? 0;
      const b = there[(row + 2) * size + column + 2] ?? 0;
      error = Math.max(error, Math.abs(a - b));
      most = Math.max(most, Math.abs(a));
    }
  }
  expect(error).toBeLessThan(1e-5);
  expect(most).toBeGreaterThan(0.05);
});

test("a head that goes place by place is the same everywhere", async () => {
  const head = placewise({ places: 3 });
  const network: SummaryNetwork = {
    kind: "own",
    apply: (scope, { z }) => head.apply(scope, z ?? constant([0]), 6),
    describe: () => ({}),
  };
  const z = hostTensor(Float32Array.of(1, 2, 5, 7, 1, 2), [1, 6]);
  const found = await evaluate({ z }, network);
  // Two fields of three places, of which the first and the last are alike.
  expect(found[0]).toBeCloseTo(found[2] ?? Number.NaN, 6);
  expect(found[3]).toBeCloseTo(found[5] ?? Number.NaN, 6);
  expect(Math.abs((found[0] ?? 0) - (found[1] ?? 0))).toBeGreaterThan(1e-3);
  expect(networkFromJSON(head.describe()).describe()).toEqual(head.describe());
  const scope = Scope.root(new Variables(), "inference");
  expect(() => head.apply(scope, input("x", ["batch", 7]), 6)).toThrow(
    "placewise: 7 features and 6 outputs are not as many for each of 3 places",
  );
});
