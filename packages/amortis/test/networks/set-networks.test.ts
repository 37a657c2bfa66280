/**
 * What all networks of sets have in common: the order of elements, and room for others, change nothing, gradients are those of finite differences, and they are
 * written for any number of elements.
 */
import {
  constant,
  gradient,
  hostTensor,
  mul,
  sum,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { presenceName } from "../../src/data/standardization.js";
import {
  deepSet,
  mlp,
  setStatistics,
  setTransformer,
  spatialGraph,
  summaryNetworkFromJSON,
  timeTransformer,
  transformer,
  type SummaryNetwork,
} from "../../src/extend.js";
import { stream } from "../../src/random/index.js";
import { numbersOf } from "../densities/support.js";
import { distance, evaluate, padded, reordered, type Feeds } from "./sets.js";

const rho = mlp({ hidden: [7], activation: "tanh" });
const phi = mlp({ hidden: [6], activation: "tanh" });
const small = { rho, outputs: 3 };

const networks: Readonly<Record<string, SummaryNetwork>> = {
  deepSet: deepSet({
    phi,
    features: 4,
    pooling: ["mean", "max", "sum", "attention"],
    join: true,
    ...small,
  }),
  setTransformer: setTransformer({ width: 8, heads: 2, points: 3, join: true, ...small }),
  setStatistics: setStatistics({ quantiles: [0.1, 0.5, 0.8], differences: 2, join: true }),
  "spatialGraph, all": spatialGraph({ width: 6, distances: 3, ...small }),
  "spatialGraph, nearest": spatialGraph({ width: 6, neighbours: { nearest: 3 }, ...small }),
  "spatialGraph, classes within a radius": spatialGraph({
    width: 6,
    neighbours: { radius: 1.7 },
    distances: [0.4, 0.9, 2],
    pooling: ["attention"],
    ...small,
  }),
  timeTransformer: timeTransformer({
    times: "s",
    frequencies: 3,
    tokens: transformer({ width: 8, blocks: 1, heads: 2 }),
    ...small,
  }),
};

/** Values [batch, n, 1] at places [batch, n, 2], or times [batch, n, 1]. */
function places(batch: number, n: number, coordinates: number): { y: HostTensor; s: HostTensor } {
  const random = stream(17);
  const draw = (d: number): HostTensor => {
    const values = new Float32Array(batch * n * d);
    random.fillNormal(values);
    return hostTensor(values, [batch, n, d]);
  };
  return { y: draw(1), s: draw(coordinates) };
}

function room({ y, s }: { y: HostTensor; s: HostTensor }, upTo: number): Feeds {
  return { ...padded(y, upTo, "y"), ...padded(s, upTo, "s") };
}

describe.each(Object.entries(networks))("%s", (name, network) => {
  const coordinates = name === "timeTransformer" ? 1 : 2;

  test("does not depend on the order of elements", async () => {
    const { y, s } = places(3, 7, coordinates);
    const order = [4, 2, 6, 0, 1, 5, 3];
    const plain = await evaluate({ y, s }, network);
    expect(Math.max(...plain.map(Math.abs))).toBeGreaterThan(0.05);
    const moved = await evaluate({ y: reordered(y, order), s: reordered(s, order) }, network);
    expect(distance(moved, plain)).toBeLessThan(1e-5);
  });

  test("does not depend on room for others, written for so many or for any number", async () => {
    const five = places(3, 5, coordinates);
    const exact = await evaluate(room(five, 5), network);
    expect(exact.every(Number.isFinite)).toBe(true);
    for (const upTo of [5, 6, 40]) {
      expect(distance(await evaluate(room(five, upTo), network), exact)).toBeLessThan(1e-5);
      const free = await evaluate(room(five, upTo), network, (y) => y, true);
      expect(distance(free, exact)).toBeLessThan(1e-5);
    }
  });

  test("gives numbers of one element, and of none", async () => {
    for (const n of [1, 0]) {
      const found = await evaluate(room(places(2, n, coordinates), 4), network);
      expect(found.every(Number.isFinite)).toBe(true);
    }
  });

  test("has the gradient of finite differences, and none where nothing is", async () => {
    const feeds = room(places(1, 4, coordinates), 5);
    const y = feeds["y"] ?? hostTensor([], [0]);
    const objective = (summary: Tensor): Tensor => {
      const size = Number(summary.shape[1]);
      return sum(
        mul(
          summary,
          constant(
            Float32Array.from({ length: size }, (_, i) => Math.cos(i)),
            [size],
          ),
        ),
      );
    };
    const found = await evaluate(feeds, network, (summary, inputs) => {
      const array = inputs["y"] ?? summary;
      return gradient(objective(summary), [array])[0] ?? summary;
    });
    const step = 2e-3;
    const at = async (i: number, by: number): Promise<number> => {
      const values = Float32Array.from(numbersOf(y.data));
      values[i] = (values[i] ?? 0) + by;
      const moved = { ...feeds, y: hostTensor(values, y.shape) };
      return (await evaluate(moved, network, objective))[0] ?? Number.NaN;
    };
    const scale = Math.max(...found.map(Math.abs));
    expect(scale).toBeGreaterThan(0.01);
    for (const [i, slope] of found.entries()) {
      const difference = ((await at(i, step)) - (await at(i, -step))) / (2 * step);
      // Values of about 1 have errors of a few 1e-7, over 4e-3.
      expect(Math.abs(difference - slope)).toBeLessThan(1e-3);
    }
    expect(found.at(-1)).toBe(0);
  });

  test("comes back from files", () => {
    expect(summaryNetworkFromJSON(network.describe()).describe()).toEqual(network.describe());
  });
});

test("statistics are those of closed forms", async () => {
  const statistics = setStatistics({ quantiles: [0.25, 0.5] });
  const y = hostTensor(Float32Array.of(1, 2, 4, 1, 7, 9, 0, 0), [1, 4, 2]);
  const present = hostTensor(Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0), [1, 4, 2]);
  const found = await evaluate({ y, [presenceName("y")]: present }, statistics);
  // By R: colMeans, cov, quantile (type 7), log(3).
  const expected = [4, 4, 9, 10.5, 19, 2.5, 1.5, 4, 2, Math.log(3)];
  expect(distance(found, expected)).toBeLessThan(1e-5);
});

test("places hear of the nearest alone, and of those within a radius", async () => {
  // On a line at 0, 1, 3, 10: what is at 10 is no neighbour of 0 among two, nor within 4.
  const s = hostTensor(Float32Array.of(0, 0, 1, 0, 3, 0, 10, 0), [1, 4, 2]);
  const at = (last: number): Feeds => ({
    s,
    y: hostTensor(Float32Array.of(0.3, -1, 0.5, last), [1, 4, 1]),
  });
  const network = (neighbours: object): SummaryNetwork =>
    spatialGraph({ neighbours, distances: [20], layers: 1, width: 4, variogram: false });
  const all = await evaluate(at(2), network({}));
  // Each has three others, all within 10.
  expect(distance(await evaluate(at(2), network({ nearest: 3 })), all)).toBeLessThan(1e-6);
  expect(distance(await evaluate(at(2), network({ radius: 10.01 })), all)).toBeLessThan(1e-6);
  for (const fewer of [{ nearest: 2 }, { radius: 9.5 }, { nearest: 3, radius: 9.5 }]) {
    expect(distance(await evaluate(at(2), network(fewer)), all)).toBeGreaterThan(1e-4);
  }
});
