import { compile, hostTensor, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import { linearRows } from "../../src/data/least-squares.js";
import { learnLinearTrend } from "../../src/data/linear-trend.js";
import { learnTrendRest, trendRestAt } from "../../src/data/trend-rest.js";
import { stream } from "../../src/random/index.js";

const PLACES = 12;
const ROWS = 3_000;

/** Lines y = slope t + noise ε with log noise uniform on [log .01, log 1], and parameters (slope, log noise). */
function lines(seed: string): { y: Float32Array; parameters: Float32Array } {
  const random = stream("trend rest").split(seed);
  const y = new Float32Array(ROWS * PLACES);
  const parameters = new Float32Array(ROWS * 2);
  for (let i = 0; i < ROWS; i++) {
    const slope = random.normal();
    const logNoise = Math.log(0.01) * random.uniform();
    parameters.set([slope, logNoise], 2 * i);
    for (let t = 0; t < PLACES; t++)
      y[i * PLACES + t] = slope * (t / PLACES) + Math.exp(logNoise) * random.normal();
  }
  return { y, parameters };
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((s, v) => s + v, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] ?? 0) - ma, (b[i] ?? 0) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

async function sizes(y: Float32Array, of: ReturnType<typeof learnt>): Promise<Float32Array> {
  const features = input("y", ["batch", PLACES]);
  const location = input("m", ["batch", 2]);
  const size = trendRestAt(features, location, of.rest);
  const program = await compile(
    { name: "rest", inputs: { y: features, m: location }, outputs: { size } },
    nodeRuntime(),
  );
  try {
    const m = Float32Array.from(linearRows(y, of.trend));
    const n = y.length / PLACES;
    const found = await program.run({
      y: hostTensor(y, [n, PLACES]),
      m: hostTensor(m, [n, 2]),
    });
    const { data } = found.size ?? {};
    if (!(data instanceof Float32Array)) throw new TypeError("no sizes");
    return data;
  } finally {
    await program.release();
  }
}

function learnt(y: Float32Array, parameters: Float32Array) {
  const trend = learnLinearTrend(y, PLACES, parameters, 2);
  const rest = trend && learnTrendRest(y, PLACES, trend);
  if (trend === undefined || rest === undefined) throw new TypeError("nothing learned");
  return { trend, rest };
}

describe("what a trend leaves", () => {
  test("tells the scale of the noise about a line over two decades as the residual sum of squares does", async () => {
    const { y, parameters } = lines("train");
    const of = learnt(y, parameters);
    const fresh = lines("fresh");
    const logNoise = Array.from({ length: ROWS }, (_, i) => fresh.parameters[2 * i + 1] ?? 0);
    const exact = Array.from({ length: ROWS }, (_, i) => {
      const row = fresh.y.subarray(i * PLACES, (i + 1) * PLACES);
      const [ty, tt] = row.reduce(
        ([a, b], v, t) => [a + (t / PLACES) * v, b + (t / PLACES) ** 2] as const,
        [0, 0] as readonly [number, number],
      );
      return Math.log(row.reduce((sum, v, t) => sum + (v - ((ty / tt) * t) / PLACES) ** 2, 0)) / 2;
    });
    const found = await sizes(fresh.y, of);
    // The log of the residual sum of squares of 11 degrees of freedom has an sd of .22 about a log noise of sd 1.33: correlation .986. A trend that is learned leaves a
    // hundredth of the slope, which is as large as the least noise.
    expect(correlation(exact, logNoise)).toBeGreaterThan(0.98);
    expect(correlation(found, logNoise)).toBeGreaterThan(0.97);
    expect(correlation(found, exact)).toBeGreaterThan(0.985);
  });

  test("is standardised over the simulations that it was learned of", async () => {
    const { y, parameters } = lines("train");
    const found = Array.from(await sizes(y, learnt(y, parameters)));
    const mean = found.reduce((a, b) => a + b, 0) / ROWS;
    const sd = Math.sqrt(found.reduce((a, b) => a + (b - mean) ** 2, 0) / ROWS);
    expect(mean).toBeCloseTo(0, 4);
    expect(sd).toBeCloseTo(1, 4);
  });

  test("is uncorrelated with the trend's location, as what least squares leave is", () => {
    const { y, parameters } = lines("train");
    const { trend, rest } = learnt(y, parameters);
    const m = linearRows(y, trend);
    const slopes = Array.from({ length: ROWS }, (_, i) => m[2 * i] ?? 0);
    for (const j of [0, 5, PLACES - 1]) {
      const left = Array.from({ length: ROWS }, (_, i) => {
        const along = [0, 1].reduce(
          (sum, a) => sum + (m[2 * i + a] ?? 0) * (rest.weights[a * PLACES + j] ?? 0),
          rest.intercept[j] ?? 0,
        );
        return (y[i * PLACES + j] ?? 0) - along;
      });
      expect(Math.abs(correlation(left, slopes))).toBeLessThan(1e-4);
    }
  });

  test("is nothing where there are no more numbers than locations, or these determine them", () => {
    const random = stream("trend rest").split("nothing");
    const map = { weights: [1, 0, 0, 1], intercept: [0, 0] };
    const x = Float32Array.from({ length: 2 * 200 }, () => random.normal());
    expect(learnTrendRest(x, 2, map)).toBeUndefined();
    const determined = Float64Array.from({ length: 3 * 200 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3];
      return (x[2 * i] ?? 0) * (j + 1) - (x[2 * i + 1] ?? 0) * j;
    });
    // The first two numbers say the third.
    expect(learnTrendRest(determined, 3, { ...map, weights: [1, 0, 0, 1, 0, 0] })).toBeUndefined();
  });
});
