/**
 * Densities of vector fields, each by the same tests: they integrate to one, are those of their draws, and come back from files.
 */
import { hostTensor, input, Scope, Variables, type Tensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import {
  consistency,
  diffusion,
  flowMatching,
  meanFlow,
  type ConditionalDensity,
} from "../../src/densities/index.js";
import { densityFromJSON } from "../../src/densities/from-json.js";
import { modulatedResidual } from "../../src/networks/index.js";
import {
  evaluate,
  largestDifference,
  normals,
  repeated,
  sampleOf,
  wildWeights,
} from "./support.js";

const K = 3;
const CONTEXT = [0.4, -1.1, 0.7];

const field = modulatedResidual({ width: 12, blocks: 1, embedding: 4 });
const families: readonly (readonly [string, ConditionalDensity])[] = [
  ["flow matching", flowMatching({ field, steps: 12 })],
  ["diffusion", diffusion({ field, steps: 12 })],
];

/** Points of a grid on [-8, 8] in d dimensions, and the volume of a cell. */
function grid(side: number, d: number) {
  const step = 16 / (side - 1);
  const n = side ** d;
  const values = Float32Array.from({ length: n * d }, (_, i) => {
    const cell = Math.floor(i / d);
    return -8 + step * (Math.floor(cell / side ** (i % d)) % side);
  });
  return { n, step, u: hostTensor(values, [n, d]), volume: step ** d };
}

describe.each(families)("%s", (_, density) => {
  const logDensity = (scope: Scope, of: (name: string) => Tensor) => ({
    l: density.logDensity(scope, of("u"), of("context")),
  });

  test.each([
    [801, 1],
    [61, 2],
  ])("integrates to one (%d points a side, d = %d)", async (side, d) => {
    const { n, u, volume } = grid(side, d);
    const feeds = { u, context: repeated(CONTEXT, n) };
    const results = await evaluate(wildWeights(density, d, K), feeds, logDensity);
    expect(results("l").reduce((a, l) => a + volume * Math.exp(l), 0)).toBeCloseTo(1, 2);
  });

  test("draws follow the density (Kolmogorov and Smirnov)", async () => {
    const n = 4_000;
    const weights = wildWeights(density, 1, K);
    const feeds = { normal: normals("normal", [n, 1]), context: repeated(CONTEXT, n) };
    const drawn = await evaluate(weights, feeds, (scope, of) => ({
      x: sampleOf(density, 1, scope, of),
    }));
    const { n: points, u, step } = grid(1601, 1);
    const logs = await evaluate(weights, { u, context: repeated(CONTEXT, points) }, logDensity);
    const cumulative = new Float64Array(points);
    for (let i = 1; i < points; i++) {
      const [a = 0, b = 0] = logs("l").slice(i - 1, i + 1);
      cumulative[i] = (cumulative[i - 1] ?? 0) + (step * (Math.exp(a) + Math.exp(b))) / 2;
    }
    let distance = 0;
    for (const [i, x] of drawn("x").toSorted().entries()) {
      const place = Math.min(points - 2, Math.max(0, (x + 8) / step));
      const at = Math.floor(place);
      const [lo = 0, hi = 0] = cumulative.slice(at, at + 2);
      distance = Math.max(distance, Math.abs(lo + (place - at) * (hi - lo) - (i + 0.5) / n));
    }
    // The distance times √n exceeds 1.95 once in a thousand.
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95);
  });

  test("takes contexts that broadcast as if they were repeated, and comes back from its file", async () => {
    const [batch, draws, d] = [3, 4, 2];
    const context = normals("contexts", [batch, 1, K]);
    const u = normals("u", [batch, draws, d]);
    const rows = Float32Array.from({ length: batch * draws * K }, (_value, i) =>
      Number(context.data[Math.floor(i / (draws * K)) * K + (i % K)]),
    );
    const apart = {
      u: { ...u, shape: [batch * draws, d] },
      context: hostTensor(rows, [batch * draws, K]),
    };
    const again = densityFromJSON(density.describe());
    expect(again.describe()).toEqual(density.describe());
    const weights = wildWeights(density, d, K);
    const build = (q: ConditionalDensity) => (scope: Scope, of: (name: string) => Tensor) => ({
      l: q.logDensity(scope, of("u"), of("context")),
      x: q.sample(scope, { normal: of("u") }, of("context")),
    });
    const one = await evaluate(weights, { u, context }, build(density));
    const other = await evaluate(weights, apart, build(again));
    expect(largestDifference(one("l"), other("l"))).toBeLessThan(5e-4);
    expect(largestDifference(one("x"), other("x"))).toBeLessThan(2e-4);
  });
});

test("a mean flow's density is that of flow matching by its average over nothing", async () => {
  const density = meanFlow({ field, steps: 12 });
  const { n, u, volume } = grid(801, 1);
  const feeds = { u, context: repeated(CONTEXT, n) };
  const results = await evaluate(wildWeights(density, 1, K), feeds, (scope, of) => ({
    l: density.logDensity(scope, of("u"), of("context")),
  }));
  expect(results("l").reduce((a, l) => a + volume * Math.exp(l), 0)).toBeCloseTo(1, 2);
});

test("a consistency model has no density, and says what has", () => {
  const [u, context] = [input("u", [1, 2]), input("context", [1, K])];
  const scope = Scope.root(new Variables(), "inference");
  expect(() => consistency().logDensity(scope, u, context)).toThrow(
    "has no density; where log-densities are needed, take flowMatching()",
  );
});
