import {
  compile,
  gradient,
  hostTensor,
  input,
  Scope,
  slice,
  sum,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { describe, expect, test } from "vitest";
import {
  affineAutoregressive,
  affineCoupling,
  gaussian,
  gaussianMixture,
  splineAutoregressive,
  splineCoupling,
  type ConditionalDensity,
} from "../../src/densities/index.js";
import { transformedCoordinates } from "../../src/densities/coupling.js";
import { stream } from "../../src/random/index.js";
import {
  evaluate,
  largestDifference,
  noiseFor,
  normals,
  repeated,
  runtime,
  sampleOf,
  wildWeights,
} from "./support.js";

const K = 3;
const CONTEXT = [0.4, -1.1, 0.7];

const small = { hidden: [12, 12] };
const families: readonly (readonly [string, ConditionalDensity])[] = [
  ["gaussian", gaussian(small)],
  ["diagonal gaussian", gaussian({ ...small, covariance: "diagonal" })],
  ["gaussian mixture", gaussianMixture({ ...small, components: 3 })],
  ["affine coupling", affineCoupling({ ...small, layers: 4, scaleBound: 1, activation: "tanh" })],
  ["spline coupling", splineCoupling({ ...small, layers: 3, bins: 6 })],
  ["rotated spline coupling", splineCoupling({ ...small, layers: 3, bins: 6, mixing: "rotation" })],
  [
    "permuted affine coupling",
    affineCoupling({
      ...small,
      layers: 4,
      scaleBound: 1,
      activation: "tanh",
      mixing: "permutation",
    }),
  ],
  [
    "affine autoregressive",
    affineAutoregressive({ ...small, layers: 2, scaleBound: 1, activation: "tanh", mixing: "lu" }),
  ],
  ["spline autoregressive", splineAutoregressive({ ...small, layers: 2, bins: 6 })],
  // Fewer units than coordinates: none of the last degrees.
  [
    "narrow autoregressive",
    splineAutoregressive({ hidden: [12, 3], layers: 2, bins: 6, activation: "silu" }),
  ],
];
/** Families whose draws are a smooth one-to-one function of normal noise. */
const flows = families.filter(([name]) => name !== "gaussian mixture");

/** Determinant by elimination with pivots. */
function determinant(matrix: readonly Float64Array[]): number {
  const a = matrix.map((row) => Float64Array.from(row));
  let product = 1;
  for (let j = 0; j < a.length; j++) {
    const at = a.findIndex(
      (row, i) =>
        i >= j && a.every((r, l) => l < j || Math.abs(r[j] ?? 0) <= Math.abs(row[j] ?? 0)),
    );
    const [top, other] = [a[at], a[j]];
    if (top === undefined || other === undefined) return Number.NaN;
    if (at !== j) {
      [a[at], a[j]] = [other, top];
      product = -product;
    }
    product *= top[j] ?? 0;
    for (let i = j + 1; i < a.length; i++) {
      const factor = (a[i]?.[j] ?? 0) / (top[j] ?? 1);
      a[i] = top.map((v, l) => (a[i]?.[l] ?? 0) - factor * v);
    }
  }
  return product;
}

describe.each(families)("%s", (_, density) => {
  const logDensity = (scope: Scope, of: (name: string) => Tensor) => ({
    l: density.logDensity(scope, of("u"), of("context")),
  });

  test("integrates to one in one dimension", async () => {
    const n = 4001;
    const step = 24 / (n - 1);
    const u = hostTensor(
      Float32Array.from({ length: n }, (_value, i) => -12 + i * step),
      [n, 1],
    );
    const feeds = { u, context: repeated(CONTEXT, n) };
    const results = await evaluate(wildWeights(density, 1, K), feeds, logDensity);
    expect(results("l").reduce((a, l) => a + step * Math.exp(l), 0)).toBeCloseTo(1, 3);
  });

  test("integrates to one in two dimensions", async () => {
    const side = 401;
    const step = 24 / (side - 1);
    const grid = Float32Array.from({ length: 2 * side * side }, (_value, i) => {
      const cell = Math.floor(i / 2);
      return -12 + step * (i % 2 === 0 ? Math.floor(cell / side) : cell % side);
    });
    const u = hostTensor(grid, [side * side, 2]);
    const feeds = { u, context: repeated(CONTEXT, side * side) };
    const results = await evaluate(wildWeights(density, 2, K), feeds, logDensity);
    expect(results("l").reduce((a, l) => a + step * step * Math.exp(l), 0)).toBeCloseTo(1, 2);
  });

  test.each([1, 2, 5])("broadcasts leading axes like repeated contexts (d = %d)", async (d) => {
    const [batch, draws] = [3, 4];
    const context = normals("contexts", [batch, 1, K]);
    const row = (i: number): number => Math.floor(i / (draws * K)) * K + (i % K);
    const contexts = hostTensor(
      Float32Array.from({ length: batch * draws * K }, (_value, i) => Number(context.data[row(i)])),
      [batch * draws, K],
    );
    const feeds = { u: normals("u", [batch, draws, d]), ...noiseFor(density, d, [batch, draws]) };
    const flat = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape }]) => [
        name,
        { dtype: "float32" as const, data, shape: [batch * draws, shape[2] ?? 1] },
      ]),
    );
    const weights = wildWeights(density, d, K);
    const build = (scope: Scope, of: (name: string) => Tensor) => ({
      ...logDensity(scope, of),
      x: sampleOf(density, d, scope, of),
    });
    const shared = await evaluate(weights, { ...feeds, context }, build);
    const apart = await evaluate(weights, { ...flat, context: contexts }, build);
    expect(largestDifference(shared("l"), apart("l"))).toBeLessThan(5e-4);
    expect(largestDifference(shared("x"), apart("x"))).toBeLessThan(2e-4);
  });

  test("compiles for dynamic batches and draws", async () => {
    const d = 3;
    const weights = wildWeights(density, d, K);
    const context = input("context", ["batch", 1, K]);
    const { normal, uniform } = density.noise(d);
    const inputs = {
      context,
      normal: input("normal", ["batch", "draws", normal]),
      ...(uniform > 0 && { uniform: input("uniform", ["batch", "draws", uniform]) }),
    };
    const x = density.sample(weights.scope, inputs, context);
    const l = density.logDensity(weights.scope, x, context);
    const { variables, weights: values } = weights;
    const program = await compile(
      { inputs, outputs: { x, l }, variables, weights: values },
      runtime,
    );
    const feeds = { ...noiseFor(density, d, [2, 5]), context: normals("contexts", [2, 1, K]) };
    const dynamic = await program.run({ ...feeds, normal: normals("normal", [2, 5, normal]) });
    await program.release();
    const fixed = await evaluate(weights, feeds, (scope, of) => ({
      x: sampleOf(density, d, scope, of),
    }));
    expect(dynamic.x.shape).toEqual([2, 5, d]);
    expect(dynamic.l.shape).toEqual([2, 5]);
    expect(largestDifference(dynamic.x.data, fixed("x"))).toBeLessThan(1e-5);
  });

  test("draws follow the density (Kolmogorov and Smirnov)", async () => {
    const n = 20_000;
    const points = 8001;
    const step = 24 / (points - 1);
    const weights = wildWeights(density, 1, K);
    const drawn = await evaluate(
      weights,
      { ...noiseFor(density, 1, [n]), context: repeated(CONTEXT, n) },
      (scope, of) => ({ x: sampleOf(density, 1, scope, of) }),
    );
    const u = hostTensor(
      Float32Array.from({ length: points }, (_value, i) => -12 + i * step),
      [points, 1],
    );
    const feeds = { u, context: repeated(CONTEXT, points) };
    const logs = (await evaluate(weights, feeds, logDensity))("l");
    const cumulative = new Float64Array(points);
    for (let i = 1; i < points; i++) {
      const area = (step * (Math.exp(logs[i - 1] ?? 0) + Math.exp(logs[i] ?? 0))) / 2;
      cumulative[i] = (cumulative[i - 1] ?? 0) + area;
    }
    const sorted = drawn("x").toSorted();
    let distance = 0;
    for (const [i, x] of sorted.entries()) {
      const place = Math.min(points - 2, Math.max(0, (x + 12) / step));
      const at = Math.floor(place);
      const [lo = 0, hi = 0] = cumulative.slice(at, at + 2);
      distance = Math.max(distance, Math.abs(lo + (place - at) * (hi - lo) - (i + 0.5) / n));
    }
    // The distance times √n exceeds 1.95 once in a thousand.
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95);
  });
});

describe.each(flows)("%s", (_, density) => {
  test.each([1, 2, 3, 4])(
    "the density is that of its draws, by their Jacobian (d = %d)",
    async (d) => {
      const n = 40;
      const feeds = { ...noiseFor(density, d, [n]), context: normals("contexts", [n, K]) };
      const results = await evaluate(wildWeights(density, d, K), feeds, (scope, of) => {
        const x = sampleOf(density, d, scope, of);
        const rows = Array.from({ length: d }, (_value, i) => {
          const [row = x] = gradient(sum(slice(x, 1, i, i + 1)), [of("normal")]);
          return [`row${i}`, row] as const;
        });
        return { ...Object.fromEntries(rows), l: density.logDensity(scope, x, of("context")) };
      });
      const normal = feeds.normal.data;
      for (let k = 0; k < n; k++) {
        const jacobian = Array.from({ length: d }, (_value, i) =>
          Float64Array.from(results(`row${i}`).slice(k * d, (k + 1) * d)),
        );
        let expected = -Math.log(Math.abs(determinant(jacobian)));
        for (let i = 0; i < d; i++) {
          expected -= 0.5 * Number(normal[k * d + i]) ** 2 + 0.5 * Math.log(2 * Math.PI);
        }
        expect(Math.abs((results("l")[k] ?? 0) - expected)).toBeLessThan(
          2e-3 * (1 + Math.abs(expected)),
        );
      }
    },
  );
});

describe("coupling flows", () => {
  test.each([
    ["affine", affineCoupling()],
    ["spline", splineCoupling()],
  ] as const)("%s: begins near a standard normal", async (_name, density) => {
    const d = 3;
    const variables = new Variables();
    const scope = Scope.root(variables, "inference");
    const u = input("u", [200, d]);
    const context = input("context", [200, K]);
    const l = density.logDensity(scope, u, context);
    const weights = variables.initialize(stream(2));
    const program = await compile(
      { inputs: { u, context }, outputs: { l }, variables, weights },
      runtime,
    );
    const values = normals("u", [200, d]);
    const found = (await program.run({ u: values, context: normals("c", [200, K]) })).l.data;
    await program.release();
    for (let k = 0; k < 200; k++) {
      let expected = (-d / 2) * Math.log(2 * Math.PI);
      for (let i = 0; i < d; i++) expected -= 0.5 * Number(values.data[k * d + i]) ** 2;
      expect(Math.abs(Number(found[k]) - expected)).toBeLessThan(0.5);
    }
  });

  test("every pair of coordinates is told apart by some layer, and each is transformed", () => {
    for (const d of [2, 3, 4, 5, 7, 10]) {
      const layers = 2 * Math.ceil(Math.log2(d));
      const groups = Array.from({ length: layers }, (_value, l) => transformedCoordinates(l, d));
      for (let i = 0; i < d; i++) {
        expect(groups.some((g) => g.includes(i))).toBe(true);
        for (let j = 0; j < i; j++) {
          expect(groups.some((g) => g.includes(i) !== g.includes(j))).toBe(true);
        }
      }
      expect(groups.every((g) => g.length > 0 && g.length < d)).toBe(true);
    }
  });

  test("refuse settings out of range", () => {
    expect(() => splineCoupling({ layers: 0 })).toThrow(/at least 1/);
    expect(() => splineCoupling({ bins: 1 })).toThrow(/bins/);
    expect(() => splineCoupling({ bound: -1 })).toThrow(/bound/);
    expect(() => gaussianMixture({ components: 0 })).toThrow(/components/);
  });
});
