/**
 * Priors of matrices and of increasing vectors: densities against SciPy, torch and quadrature, bijections against their definition.
 */
import { readFileSync } from "node:fs";
import { compile, gradient, input, sum } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it, test } from "vitest";
import {
  beta,
  discreteUniform,
  inverseWishart,
  lkj,
  normal,
  ordered,
  stream,
  uniform,
  wishart,
  type Distribution,
} from "../../src/index.js";
import { distributionFromJSON } from "../../src/distributions/index.js";
import { finiteDifferences } from "./finite-differences.js";

interface Golden {
  readonly json: { readonly name: string };
  readonly x: readonly (readonly number[])[];
  readonly logDensity: readonly number[];
  readonly mean: readonly number[];
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by matrices_golden.py
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/matrices-golden.json", import.meta.url), "utf8"),
) as readonly Golden[];

test.each(golden.map((one) => [JSON.stringify(one.json), one] as const))(
  "%s has the densities of SciPy and torch, and draws with the right means",
  (_, { json, x, logDensity, mean }) => {
    const distribution = distributionFromJSON(json);
    for (const [i, value] of x.entries()) {
      expect(distribution.logDensity(value)).toBeCloseTo(logDensity[i] ?? Number.NaN, 8);
    }
    const n = 4000;
    const random = stream(4);
    const draws = Array.from({ length: n }, () => distribution.sample(random));
    for (const [k, wanted] of mean.entries()) {
      const values = draws.map((draw) => draw[k] ?? Number.NaN);
      const average = values.reduce((a, b) => a + b, 0) / n;
      const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / n;
      expect(Math.abs(average - wanted)).toBeLessThan(4.5 * Math.sqrt(variance / n));
    }
  },
);

const TWO = [
  [1, 0.5],
  [0.5, 2],
];
const all: readonly Distribution[] = [
  wishart(4, TWO),
  inverseWishart(5, TWO),
  lkj(2, 0.7),
  lkj(3, 1.5),
  lkj(4, 1),
  ordered(normal(1, 2), 3),
  ordered(uniform(0, 10), 4),
  ordered(beta(2, 1), 2),
];

describe.each(all.map((one) => [JSON.stringify(one), one] as const))("%s", (text, distribution) => {
  const { bijection, size } = distribution;
  const random = stream(6);
  const points = Array.from({ length: 8 }, () =>
    Float64Array.from({ length: size }, () => 0.5 * random.normal() - 0.5),
  );

  it("has a bijection onto its support, whose log-Jacobian is that of differences", () => {
    for (const u of points) {
      const theta = bijection.forward(u);
      expect(distribution.contains(theta)).toBe(true);
      for (const [i, value] of bijection.inverse(theta).entries()) {
        expect(value).toBeCloseTo(u[i] ?? Number.NaN, 8);
      }
      expect(bijection.logJacobian(u)).toBeCloseTo(finiteDifferences(bijection, u), 5);
    }
  });

  it("is the same in graphs, with gradients that are those of differences", async () => {
    const u = input("u", [points.length, size], "float64");
    const theta = bijection.graph.forward(u);
    const back = bijection.graph.inverse(theta);
    const jacobian = bijection.graph.logJacobian(u);
    const density = distribution.graph.logDensity(theta);
    const [slope = u] = gradient(sum(density), [u]);
    const outputs = { theta, back, jacobian, density, slope };
    const program = await compile({ inputs: { u }, outputs }, nodeRuntime());
    const found = await program.run({ u: Float64Array.from(points.flatMap((row) => [...row])) });
    for (const [i, point] of points.entries()) {
      const row = (name: "theta" | "back" | "slope"): readonly number[] =>
        Array.from(found[name].data, Number).slice(i * size, (i + 1) * size);
      const place = bijection.forward(point);
      for (let k = 0; k < size; k++) {
        expect(row("theta")[k]).toBeCloseTo(place[k] ?? Number.NaN, 8);
        expect(row("back")[k]).toBeCloseTo(point[k] ?? Number.NaN, 6);
        const at = (h: number): number =>
          distribution.logDensity(bijection.forward(point.map((v, j) => (j === k ? v + h : v))));
        expect(row("slope")[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
      }
      expect(Number(found.jacobian.data[i])).toBeCloseTo(bijection.logJacobian(point), 8);
      expect(Number(found.density.data[i])).toBeCloseTo(distribution.logDensity(place), 7);
    }
  });

  it("comes back from JSON, and refuses what lies outside", () => {
    const back = distributionFromJSON(JSON.parse(text));
    const draw = distribution.sample(stream(1));
    expect(back.sample(stream(1))).toEqual(draw);
    expect(back.logDensity(draw)).toBe(distribution.logDensity(draw));
    const outside = draw.map((x, i) => (i === 0 ? 1e6 : -Math.abs(x)));
    expect(distribution.contains(outside)).toBe(false);
    expect(distribution.logDensity(outside)).toBe(-Infinity);
    expect(distribution.contains(draw.subarray(1))).toBe(false);
  });
});

/** ∫ p(g(u)) |dg/du| du over a box, by midpoints. */
function massOf(distribution: Distribution, ends: number, cells: number): number {
  const { bijection, size } = distribution;
  const width = (2 * ends) / cells;
  let total = 0;
  for (let cell = 0; cell < cells ** size; cell++) {
    const u = Array.from(
      { length: size },
      (_, k) => -ends + width * ((Math.floor(cell / cells ** k) % cells) + 0.5),
    );
    const log = distribution.logDensity(bijection.forward(u)) + bijection.logJacobian(u);
    total += Math.exp(log) * width ** size;
  }
  return total;
}

test.each([
  [wishart(4, TWO), 7, 36],
  [
    inverseWishart(
      9,
      TWO.map((row) => row.map((x) => 6 * x)),
    ),
    6,
    44,
  ],
  [lkj(2, 0.7), 20, 400],
  [lkj(3, 1.5), 8, 40],
  [ordered(normal(1, 2), 2), 12, 160],
])("densities integrate to one (%#)", (distribution, ends, cells) => {
  expect(massOf(distribution, ends, cells)).toBeCloseTo(1, 3);
});

test("a correlation of two is a beta distribution on (-1, 1), and least values are those of order statistics", () => {
  const margin = beta(0.7, 0.7);
  for (const r of [-0.95, -0.2, 0.5]) {
    const wanted = margin.logDensity([(r + 1) / 2]) - Math.LN2;
    expect(lkj(2, 0.7).logDensity([r])).toBeCloseTo(wanted, 10);
  }
  const random = stream(2);
  const n = 4000;
  const draws = Array.from({ length: n }, () => ordered(uniform(0, 1), 3).sample(random));
  const average = draws.reduce((total, x) => total + (x[0] ?? 0), 0) / n;
  // Beta(1, 3): mean 1/4, variance 3/80.
  expect(Math.abs(average - 0.25)).toBeLessThan(4 * Math.sqrt(3 / 80 / n));
});

test("settings that make no distribution are refused", () => {
  expect(() => wishart(1, TWO)).toThrow("needs degrees of freedom above 1, but was given 1");
  expect(() =>
    wishart(4, [
      [1, 2],
      [2, 1],
    ]),
  ).toThrow("needs a symmetric positive definite scale");
  expect(() =>
    inverseWishart(4, [
      [1, 0],
      [0.5, 1],
    ]),
  ).toThrow("symmetric positive definite");
  expect(() => lkj(1)).toThrow("needs a dimension from 2 to 30, but was given 1");
  expect(() => lkj(3, 0)).toThrow("needs a positive eta, but was given 0");
  expect(() => ordered(normal(0, 1), 1)).toThrow("needs a count from 2 to 1000, but was given 1");
  expect(() => ordered(discreteUniform(0, 5), 2)).toThrow(
    "needs a continuous distribution of one number",
  );
});
