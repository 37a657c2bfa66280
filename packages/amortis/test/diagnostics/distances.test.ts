import { describe, expect, it } from "vitest";
import {
  expectedLogDensity,
  medianDistance,
  mmdSquared,
  momentErrors,
  slicedWasserstein,
} from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";

function normals(name: string, n: number, scale = 1, shift = 0): Float32Array {
  const random = stream(1).split(name);
  return Float32Array.from({ length: n }, () => shift + scale * random.normal());
}

describe("the maximum mean discrepancy", () => {
  it("is what it is for two normal distributions", () => {
    const [sigma, shift] = [1.3, 0.6];
    // x - x' is normal with variance 2, x - y too, about the shift: Gaussian integrals.
    const same = sigma / Math.sqrt(sigma ** 2 + 2);
    const exact = 2 * same * (1 - Math.exp(-(shift ** 2) / (2 * (sigma ** 2 + 2))));
    const found = Array.from({ length: 20 }, (_, i) =>
      mmdSquared(normals(`x${i}`, 400), normals(`y${i}`, 400, 1, shift), 1, sigma),
    );
    const mean = found.reduce((a, b) => a + b) / found.length;
    const sd = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 19);
    expect(sd).toBeLessThan(exact / 2);
    expect(Math.abs(mean - exact)).toBeLessThan((4 * sd) / Math.sqrt(20));
  });

  it("is about zero, on both sides, for samples of one distribution", () => {
    const found = Array.from({ length: 20 }, (_, i) =>
      mmdSquared(normals(`a${i}`, 600), normals(`b${i}`, 600), 3),
    );
    expect(found.some((one) => one < 0)).toBe(true);
    const mean = found.reduce((a, b) => a + b) / 20;
    const sd = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 19);
    expect(Math.abs(mean)).toBeLessThan((4 * sd) / Math.sqrt(20));
  });

  it("takes the median of all distances, the lower one of two", () => {
    for (const [n, d] of [
      [2, 1],
      [5, 2],
      [40, 3],
      [41, 1],
    ] as const) {
      const x = normals(`median${n}`, n * d);
      const distances = [];
      for (let i = 0; i < n; i++) {
        for (let j = i + 1; j < n; j++) {
          const row = Array.from(
            { length: d },
            (_, k) => (x[i * d + k] ?? 0) - (x[j * d + k] ?? 0),
          );
          distances.push(Math.hypot(...row));
        }
      }
      const sorted = distances.toSorted((a, b) => a - b);
      const expected = sorted[Math.floor((sorted.length - 1) / 2)];
      expect(medianDistance(x, d)).toBeCloseTo(expected ?? Number.NaN, 12);
    }
    expect(medianDistance(new Float32Array(6).fill(2), 2)).toBe(0);
  });
});

describe("the sliced Wasserstein distance", () => {
  it("of a shift is the shift in standard deviations, by the root of the dimension", () => {
    const d = 3;
    const x = normals("sliced", 500 * d, 4);
    const moved = x.map((value, i) => value + (i % d === 1 ? 2 : 0));
    const scaled = slicedWasserstein(x, moved, d, { directions: 4_000 });
    const sd = 2 / (slicedWasserstein(x, moved, d, { directions: 4_000 }) * Math.sqrt(d));
    // E (u·e)² = 1/3, with a relative error of sqrt(4/5) / sqrt(4,000) = 1.4 % in its square.
    expect(Math.abs(sd / 4 - 1)).toBeLessThan(0.1);
    expect(scaled).toBeGreaterThan(0.25);
  });

  it("in one dimension is the distance of quantiles, whatever the sizes", () => {
    const x = Float32Array.of(0, 1);
    // The reference's sd is √½. Quantiles 0, 1 against 0, 1/2, 1: half a unit apart for a sixth of the way on each side of the middle.
    const exact = Math.sqrt((2 * (1 / 6) * 0.25) / 0.5);
    expect(slicedWasserstein(x, Float32Array.of(1, 0.5, 0), 1)).toBeCloseTo(exact, 12);
    expect(slicedWasserstein(x, Float32Array.of(1, 1, 0, 0), 1)).toBe(0);
  });
});

describe("errors of moments", () => {
  it("are in standard deviations of the reference", () => {
    const d = 2;
    const x = normals("moments", 1_000, 3);
    const { mean, sd } = momentErrors(
      x,
      x.map((value, i) => (i % d === 0 ? value : 1.5 * value)),
      d,
    );
    expect(sd).toBeCloseTo(Math.log(1.5) / Math.SQRT2, 5);
    expect(mean).toBeLessThan(0.1);
    const shifted = momentErrors(
      x,
      x.map((value, i) => value + (i % d === 0 ? 3 : 0)),
      d,
    );
    expect(shifted.sd).toBeCloseTo(0, 5);
    // One parameter of two is a standard deviation of about 3 away.
    expect(Math.abs(shifted.mean - Math.SQRT1_2)).toBeLessThan(0.1);
  });
});

describe("the expected log posterior density", () => {
  it("is minus the posterior's entropy where the posterior is exact, and less where it is too wide", async () => {
    const n = 4_000;
    const random = stream(2);
    const parameters = Float64Array.from({ length: n }, () => random.normal());
    const x = Float32Array.from(parameters, (theta) => theta + random.normal());
    /** θ | x ~ N(x/2, 1/2), with a standard deviation that is off by a factor. */
    const estimator = (factor: number) => ({
      givenBatch: async () => ({
        logDensity: async (theta: Float64Array) =>
          Float64Array.from(theta, (value, i) => {
            const sd = factor * Math.SQRT1_2;
            const z = (value - (x[i] ?? 0) / 2) / sd;
            return -0.5 * z * z - Math.log(sd * Math.sqrt(2 * Math.PI));
          }),
      }),
    });
    const data = { size: n, parameters, data: { x }, indices: new Float64Array(n), invalid: [] };
    const exact = await expectedLogDensity(estimator(1), data);
    const entropy = 0.5 * Math.log(2 * Math.PI * Math.E * 0.5);
    expect(Math.abs(exact.value + entropy)).toBeLessThan(4 * exact.standardError);
    expect((await expectedLogDensity(estimator(1.3), data)).value).toBeLessThan(exact.value);
  });
});
