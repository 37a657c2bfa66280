import {
  add,
  compile,
  constant,
  gradient,
  hostTensor,
  input,
  mul,
  sum,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { splineParameters } from "../../src/densities/spline-bins.js";
import { spline, splineInverse, type SplineSettings } from "../../src/densities/spline.js";
import { stream } from "../../src/random/index.js";
import { largestDifference, numbersOf, runtime } from "./support.js";

interface Golden {
  readonly knots: SplineSettings["knots"];
  readonly bins: number;
  readonly bound: number;
  readonly raw: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly logDerivative: readonly number[];
}

const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL("../fixtures/spline-golden.json", import.meta.url), "utf8"),
);

const bound = 2.5;
const knots = "mild";

/** Outputs of a graph of two inputs in double precision, at given values. */
async function evaluate<K extends string>(
  x: HostTensor,
  raw: HostTensor,
  build: (x: Tensor, raw: Tensor) => Readonly<Record<K, Tensor>>,
): Promise<(name: K) => ArrayLike<number | bigint>> {
  const inputs = { x: input("x", x.shape, x.dtype), raw: input("raw", raw.shape, raw.dtype) };
  const program = await compile({ inputs, outputs: build(inputs.x, inputs.raw) }, runtime);
  const results = await program.run({ x, raw });
  await program.release();
  const named = new Map(Object.entries<HostTensor>(results));
  return (name) => named.get(name)?.data ?? [];
}

/** n points across and a little beyond the square, each with parameters of its own, as [1, n] and [3K - 1, n]. */
function randomCase(bins: number, n: number, scale: number, dtype: "float32" | "float64") {
  const random = stream(7).split(bins);
  const x = Float64Array.from({ length: n }, () => -2.75 + 5.5 * random.uniform());
  const raw = Float64Array.from(
    { length: n * splineParameters(bins) },
    () => scale * random.normal(),
  );
  return {
    x: hostTensor(x, [1, n], dtype),
    raw: hostTensor(raw, [splineParameters(bins), n], dtype),
  };
}

describe("the rational-quadratic spline", () => {
  test.each(golden)(
    "agrees with an independent implementation, $bins bins, $knots knots",
    async (numbers) => {
      const { knots, bins, bound, y, logDerivative } = numbers;
      const x = hostTensor(numbers.x, [1, numbers.x.length], "float64");
      // One spline for all points: parameters broadcast.
      const raw = hostTensor(numbers.raw, [numbers.raw.length, 1], "float64");
      const found = await evaluate(x, raw, (p, q) => ({ ...spline(p, q, { bins, bound, knots }) }));
      expect(largestDifference(found("value"), y)).toBeLessThan(1e-12);
      expect(largestDifference(found("logDerivative"), logDerivative)).toBeLessThan(1e-10);
    },
  );

  test("is the identity at zero parameters and outside the square", async () => {
    const { x } = randomCase(8, 50, 1, "float32");
    const raw = hostTensor(new Float32Array(23 * 50), [23, 50]);
    const found = await evaluate(x, raw, (p, q) => ({
      ...spline(p, q, { bins: 8, bound, knots }),
    }));
    expect(largestDifference(found("value"), x.data)).toBeLessThan(1e-6);
    expect(largestDifference(found("logDerivative"), new Float32Array(50))).toBeLessThan(1e-5);
  });

  test.each([
    ["of the spline", "mild", spline],
    ["of its inverse", "mild", splineInverse],
    ["of the spline", "sharp", spline],
  ] as const)(
    "the gradient %s with %s knots is that of central differences",
    async (_, kind, of) => {
      const bins = 5;
      const { x, raw } = randomCase(bins, 40, 1.5, "float64");
      const weights = constant(
        Float64Array.from({ length: 40 }, (_, i) => Math.cos(i)),
        [1, 40],
        "float64",
      );
      const objective = (p: Tensor, q: Tensor): Tensor => {
        const { value, logDerivative } = of(p, q, { bins, bound, knots: kind });
        return sum(mul(weights, mul(value, mul(value, logDerivative))));
      };
      const exact = await evaluate(x, raw, (p, q) => {
        const [dx = p, draw = q] = gradient(objective(p, q), [p, q]);
        return { dx, draw };
      });
      const inputs = { x: input("x", x.shape, "float64"), raw: input("raw", raw.shape, "float64") };
      const program = await compile(
        { inputs, outputs: { y: objective(inputs.x, inputs.raw) } },
        runtime,
      );
      const at = async (which: "x" | "raw", i: number, step: number): Promise<number> => {
        const moved = { x, raw };
        const data = numbersOf(moved[which].data);
        data[i] = (data[i] ?? 0) + step;
        moved[which] = hostTensor(data, moved[which].shape, "float64");
        return Number((await program.run(moved)).y.data[0]);
      };
      const step = 1e-6;
      for (const [which, found] of [["x", exact("dx")] as const, ["raw", exact("draw")] as const]) {
        for (let i = 0; i < found.length; i++) {
          const difference =
            ((await at(which, i, step)) - (await at(which, i, -step))) / (2 * step);
          expect(Math.abs(Number(found[i]) - difference)).toBeLessThan(
            1e-6 * (1 + Math.abs(difference)),
          );
        }
      }
      await program.release();
    },
  );

  test("a spline shared by all points gets the sum of the gradients of one spline a point", async () => {
    const [bins, n] = [6, 50];
    const { x, raw } = randomCase(bins, n, 1.5, "float64");
    const one = hostTensor(numbersOf(raw.data).slice(0, 17), [17, 1], "float64");
    const same = numbersOf(raw.data).map((_, i) => Number(one.data[Math.floor(i / n)]));
    const build = (p: Tensor, q: Tensor) => {
      const { value, logDerivative } = spline(p, q, { bins, bound, knots });
      const back = splineInverse(mul(value, 0.9), q, { bins, bound, knots }).value;
      const [draw = q] = gradient(sum(mul(logDerivative, add(value, back))), [q]);
      return { draw: sum(draw, { axes: [1] }) };
    };
    const shared = await evaluate(x, one, build);
    const apart = await evaluate(x, hostTensor(same, [17, n], "float64"), build);
    expect(largestDifference(shared("draw"), apart("draw"))).toBeLessThan(1e-9);
  });

  test("its log derivative is that of its gradient", async () => {
    const { x, raw } = randomCase(10, 200, 2, "float64");
    const found = await evaluate(x, raw, (p, q) => {
      const { value, logDerivative } = spline(p, q, { bins: 10, bound, knots });
      return { slope: gradient(sum(value), [p])[0] ?? p, logDerivative };
    });
    const logs = numbersOf(found("slope")).map(Math.log);
    expect(largestDifference(logs, found("logDerivative"))).toBeLessThan(1e-9);
  });

  test.each([
    ["float64", 1, 1e-12, 1e-10],
    ["float64", 4, 1e-10, 1e-8],
    ["float32", 1, 5e-6, 1e-4],
  ] as const)(
    "the inverse undoes it (%s, parameters of scale %d)",
    async (dtype, scale, ofValue, ofLog) => {
      const { x, raw } = randomCase(10, 400, scale, dtype);
      const found = await evaluate(x, raw, (p, q) => {
        const forward = spline(p, q, { bins: 10, bound, knots });
        const backward = splineInverse(forward.value, q, { bins: 10, bound, knots });
        return { back: backward.value, one: forward.logDerivative, other: backward.logDerivative };
      });
      expect(largestDifference(found("back"), x.data)).toBeLessThan(ofValue);
      const negative = numbersOf(found("other")).map((v) => -v);
      expect(largestDifference(found("one"), negative)).toBeLessThan(ofLog);
    },
  );

  test.each([
    [3, 5e-4],
    [10, 5e-2],
  ])(
    "single precision loses no more than the rounding of y does, for parameters of scale %d",
    async (scale, farthest) => {
      const settings = { bins: 10, bound, knots } as const;
      const { x, raw } = randomCase(10, 2_000, scale, "float32");
      const found = await evaluate(x, raw, (p, q) => {
        const { value, logDerivative } = spline(p, q, settings);
        const backward = splineInverse(value, q, settings);
        return { value, logDerivative, back: backward.value, log: backward.logDerivative };
      });
      const inDouble = (from: ArrayLike<number | bigint>, f: typeof spline) => {
        const at = hostTensor(numbersOf(from), x.shape, "float64");
        const same = hostTensor(numbersOf(raw.data), raw.shape, "float64");
        return evaluate(at, same, (p, q) => ({ ...f(p, q, settings) }));
      };
      const [exact, there] = [
        await inDouble(x.data, spline),
        await inDouble(found("back"), spline),
      ];
      const y = numbersOf(found("value"));
      const roundings = y.map((value, i) => {
        // A rounding of x moves y by the derivative.
        const steepness = 1 + Math.exp(Number(exact("logDerivative")[i]));
        const off = [Number(exact("value")[i]) - value, Number(there("value")[i]) - value];
        return Math.max(...off.map(Math.abs)) / (steepness * bound * 2 ** -24);
      });
      expect(Math.max(...roundings)).toBeLessThan(8);
      const errors = numbersOf(found("back")).map((value, i) =>
        Math.abs(value - Number(x.data[i])),
      );
      expect(errors.toSorted((a, b) => a - b)[1_979]).toBeLessThan(farthest);
      // Logarithms of derivatives, where they are those of the same point.
      const logs = numbersOf(found("log")).map((v, i) =>
        Math.abs(v + Number(there("logDerivative")[i])),
      );
      expect(logs.toSorted((a, b) => a - b)[1_800]).toBeLessThan(2e-5);
    },
  );

  test("is finite and monotone for extreme parameters", async () => {
    const bins = 10;
    const n = 300;
    const random = stream(3);
    const raw = Float32Array.from({ length: 29 * n }, () => 400 * random.normal());
    const x = Float32Array.from({ length: n }, (_, i) => bound * ((2 * i) / (n - 1) - 1));
    const found = await evaluate(hostTensor(x, [1, n]), hostTensor(raw, [29, n]), (p, q) => ({
      ...spline(p, q, { bins, bound, knots }),
      back: splineInverse(p, q, { bins, bound, knots }).value,
    }));
    for (const values of [found("value"), found("logDerivative"), found("back")]) {
      expect(numbersOf(values).every(Number.isFinite)).toBe(true);
    }
    const one = Float32Array.from(raw.slice(0, 29));
    const same = await evaluate(hostTensor(x, [1, n]), hostTensor(one, [29, 1]), (p, q) => ({
      ...spline(p, q, { bins, bound, knots }),
    }));
    const increasing = numbersOf(same("value")).every(
      (v, i, all) => i === 0 || v >= (all[i - 1] ?? 0) - 1e-6,
    );
    expect(increasing).toBe(true);
  });
});
