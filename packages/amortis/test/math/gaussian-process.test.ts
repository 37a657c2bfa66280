/** Regression by a Gaussian process, against its definition. */
import { describe, expect, it, test } from "vitest";
import { stream } from "../../src/index.js";
import {
  gaussianProcess,
  negativeEvidence,
  processOf,
  type ProcessParameters,
} from "../../src/math/gaussian-process.js";
import { covariance } from "../../src/math/gaussian-process-kernel.js";

const size = 2;

/** n points, and values of a function at them with noise. */
function examples(
  n: number,
  f: (a: number, b: number) => number,
  noise: number,
  name = "examples",
) {
  const random = stream(name);
  const values = Float64Array.from({ length: n * size }, () => random.normal());
  const y = Float64Array.from(
    { length: n },
    (_, i) => f(values[2 * i] ?? 0, values[2 * i + 1] ?? 0) + noise * random.normal(),
  );
  return { x: { values, size }, y };
}

const bent = (a: number, b: number): number => Math.sin(2 * a) + 0.5 * b * b;
const parameters: ProcessParameters = {
  weights: Float64Array.of(0.8, 0.3),
  linear: 0.4,
  noise: 0.05,
};

describe("with given parameters", () => {
  const { x, y } = examples(12, bent, 0.2);
  const whole = processOf(x, y, parameters);

  it("is off, of each example, by what it is off when it is learned from the others", () => {
    for (const i of y.keys()) {
      const others = {
        values: x.values.filter((_, at) => Math.floor(at / size) !== i),
        size,
      };
      const one = { values: x.values.subarray(i * size, (i + 1) * size), size };
      const without = processOf(
        others,
        y.filter((_, at) => at !== i),
        parameters,
      );
      const off = (y[i] ?? 0) - (without?.mean(one)[0] ?? Number.NaN);
      expect(whole?.leftOut[i]).toBeCloseTo(off, 9);
    }
  });

  it("has the mean kᵀ C⁻¹ y", () => {
    // C applied to the weights of the mean gives y: C⁻¹ y leaves y - v C⁻¹ y at the examples.
    const means = whole?.mean(x) ?? new Float64Array();
    const n = y.length;
    const c = covariance(x, parameters, 0);
    const alpha = y.map((value, i) => (value - (means[i] ?? 0)) / (parameters.noise + 1e-7));
    for (let i = 0; i < n; i++) {
      let total = 0;
      for (let j = 0; j < n; j++)
        total += (c[Math.max(i, j) * n + Math.min(i, j)] ?? 0) * (alpha[j] ?? 0);
      expect(total).toBeCloseTo(means[i] ?? Number.NaN, 8);
    }
  });
});

describe("the evidence", () => {
  const { x, y } = examples(15, bent, 0.2);
  const logs = Float64Array.of(-0.3, 0.4, -1, -2.5);

  it("has the derivatives that central differences show", () => {
    const { gradient } = negativeEvidence(x, y, logs) ?? {};
    const h = 1e-5;
    for (const i of logs.keys()) {
      const at = (step: number): number =>
        negativeEvidence(x, y, logs.with(i, (logs[i] ?? 0) + step))?.value ?? Number.NaN;
      expect(gradient?.[i]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
    }
  });

  it("is the normal density of three examples, with the best scale", () => {
    const few = examples(3, bent, 0.2);
    const [p, q] = [parameters, Math.log];
    const { value } =
      negativeEvidence(few.x, few.y, Float64Array.of(q(0.8), q(0.3), q(p.linear), q(p.noise))) ??
      {};
    const c = covariance(few.x, p, p.noise + 1e-7);
    const [a = 0, , , b = 0, d = 0, , e = 0, f = 0, g = 0] = c;
    const determinant = a * (d * g - f * f) - b * (b * g - f * e) + e * (b * f - d * e);
    const adjugate = [
      [d * g - f * f, e * f - b * g, b * f - e * d],
      [e * f - b * g, a * g - e * e, b * e - a * f],
      [b * f - e * d, b * e - a * f, a * d - b * b],
    ];
    const square = adjugate.reduce(
      (total, row, i) =>
        total + row.reduce((sum, v, j) => sum + v * (few.y[i] ?? 0) * (few.y[j] ?? 0), 0),
      0,
    );
    const expected = 1.5 * Math.log(square / determinant / 3) + 0.5 * Math.log(determinant);
    expect(value).toBeCloseTo(expected, 9);
  });
});

test("a smooth function is learned from three hundred examples", () => {
  const { x, y } = examples(300, bent, 0.1);
  const fitted = gaussianProcess(x, y);
  const fresh = examples(500, bent, 0, "fresh");
  const errors = fitted?.mean(fresh.x).map((value, i) => value - (fresh.y[i] ?? 0));
  // A tenth of noise, over some tens of degrees of freedom; the farthest of five hundred points lie where there are few examples, and are left out by the median.
  const typical = errors?.map(Math.abs).toSorted()[250];
  expect(typical).toBeLessThan(0.1 * Math.sqrt(40 / 300));
  const square = fitted?.leftOut.reduce((total, value) => total + value * value, 0) ?? 0;
  expect(Math.sqrt(square / 300)).toBeGreaterThan(0.09);
});

test("there is none of a linear function, nor of noise", () => {
  for (const f of [(a: number, b: number) => a - 0.5 * b, () => 0]) {
    const { x, y } = examples(300, f, 0.5);
    expect(gaussianProcess(x, y)).toBeUndefined();
  }
});
