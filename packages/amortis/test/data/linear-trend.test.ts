import { compile, hostTensor, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import {
  learnLinearTrend,
  lessTrend,
  MOST_FEATURES,
  trendLogScale,
  withTrend,
} from "../../src/data/linear-trend.js";
import { linearAt, linearRows } from "../../src/data/least-squares.js";
import { fromColumns, toColumns } from "../../src/densities/columns.js";
import { stream } from "../../src/random/index.js";

/** v = W x + b + L ε with two targets of three features. */
const WEIGHTS = [0.8, -0.3, 0, 1.2, -0.5, 0.4];
const INTERCEPT = [0.3, -1];
const FACTOR = [0.5, 0, 0.35, 0.2];

function simulated(n: number, seed: string): { x: Float32Array; v: Float32Array } {
  const random = stream("linear trend").split(seed);
  const x = Float32Array.from({ length: 3 * n }, () => random.normal());
  const v = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const noise = [random.normal(), random.normal()];
    for (let j = 0; j < 2; j++) {
      let value = INTERCEPT[j] ?? 0;
      for (let k = 0; k < 3; k++) value += (x[3 * i + k] ?? 0) * (WEIGHTS[2 * k + j] ?? 0);
      for (let k = 0; k < 2; k++) value += (FACTOR[2 * j + k] ?? 0) * (noise[k] ?? 0);
      v[2 * i + j] = value;
    }
  }
  return { x, v };
}

describe("a linear trend", () => {
  test("is that of the simulations, with the spread about it", () => {
    const n = 20_000;
    const { x, v } = simulated(n, "learned");
    const trend = learnLinearTrend(x, 3, v, 2);
    // Standard errors are at most .61 / √n of weights, and about as much of factors.
    const close = (found: readonly number[] | undefined, expected: readonly number[]): void => {
      for (const [i, value] of expected.entries()) {
        expect(Math.abs((found?.[i] ?? Infinity) - value)).toBeLessThan((4 * 0.61) / Math.sqrt(n));
      }
    };
    close(trend?.weights, WEIGHTS);
    close(trend?.intercept, INTERCEPT);
    close(trend?.factor, FACTOR);
  });

  test("is none, where the data say nothing: what is left are the targets' own moments", () => {
    const random = stream("nothing to be seen");
    const [n, k] = [200, 100];
    const x = Float32Array.from({ length: n * k }, () => random.normal());
    const v = Float32Array.from({ length: n }, () => random.normal());
    const fresh = Float32Array.from({ length: n * k }, () => random.normal());
    const trend = learnLinearTrend(x, k, v, 1);
    if (trend === undefined) throw new Error("a trend is expected");
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const m = trend.weights.reduce((sum, w, j) => sum + w * (fresh[i * k + j] ?? 0), 0);
      squares += m ** 2 / n;
    }
    // Least squares would have a variance near 1 here.
    expect(squares).toBeLessThan(0.1);
    expect(trend.factor[0]).toBeGreaterThan(0.85);
  });

  test.each([
    [8, 20],
    [18, 20],
    [36, 100],
    [90, 100],
  ])("of %i rows and %i features leaves what new rows show", (n, k) => {
    const squares = Array.from({ length: 20 }, (_, repeat) => {
      const random = stream("few rows").split(1000 * n + repeat);
      const row = (): readonly [readonly number[], number] => {
        const level = random.normal();
        return [Array.from({ length: k }, () => level + random.normal()), level];
      };
      const seen = Array.from({ length: n }, row);
      const trend = learnLinearTrend(
        seen.flatMap(([x]) => x),
        k,
        seen.map(([, v]) => v),
        1,
      );
      if (trend === undefined) throw new Error("a trend is expected");
      const [sd = 0] = trend.factor;
      const fresh = Array.from({ length: 100 }, row);
      const errors = fresh.map(([x, v]) => (v - (linearRows(x, trend)[0] ?? NaN)) / sd);
      return errors.reduce((sum, error) => sum + error ** 2 / errors.length, 0);
    });
    // About one for right ones; for those that fit the rows themselves, a million.
    expect(squares.toSorted((a, b) => a - b)[10]).toBeLessThan(3);
    expect(Math.max(...squares)).toBeLessThan(10);
  });

  test("is not asked of too many features, too few rows, or numbers that are not finite", () => {
    const zeros = new Float32Array(4 * (MOST_FEATURES + 1));
    expect(learnLinearTrend(zeros, MOST_FEATURES + 1, [1, 2, 3, 4], 1)).toBeUndefined();
    expect(learnLinearTrend([1, 2, 3], 1, [1, 2, 3], 1)).toBeUndefined();
    const { x, v } = simulated(50, "broken");
    expect(learnLinearTrend(x.fill(Number.NaN, 0, 1), 3, v, 2)).toBeUndefined();
  });

  test("comes off and back on in a graph, and changes densities by its determinant", async () => {
    const { x, v } = simulated(500, "graph");
    const trend = learnLinearTrend(x, 3, v, 2);
    if (trend === undefined) throw new Error("a trend is expected");
    const inputs = { x: input("x", ["batch", 3]), v: input("v", ["batch", 2]) };
    const m = linearAt(inputs.x, trend);
    const epsilon = lessTrend(inputs.v, m, trend);
    const columns = withTrend(toColumns(epsilon, "ε"), toColumns(m, "m"), trend);
    const outputs = { epsilon, again: fromColumns(columns) };
    const program = await compile({ inputs, outputs }, nodeRuntime({ threads: 1 }));
    const feeds = { x: hostTensor(x, [500, 3]), v: hostTensor(v, [500, 2]) };
    const results = await program.run(feeds);
    await program.release();
    const again = results.again.data;
    for (let i = 0; i < v.length; i++) {
      expect(Math.abs(Number(again[i]) - (v[i] ?? 0))).toBeLessThan(1e-5);
    }
    // What is left is white in the sample it was learned of, but for the degrees of freedom.
    const left = results.epsilon.data;
    let [a, b, ab] = [0, 0, 0];
    for (let i = 0; i < 500; i++) {
      const [first, second] = [Number(left[2 * i]), Number(left[2 * i + 1])];
      a += first ** 2 / 500;
      b += second ** 2 / 500;
      ab += (first * second) / 500;
    }
    expect(a).toBeCloseTo(1, 1);
    expect(b).toBeCloseTo(1, 1);
    expect(ab).toBeCloseTo(0, 2);
    const [l00 = 0, , , l11 = 0] = trend.factor;
    expect(trendLogScale(trend)).toBeCloseTo(Math.log(l00 * l11), 12);
  });
});
