import { readFileSync } from "node:fs";
import { stream } from "amortis";
import { describe, expect, it } from "vitest";
import { choleskyInPlace } from "../src/cholesky.js";
import {
  covarianceTable,
  exponentialField,
  factorField,
  fieldCoefficients,
  logLikelihood,
  sampleField,
} from "../src/field.js";
import { exactPosterior, exactPosteriors, gaussianField } from "../src/index.js";
import {
  ANTISYMMETRIC,
  EE_ANTISYMMETRIC,
  EE_SYMMETRIC,
  EVEN_ODD,
  MIXED,
  ODD_EVEN,
  OO_ANTISYMMETRIC,
  OO_SYMMETRIC,
  POINTS,
  SIDE,
  SYMMETRIC,
  covarianceBlocks,
  emptyBlocks,
  fromCoefficients,
} from "../src/symmetry.js";

const ranges = [0, 1e-300, 1e-9, 0.01, 0.1, 0.3, 0.6, 5];

function point(i: number): readonly [number, number] {
  return [Math.floor(i / SIDE) / 15, (i % SIDE) / 15];
}

/** Σ(θ), [256, 256], entry by entry from its definition. */
function denseCovariance(range: number): Float64Array {
  return Float64Array.from({ length: POINTS * POINTS }, (_, at) => {
    const [i, j] = [Math.floor(at / POINTS), at % POINTS];
    const [a, b] = [point(i), point(j)];
    return i === j ? 1 : Math.exp(-Math.hypot(a[0] - b[0], a[1] - b[1]) / range);
  });
}

/** The covariance that the blocks stand for, in the basis of the coefficients: [256, 256]. */
function blockCovariance(range: number): Float64Array {
  const blocks = emptyBlocks();
  covarianceBlocks(covarianceTable(range), blocks);
  const full = new Float64Array(POINTS * POINTS);
  const place = (block: Float64Array, n: number, start: number): void => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const value = block[i * n + j] ?? NaN;
        full[(start + i) * POINTS + start + j] = value;
        full[(start + j) * POINTS + start + i] = value;
      }
    }
  };
  place(blocks.eeSymmetric, SYMMETRIC, EE_SYMMETRIC);
  place(blocks.eeAntisymmetric, ANTISYMMETRIC, EE_ANTISYMMETRIC);
  place(blocks.ooSymmetric, SYMMETRIC, OO_SYMMETRIC);
  place(blocks.ooAntisymmetric, ANTISYMMETRIC, OO_ANTISYMMETRIC);
  place(blocks.mixed, MIXED, EVEN_ODD);
  place(blocks.mixed, MIXED, ODD_EVEN);
  return full;
}

/** Applies the map from coefficients to fields to every row of a matrix. */
function transformRows(matrix: Float64Array): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < POINTS; row++) {
    const part = [row * POINTS, (row + 1) * POINTS] as const;
    fromCoefficients(matrix.subarray(...part), result.subarray(...part));
  }
  return result;
}

function transposed(matrix: Float64Array): Float64Array {
  return matrix.map((_, at) => matrix[(at % POINTS) * POINTS + Math.floor(at / POINTS)] ?? NaN);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function denseLogLikelihood(range: number, z: ArrayLike<number>): number {
  const l = denseCovariance(range);
  choleskyInPlace(l, POINTS);
  let squared = 0;
  let logDeterminant = 0;
  const y = new Float64Array(POINTS);
  for (let i = 0; i < POINTS; i++) {
    let sum = z[i] ?? NaN;
    for (let k = 0; k < i; k++) sum -= (l[i * POINTS + k] ?? NaN) * (y[k] ?? NaN);
    y[i] = sum / (l[i * POINTS + i] ?? NaN);
    squared += (y[i] ?? NaN) ** 2;
    logDeterminant += 2 * Math.log(l[i * POINTS + i] ?? NaN);
  }
  return -0.5 * (squared + logDeterminant + POINTS * Math.log(2 * Math.PI));
}

describe("the Cholesky factor", () => {
  it.each([4, 8, 28, 36, 64])("of a %i×%i matrix multiplies back to it", (n) => {
    const random = stream(n);
    const root = Float64Array.from({ length: n * n }, () => random.normal());
    const product = (m: Float64Array, i: number, j: number, upTo: number): number => {
      let sum = 0;
      for (let k = 0; k < upTo; k++) sum += (m[i * n + k] ?? NaN) * (m[j * n + k] ?? NaN);
      return sum;
    };
    const a = root.map(
      (_, at) => product(root, Math.floor(at / n), at % n, n) + (at % (n + 1) === 0 ? 1 : 0),
    );
    const l = a.slice();
    choleskyInPlace(l, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        expect(Math.abs(product(l, i, j, j + 1) - (a[i * n + j] ?? NaN))).toBeLessThan(1e-12 * n);
      }
    }
  });

  it("refuses a matrix that is not positive definite", () => {
    const a = new Float64Array(64).fill(1);
    expect(() => choleskyInPlace(a, 8)).toThrow(/not positive definite: pivot 1 is 0/);
    expect(() => choleskyInPlace(new Float64Array(16).fill(NaN), 4)).toThrow(/pivot 0 is NaN/);
  });
});

describe("the symmetries of the grid", () => {
  it("make an orthogonal basis", () => {
    const identity = Float64Array.from({ length: POINTS * POINTS }, (_, at) =>
      at % (POINTS + 1) === 0 ? 1 : 0,
    );
    const basis = transformRows(identity);
    for (let i = 0; i < POINTS; i++) {
      // Back again, coefficient by coefficient: the inverse is the transpose.
      const coefficients = fieldCoefficients(basis.subarray(i * POINTS, (i + 1) * POINTS));
      expect(
        largestDifference(coefficients, identity.subarray(i * POINTS, (i + 1) * POINTS)),
      ).toBeLessThan(1e-15);
      const norm = basis.subarray(i * POINTS, (i + 1) * POINTS).reduce((sum, x) => sum + x * x, 0);
      expect(norm).toBeCloseTo(1, 14);
    }
  });

  it.each(ranges)("cut the covariance into blocks exactly, θ = %d", (range) => {
    const rows = transformRows(blockCovariance(range));
    const covariance = transformRows(transposed(rows));
    expect(largestDifference(covariance, denseCovariance(range))).toBeLessThan(4e-15);
  });
});

describe("a field", () => {
  it("is the root of its covariance times noise", () => {
    // L Lᵀ of the sampler itself: feed it unit vectors instead of noise, and multiply what comes out.
    const factor = factorField(0.3);
    const roots = Array.from({ length: POINTS }, (_, k) =>
      sampleField(factor, { fillNormal: (values) => values.fill(0).fill(1, k, k + 1) }),
    );
    const covariance = new Float64Array(POINTS * POINTS);
    for (const root of roots) {
      for (let i = 0; i < POINTS; i++) {
        const zi = root[i] ?? NaN;
        for (let j = 0; j < POINTS; j++)
          covariance[i * POINTS + j] = (covariance[i * POINTS + j] ?? NaN) + zi * (root[j] ?? NaN);
      }
    }
    expect(largestDifference(covariance, denseCovariance(0.3))).toBeLessThan(1e-14);
  });

  it("has the empirical covariance that it should", () => {
    const n = 4_000;
    const factor = factorField(0.2);
    const random = stream("empirical");
    const lags: readonly (readonly [number, number])[] = [
      [0, 0],
      [0, 1],
      [0, 15],
      [17, 34],
      [255, 0],
      [100, 140],
    ];
    const sums = lags.map(() => 0);
    for (let k = 0; k < n; k++) {
      const z = sampleField(factor, random);
      for (const [at, [i, j]] of lags.entries())
        sums[at] = (sums[at] ?? 0) + (z[i] ?? NaN) * (z[j] ?? NaN);
    }
    const expected = denseCovariance(0.2);
    for (const [at, [i, j]] of lags.entries()) {
      const c = expected[i * POINTS + j] ?? NaN;
      // Var(z_i z_j) = 1 + c².
      const error = Math.sqrt((1 + c * c) / n);
      expect(Math.abs((sums[at] ?? NaN) / n - c)).toBeLessThan(4 * error);
    }
  });

  it("is white noise at θ = 0, and possible at any range", () => {
    for (const range of ranges) {
      const z = exponentialField(range, stream(1));
      expect(z.every(Number.isFinite)).toBe(true);
    }
    expect(factorField(0).logDeterminant).toBe(0);
    expect(() => exponentialField(-0.1, stream(1))).toThrow(/range .* is -0.1/);
    expect(() => exponentialField(NaN, stream(1))).toThrow(/is NaN/);
  });
});

describe("the log-likelihood", () => {
  it.each(ranges)("is that of the dense covariance, θ = %d", (range) => {
    const z = exponentialField(0.25, stream(9));
    const expected = denseLogLikelihood(range, z);
    expect(Math.abs(logLikelihood(range, z) / expected - 1)).toBeLessThan(1e-12);
  });

  it("belongs to the model", () => {
    const z = exponentialField(0.25, stream(9));
    expect(gaussianField.logLikelihood?.({ range: 0.3 }, { z })).toBe(logLikelihood(0.3, z));
    expect(() => logLikelihood(0.3, [1, 2])).toThrow(/256 values, but 2/);
  });
});

function readData(name: string): Buffer {
  return readFileSync(new URL(`../data/${name}`, import.meta.url));
}

/** Values of a float32 .npy file, whose header has 128 bytes here. */
function floats(name: string): Float32Array {
  return new Float32Array(new Uint8Array(readData(name).subarray(128)).buffer);
}

describe("the exact posterior", () => {
  const exact: Readonly<Record<string, readonly number[]>> = JSON.parse(
    readData("exact.json").toString(),
  );
  const truths = floats("range.npy");
  const posteriors = exactPosteriors(floats("fields.npy"));

  const summaries: readonly [string, (i: number) => number, number][] = [
    ["mean", (i) => posteriors[i]?.mean ?? NaN, 1e-6],
    ["sd", (i) => posteriors[i]?.sd ?? NaN, 3e-6],
    ["q05", (i) => posteriors[i]?.quantile(0.05) ?? NaN, 1e-6],
    ["q25", (i) => posteriors[i]?.quantile(0.25) ?? NaN, 1e-6],
    ["q50", (i) => posteriors[i]?.quantile(0.5) ?? NaN, 1e-6],
    ["q75", (i) => posteriors[i]?.quantile(0.75) ?? NaN, 1e-6],
    ["q95", (i) => posteriors[i]?.quantile(0.95) ?? NaN, 1e-6],
    ["pit", (i) => posteriors[i]?.cdf(truths[i] ?? NaN) ?? NaN, 1e-6],
    // The reference is a sum over cells of 5e-4, which is off by up to a tenth of one; ours is the integral itself.
    ["crps", (i) => posteriors[i]?.crps(truths[i] ?? NaN) ?? NaN, 5e-5],
    // Given to six digits.
    ["log_evidence", (i) => posteriors[i]?.logEvidence ?? NaN, 6e-4],
  ];
  it.each(summaries)("agrees with 100 computed elsewhere: %s", (name, value, tolerance) => {
    const expected = exact[name] ?? [];
    expect(expected).toHaveLength(100);
    expect(
      largestDifference(
        expected.map((_, i) => value(i)),
        expected,
      ),
    ).toBeLessThan(tolerance);
  });

  it("is a density, with the quantiles of its distribution function", () => {
    const posterior = exactPosterior(exponentialField(0.5, stream(4)), { points: 300 });
    const mass = posterior.density.reduce((a, b) => a + b, 0) * (0.6 / 300);
    expect(mass).toBeCloseTo(1, 12);
    for (const level of [0, 0.01, 0.3, 0.5, 0.99, 1]) {
      expect(posterior.cdf(posterior.quantile(level))).toBeCloseTo(level, 12);
    }
    expect(posterior.cdf(-1)).toBe(0);
    expect(posterior.cdf(1)).toBe(1);
    expect(posterior.logDensity(posterior.grid[70] ?? NaN)).toBeCloseTo(
      Math.log(posterior.density[70] ?? NaN),
      10,
    );
    expect(posterior.logDensity(0.7)).toBe(-Infinity);
    // Where the density has vanished in floating point there is no slope of its logarithm.
    const last = posterior.density.findLastIndex((value) => value === 0);
    expect(posterior.logDensity((last + 1) * (0.6 / 300) - 1e-4)).toBe(-Infinity);
  });

  it("has the CRPS E|X - θ| - ½ E|X - X'|", () => {
    const posterior = exactPosterior(exponentialField(0.3, stream(5)), { points: 400 });
    const truth = 0.31234;
    const n = 4_000;
    const draws = Float64Array.from({ length: n }, (_, i) => posterior.quantile((i + 0.5) / n));
    const distance = draws.reduce((sum, x) => sum + Math.abs(x - truth), 0) / n;
    // For sorted draws, Σᵢⱼ |xᵢ - xⱼ| = 2 Σᵢ (2i - n + 1) xᵢ.
    const spread = draws.reduce((sum, x, i) => sum + 2 * (2 * i - n + 1) * x, 0) / n ** 2;
    expect(posterior.crps(truth)).toBeCloseTo(distance - spread / 2, 5);
  });
});
