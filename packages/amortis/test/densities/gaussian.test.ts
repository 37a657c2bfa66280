import { compile, constant, hostTensor, input, type Tensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { gaussian, gaussianMixture } from "../../src/densities/index.js";
import {
  gaussianDraw,
  gaussianLogDensity,
  gaussianParameters,
} from "../../src/densities/gaussian-columns.js";
import { stream } from "../../src/random/index.js";
import {
  evaluate,
  noiseFor,
  numbersOf,
  repeated,
  runtime,
  sampleOf,
  wildWeights,
} from "./support.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** Outputs of a graph of constants in double precision. */
async function numbers(build: () => Tensor): Promise<Float64Array> {
  const unused = input("unused", [1]);
  const program = await compile({ inputs: { unused }, outputs: { y: build() } }, runtime);
  const { y } = await program.run({ unused: [0] });
  await program.release();
  return numbersOf(y.data);
}

const column = (values: ArrayLike<number>, rows: number): Tensor =>
  constant(Float64Array.from(values), [rows, values.length / rows], "float64");

/** The free number whose log scale is s. */
const free = (s: number): number => 10 * Math.atanh(s / 10);

/** log N(u; mean, covariance) in two dimensions, written out. */
function closedForm(u: readonly number[], mean: readonly number[], c: readonly number[]): number {
  const [a = 0, b = 0, , e = 0] = c;
  const determinant = a * e - b * b;
  const [x, y] = [(u[0] ?? 0) - (mean[0] ?? 0), (u[1] ?? 0) - (mean[1] ?? 0)];
  const quadratic = (e * x * x - 2 * b * x * y + a * y * y) / determinant;
  return -0.5 * quadratic - 0.5 * Math.log(determinant) - LOG_2PI;
}

describe("Gaussian columns", () => {
  test("the log density is the closed form's", async () => {
    // Precision (I + N)ᵀ exp(2 s) (I + N), with N₂₁ = n.
    const [m1, m2, s1, s2, n] = [0.3, -0.8, 0.5, -0.4, 1.7];
    const [p1, p2] = [Math.exp(2 * s1), Math.exp(2 * s2)];
    const precision = [p1 + n * n * p2, n * p2, n * p2, p2];
    const determinant = p1 * p2;
    const covariance = [p2, -n * p2, -n * p2, p1 + n * n * p2].map((v) => v / determinant);
    expect((precision[0] ?? 0) * (precision[3] ?? 0) - (precision[1] ?? 0) ** 2).toBeCloseTo(
      determinant,
      10,
    );
    const points = [
      [0.1, 0.2],
      [-1, 2],
      [3, -2],
    ];
    const u = column([0.1, -1, 3, 0.2, 2, -2], 2);
    const raw = column([m1, m2, free(s1), free(s2), n], 5);
    const found = await numbers(() => gaussianLogDensity(u, raw, "full"));
    for (const [i, point] of points.entries()) {
      expect(found[i]).toBeCloseTo(closedForm(point, [m1, m2], covariance), 10);
    }
  });

  test("a draw is undone by its density: z has log density log N(z) + Σ s", async () => {
    const [d, n] = [5, 30];
    const random = stream(4);
    const size = gaussianParameters(d, "full");
    const z = column(
      Float64Array.from({ length: d * n }, () => random.normal()),
      d,
    );
    const values = Float64Array.from({ length: size * n }, () => random.normal());
    for (const raw of [column(values, size), column(values.slice(0, size), size)]) {
      const found = await numbers(() =>
        gaussianLogDensity(gaussianDraw(z, raw, "full"), raw, "full"),
      );
      const data = await numbers(() => z);
      const given = await numbers(() => raw);
      const m = given.length / size;
      for (let i = 0; i < n; i++) {
        let expected = 0;
        for (let j = 0; j < d; j++) {
          const s = 10 * Math.tanh((given[(d + j) * m + (m === 1 ? 0 : i)] ?? 0) / 10);
          expected += s - 0.5 * (data[j * n + i] ?? 0) ** 2 - 0.5 * LOG_2PI;
        }
        expect(found[i]).toBeCloseTo(expected, 9);
      }
    }
  });
});

describe("conditional Gaussian", () => {
  test("draws have the mean and covariance that the density has", async () => {
    const density = gaussian({ hidden: [8] });
    const n = 40_000;
    const weights = wildWeights(density, 2, 1);
    const feeds = { ...noiseFor(density, 2, [n]), context: repeated([0.6], n) };
    const drawn = (
      await evaluate(weights, feeds, (scope, of) => ({ x: sampleOf(density, 2, scope, of) }))
    )("x");
    const mean = [0, 0];
    const covariance = [0, 0, 0, 0];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < 2; j++) mean[j] = (mean[j] ?? 0) + (drawn[2 * i + j] ?? 0) / n;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < 4; j++) {
        const [a, b] = [j >> 1, j & 1];
        const product =
          ((drawn[2 * i + a] ?? 0) - (mean[a] ?? 0)) * ((drawn[2 * i + b] ?? 0) - (mean[b] ?? 0));
        covariance[j] = (covariance[j] ?? 0) + product / n;
      }
    }
    const points = [
      [0, 0],
      [0.7, -0.4],
    ];
    const u = hostTensor(points.flat(), [2, 2]);
    const found = (
      await evaluate(weights, { u, context: repeated([0.6], 2) }, (scope, of) => ({
        l: density.logDensity(scope, of("u"), of("context")),
      }))
    )("l");
    // Moments of 40,000 draws are known to about 1 %.
    for (const [i, point] of points.entries()) {
      expect(Math.abs((found[i] ?? 0) - closedForm(point, mean, covariance))).toBeLessThan(0.06);
    }
  });
});

describe("conditional mixture", () => {
  test("of one component is the Gaussian", async () => {
    const [one, other] = [gaussianMixture({ components: 1, hidden: [] }), gaussian({ hidden: [] })];
    const mixture = wildWeights(one, 2, 1);
    const single = wildWeights(other, 2, 1);
    // The first output is the component's logit, which alone does not matter.
    const sizes = { mixture: 6, single: 5 };
    const weight = mixture.weights.slice(1, sizes.mixture);
    const bias = mixture.weights.slice(sizes.mixture + 1);
    single.weights.set([...weight, ...bias]);
    expect(single.weights).toHaveLength(2 * sizes.single);
    const feeds = {
      u: hostTensor([0.3, -0.2, 1, 2], [2, 2]),
      context: hostTensor([0.5, -2], [2, 1]),
    };
    const [a, b] = await Promise.all([
      evaluate(mixture, feeds, (scope, of) => ({
        l: one.logDensity(scope, of("u"), of("context")),
      })),
      evaluate(single, feeds, (scope, of) => ({
        l: other.logDensity(scope, of("u"), of("context")),
      })),
    ]);
    expect(a("l")[0]).toBeCloseTo(b("l")[0] ?? 0, 5);
    expect(a("l")[1]).toBeCloseTo(b("l")[1] ?? 0, 5);
  });
});
