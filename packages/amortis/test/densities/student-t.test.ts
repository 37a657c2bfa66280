import { hostTensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { densityFromJSON, studentT } from "../../src/densities/index.js";
import {
  evaluate,
  largestDifference,
  normals,
  repeated,
  uniforms,
  wildWeights,
} from "./support.js";

const density = studentT({ hidden: [12, 12] });
const CONTEXT = [0.4, -1.1, 0.7];

describe("studentT", () => {
  test("integrates to one, tails and all, in one dimension", async () => {
    // u = sinh(t), so that the grid reaches far.
    const [n, reach] = [8001, 14];
    const step = (2 * reach) / (n - 1);
    const at = (i: number): number => -reach + i * step;
    const u = hostTensor(
      Float32Array.from({ length: n }, (_, i) => Math.sinh(at(i))),
      [n, 1],
    );
    const results = await evaluate(
      wildWeights(density, 1, 3),
      { u, context: repeated(CONTEXT, n) },
      (scope, of) => ({ l: density.logDensity(scope, of("u"), of("context")) }),
    );
    const total = results("l").reduce((a, l, i) => a + step * Math.cosh(at(i)) * Math.exp(l), 0);
    expect(total).toBeCloseTo(1, 3);
  });

  test("draws follow the density (Kolmogorov and Smirnov)", async () => {
    const [n, points, reach] = [20_000, 8001, 14];
    const weights = wildWeights(density, 1, 3);
    const drawn = await evaluate(
      weights,
      { uniform: uniforms("u", [n, 2]), context: repeated(CONTEXT, n) },
      (scope, of) => ({ x: density.sample(scope, { uniform: of("uniform") }, of("context")) }),
    );
    const step = (2 * reach) / (points - 1);
    const at = (i: number): number => -reach + i * step;
    const u = hostTensor(
      Float32Array.from({ length: points }, (_, i) => Math.sinh(at(i))),
      [points, 1],
    );
    const logs = (
      await evaluate(weights, { u, context: repeated(CONTEXT, points) }, (scope, of) => ({
        l: density.logDensity(scope, of("u"), of("context")),
      }))
    )("l");
    const height = (i: number): number => Math.cosh(at(i)) * Math.exp(logs[i] ?? 0);
    const cumulative = new Float64Array(points);
    for (let i = 1; i < points; i++) {
      cumulative[i] = (cumulative[i - 1] ?? 0) + (step * (height(i - 1) + height(i))) / 2;
    }
    let distance = 0;
    for (const [i, x] of drawn("x").toSorted().entries()) {
      const place = Math.min(points - 2, Math.max(0, (Math.asinh(x) + reach) / step));
      const [lo = 0, hi = 0] = cumulative.slice(Math.floor(place), Math.floor(place) + 2);
      const below = lo + (place - Math.floor(place)) * (hi - lo);
      distance = Math.max(distance, Math.abs(below - (i + 0.5) / n));
    }
    // The distance times √n exceeds 1.95 once in a thousand.
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95);
  });

  test("gives a batch with shared contexts what it gives repeated ones, and comes back from its file", async () => {
    const [batch, draws, d] = [3, 4, 2];
    const weights = wildWeights(density, d, 3);
    const context = normals("contexts", [batch, 1, 3]);
    const u = normals("u", [batch, draws, d]);
    const again = densityFromJSON(density.describe());
    expect(again.describe()).toEqual(density.describe());
    const shared = await evaluate(weights, { u, context }, (scope, of) => ({
      l: density.logDensity(scope, of("u"), of("context")),
    }));
    const rows = Float32Array.from({ length: batch * draws * 3 }, (_, i) =>
      Number(context.data[Math.floor(i / (draws * 3)) * 3 + (i % 3)]),
    );
    const apart = await evaluate(
      weights,
      {
        u: hostTensor(Float32Array.from(u.data, Number), [batch * draws, d]),
        context: hostTensor(rows, [batch * draws, 3]),
      },
      (scope, of) => ({ l: again.logDensity(scope, of("u"), of("context")) }),
    );
    expect(largestDifference(shared("l"), apart("l"))).toBeLessThan(5e-4);
  });
});
