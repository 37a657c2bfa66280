import {
  add,
  compile,
  concat,
  gradient,
  hostTensor,
  input,
  reshape,
  slice,
  sum,
  transpose,
  UnsupportedError,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import {
  beta,
  custom,
  dirichlet,
  gamma,
  independent,
  intervalBijection,
  simplexBijection,
  uniform,
  type Bijection,
  type Distribution,
} from "../../src/distributions/index.js";
import { stream } from "../../src/random/index.js";
import { mismatches } from "../goodness-of-fit.js";
import { continuousScalars, counts, discretes, ownExponential, vectors } from "./cases.js";

const runtime = nodeRuntime({ threads: 1 });

type Float = "float32" | "float64";

/** Outputs of a graph of u, as plain numbers by name. */
async function evaluate<K extends string>(
  rows: readonly ArrayLike<number>[],
  dtype: Float,
  build: (u: Tensor) => Readonly<Record<K, Tensor>>,
): Promise<Record<K, number[]>> {
  const k = rows[0]?.length ?? 0;
  const x = input("x", ["batch", "draws", k], dtype);
  const program = await compile({ inputs: { x }, outputs: build(x) }, runtime);
  const values = rows.flatMap((row) => Array.from(row));
  const results = await program.run({ x: hostTensor(values, [1, rows.length, k], dtype) });
  await program.release();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one output for each name asked for
  return Object.fromEntries(
    Object.entries<HostTensor>(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
  ) as Record<K, number[]>;
}

const EPSILON: Readonly<Record<Float, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** θ coordinate by coordinate, each a row [batch, 1, draws], where the bijection has them. */
function forwardByRows(bijection: Bijection, u: Tensor): Tensor {
  const { coordinates } = bijection;
  if (coordinates === undefined) return bijection.graph.forward(u);
  const rows = coordinates.map((map, i) =>
    map.graph.forward(reshape(slice(u, -1, i, i + 1), ["batch", 1, "draws"])),
  );
  return transpose(concat(rows, -2), [0, 2, 1]);
}

const described = <D extends Distribution>(distributions: readonly D[]) =>
  distributions.map((one) => [JSON.stringify(one), one] as const);

describe.each(described([...continuousScalars, ...vectors]))("%s", (_, distribution) => {
  const { bijection } = distribution;
  const random = stream(11).split(distribution.name);
  const thetas = Array.from({ length: 12 }, () => distribution.sample(random));

  test.each(["float64", "float32"] as const)("log-density in %s", async (dtype) => {
    const given = thetas.map((theta) => (dtype === "float32" ? Float32Array.from(theta) : theta));
    const { value } = await evaluate(given, dtype, (theta) => ({
      value: distribution.graph.logDensity(theta),
    }));
    const expected = given.map((theta) => distribution.logDensity(theta));
    // Rounding a bound or a mean moves the value by its own size, times the slope of the density.
    const shift = (i: number): number => {
      const theta = Float64Array.from(given[i] ?? []);
      return theta.reduce((total, x, k) => {
        const step = 4 * EPSILON[dtype] * Math.max(Math.abs(x), 1e-30);
        const moved = (by: number): number =>
          distribution.logDensity(theta.map((v, j) => (j === k ? v + by : v)));
        const change = Math.max(
          Math.abs(moved(step) - (expected[i] ?? 0)),
          Math.abs(moved(-step) - (expected[i] ?? 0)),
        );
        return total + (Number.isFinite(change) ? change : 0);
      }, 0);
    };
    expect(
      mismatches(
        value,
        expected,
        (wanted, i) => 200 * EPSILON[dtype] * Math.max(1, Math.abs(wanted)) + shift(i),
      ),
    ).toEqual([]);
  });

  test.each(["float64", "float32"] as const)("bijection in %s", async (dtype) => {
    const points = thetas.map((_, i) =>
      Float32Array.from(
        { length: bijection.unconstrainedSize },
        () => random.normal() * (i < 6 ? 1 : 3),
      ),
    );
    const found = await evaluate(points, dtype, (u) => {
      const theta = bijection.graph.forward(u);
      return {
        theta,
        back: bijection.graph.inverse(theta),
        jacobian: bijection.graph.logJacobian(u),
        byRows: forwardByRows(bijection, u),
      };
    });
    const { theta, byRows } = found;
    expect(mismatches(byRows, theta, (wanted) => EPSILON[dtype] * Math.abs(wanted))).toEqual([]);
    const scale = distribution.support.lower.map((lo, i) =>
      Math.max(
        ...[lo, distribution.support.upper[i] ?? 0].filter(Number.isFinite).map(Math.abs),
        0,
      ),
    );
    const { size } = distribution;
    const isNormal = /probit|normal-scores/.test(JSON.stringify(distribution));
    const at = (i: number): number => scale[i % size] ?? 0;
    expect(
      mismatches(
        found.theta,
        points.flatMap((u) => [...bijection.forward(u)]),
        // Of a logarithm far from zero a rounding is many of the number; and below 1e-38 there is none.
        (wanted, i) =>
          (isNormal ? 50 : 10) * EPSILON[dtype] * (Math.abs(wanted) + at(i)) +
          (dtype === "float32" ? 2e-38 : 0),
      ),
    ).toEqual([]);
    expect(
      mismatches(
        found.jacobian,
        points.map((u) => bijection.logJacobian(u)),
        (wanted) => 10 * EPSILON[dtype] * (size + Math.abs(wanted)),
      ),
    ).toEqual([]);
    // Near a bound that is not zero, θ has few digits left to say where it is.
    const few = distribution.support.kind === "simplex" || size > 1 ? 1e4 : 1e3;
    const worst = Math.max(
      ...scale.map(
        (one, i) =>
          one /
          Math.max(
            1e-3,
            (distribution.support.upper[i] ?? 1) - (distribution.support.lower[i] ?? 0),
          ),
      ),
      1,
    );
    // By the normal distribution function also near one that is.
    const digits = (u: number): number => (isNormal ? Math.exp((u * u) / 2) : 1);
    expect(
      mismatches(
        found.back,
        points.flatMap((u) => [...u]),
        (wanted) => few * worst * EPSILON[dtype] * Math.max(1, Math.abs(wanted)) * digits(wanted),
      ),
    ).toEqual([]);
  });

  test("gradient of the log-density in unconstrained space", async () => {
    const points = thetas.slice(0, 4).map((theta) => bijection.inverse(theta));
    const { slope } = await evaluate(points, "float64", (u) => {
      const value = add(
        distribution.graph.logDensity(bijection.graph.forward(u)),
        bijection.graph.logJacobian(u),
      );
      const [slope = value] = gradient(sum(value), [u]);
      return { slope };
    });
    const logDensity = (u: Float64Array): number =>
      distribution.logDensity(bijection.forward(u)) + bijection.logJacobian(u);
    const h = 1e-5;
    const expected = points.flatMap((u) =>
      [...u].map((_, k) => {
        const moved = (by: number): number => logDensity(u.map((v, j) => (j === k ? v + by : v)));
        return (moved(h) - moved(-h)) / (2 * h);
      }),
    );
    expect(mismatches(slope, expected, (wanted) => 1e-5 * Math.max(1, Math.abs(wanted)))).toEqual(
      [],
    );
  });
});

describe("extreme points in single precision", () => {
  const bijections: readonly (readonly [string, Bijection])[] = [
    ["unit interval", intervalBijection(0, 1)],
    ["interval with bounds that single precision rounds", intervalBijection(0.1, 0.6)],
    ["interval far from zero", intervalBijection(1000, 1001)],
    ["positive", intervalBijection(0, Infinity)],
    ["above", intervalBijection(0.3, Infinity)],
    ["below", intervalBijection(-Infinity, 2.7)],
    ["mixed", intervalBijection([0, -1, 0, 5, -Infinity], [1, 1.1, Infinity, Infinity, Infinity])],
    ["simplex", simplexBijection(4)],
  ];
  const extremes = [-1e30, -1e4, -120, -88, -50, -17, 17, 50, 88, 120, 1e4, 1e30];

  test.each(bijections)("%s: inside, finite, with finite gradients", async (_, bijection) => {
    const { size, unconstrainedSize, bounds } = bijection;
    const rows = extremes.map((u) => Float32Array.from({ length: unconstrainedSize }, () => u));
    const found = await evaluate(rows, "float32", (u) => {
      const theta = bijection.graph.forward(u);
      const jacobian = bijection.graph.logJacobian(u);
      const [slope = u] = gradient(add(sum(theta), sum(jacobian)), [u]);
      return { theta, back: bijection.graph.inverse(theta), jacobian, slope };
    });
    const free =
      bounds?.lower.map(
        (lo, i) => !Number.isFinite(lo) && !Number.isFinite(bounds.upper[i] ?? 0),
      ) ?? [];
    expect(found.theta.every(Number.isFinite)).toBe(true);
    expect(
      found.theta.every(
        (x, i) => x > (bounds?.lower[i % size] ?? 0) && x < (bounds?.upper[i % size] ?? 1),
      ),
    ).toBe(true);
    expect(found.back.every(Number.isFinite)).toBe(true);
    expect(found.jacobian.every(Number.isFinite)).toBe(true);
    expect(found.slope.every(Number.isFinite)).toBe(true);
    // What is not clamped comes back whole.
    expect(
      found.back.every(
        (u, i) => !(free[i % size] ?? false) || u === rows[Math.floor(i / size)]?.[0],
      ),
    ).toBe(true);
  });

  test("inverse holds bounds, and values beyond, just inside", async () => {
    const { back } = await evaluate([[0.1], [0.6], [0], [1]], "float32", (theta) => ({
      back: intervalBijection(0.1, 0.6).graph.inverse(theta),
    }));
    expect(back.every(Number.isFinite)).toBe(true);
    expect(back[2]).toBe(back[0]);
    expect(back[3]).toBe(back[1]);
    expect(back[0]).toBeLessThan(-15);
    expect(back[1]).toBeGreaterThan(14);
  });

  test("an interval that single precision cannot tell from a point is refused", () => {
    const narrow = uniform(1, 1 + 1e-9);
    expect(narrow.bijection.forward([0])[0]).toBeCloseTo(1 + 5e-10, 15);
    expect(() => narrow.bijection.graph.forward(input("u", ["batch", 1]))).toThrow(
      /holds no float32 number.*rescale or shift/,
    );
  });

  test("large shapes keep their digits in single precision", async () => {
    for (const [distribution, theta] of [
      [gamma(1e5, 2), [49_900, 50_100]],
      [beta(5e4, 5e4), [0.498, 0.501]],
    ] as const) {
      const rows = theta.map((x) => [x]);
      const { value } = await evaluate(rows, "float32", (x) => ({
        value: distribution.graph.logDensity(x),
      }));
      expect(
        mismatches(
          value,
          rows.map((x) => distribution.logDensity(Float32Array.from(x))),
          () => 0.02,
        ),
      ).toEqual([]);
    }
    const { value } = await evaluate([[0.3, 0.7]], "float32", (x) => ({
      value: dirichlet([3e4, 7e4]).graph.logDensity(x),
    }));
    expect(value[0]).toBeCloseTo(dirichlet([3e4, 7e4]).logDensity([0.3, 0.7]), 2);
  });
});

test.each(described([...discretes, ...counts]))(
  "%s: log-probabilities",
  async (_, distribution) => {
    const values = [0.001, 0.4, 0.999].map((p) => [distribution.quantile(p)]);
    for (const dtype of ["float64", "float32"] as const) {
      const { value } = await evaluate([...values, [77]], dtype, (x) => ({
        value: distribution.graph.logDensity(x),
      }));
      expect(
        mismatches(
          value,
          [...values, [77]].map((x) => distribution.logDensity(x)),
          () => 4 * EPSILON[dtype],
        ),
      ).toEqual([]);
    }
  },
);

test("graphs take a single point too", async () => {
  const distribution = independent([uniform(0, 1), dirichlet([1, 2, 3])]);
  const u = input("u", [3], "float64");
  const theta = distribution.bijection.graph.forward(u);
  const program = await compile(
    { inputs: { u }, outputs: { theta, value: distribution.graph.logDensity(theta) } },
    runtime,
  );
  const results = await program.run({ u: [0.3, -0.2, 0.8] });
  await program.release();
  const expected = distribution.bijection.forward([0.3, -0.2, 0.8]);
  expect(mismatches(Array.from(results.theta.data, Number), [...expected], () => 1e-15)).toEqual(
    [],
  );
  expect(results.value.shape).toEqual([]);
  expect(Number(results.value.data[0])).toBeCloseTo(distribution.logDensity(expected), 12);
});

test("a product of many scalars is no more operations than one of two", () => {
  const operations = (count: number): number => {
    const prior = independent(Array.from({ length: count }, (_, i) => uniform(-i - 1, i + 1)));
    const names = new Set<Tensor>();
    const visit = (tensor: Tensor): void => {
      if (names.has(tensor)) return;
      names.add(tensor);
      for (const one of tensor.application?.inputs ?? []) visit(one);
    };
    visit(prior.bijection.graph.forward(input("u", ["batch", count])));
    return names.size;
  };
  expect(operations(12)).toBe(operations(2));
});

describe("custom in graphs", () => {
  test("without graphLogDensity it is refused, by name", () => {
    expect(() => ownExponential.graph.logDensity(input("x", [1]))).toThrow(UnsupportedError);
    expect(() => ownExponential.graph.logDensity(input("x", [1]))).toThrow(
      /"own" has no graphLogDensity/,
    );
  });

  test("with one, it is used", () => {
    const x = input("x", ["batch", 1]);
    const own = custom({
      sample: () => 0,
      logDensity: () => 0,
      graphLogDensity: (value) => sum(value, { axes: [-1] }),
    });
    expect(own.graph.logDensity(x).shape).toEqual(["batch"]);
  });
});
