import {
  BLOCKS,
  fromCoefficients,
  multiplyLower,
  NotPositiveDefiniteError,
  POINTS,
  SIDE,
} from "@amortis/gaussian-field";
import { stream, type Stream } from "amortis";
import { describe, expect, it } from "vitest";
import {
  factorSchlather,
  invertedSchlather,
  sampleInverse,
  whittleMatern,
  type SchlatherFactor,
} from "../src/index.js";
import { kolmogorovSmirnov, kolmogorovSmirnovTwo, RARE } from "./kolmogorov-smirnov.js";

const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** Settings, and how many fields are drawn of each: rough fields take 20 times as long as the smoothest. */
const settings = [
  { range: 0, smoothness: 1, draws: 300 },
  { range: 0.05, smoothness: 1.5, draws: 300 },
  { range: 0.2, smoothness: 1.4, draws: 600 },
  { range: 0.6, smoothness: 0.5, draws: 400 },
  { range: 0.6, smoothness: 3, draws: 3_000 },
];

function draw(factor: SchlatherFactor, n: number, random: Stream): readonly Float64Array[] {
  return Array.from({ length: n }, () => sampleInverse(factor, random));
}

const at = (row: number, column: number): number => row * SIDE + column;
const exponentialCdf = (rate: number) => (x: number) => -Math.expm1(-rate * x);

/** The Gaussian field of noise. */
function gaussian({ blocks }: SchlatherFactor, noise: Float64Array): Float64Array {
  const coefficients = new Float64Array(POINTS);
  for (const { block, size, starts } of BLOCKS) {
    for (const start of starts) multiplyLower(blocks[block], size, noise, coefficients, start);
  }
  const field = new Float64Array(POINTS);
  fromCoefficients(coefficients, field);
  return field;
}

/** Schlather's stopping rule as if Gaussian fields stayed below 7, which one in a billion exceeds. */
function reference(factor: SchlatherFactor, random: Stream): Float64Array {
  const x = new Float64Array(POINTS).fill(Infinity);
  const noise = new Float64Array(POINTS);
  for (let arrivals = random.exponential(); ; arrivals += random.exponential()) {
    if (arrivals / (7 * SQRT_2PI) > x.reduce((a, b) => Math.max(a, b))) return x;
    random.fillNormal(noise);
    const z = gaussian(factor, noise);
    for (const [s, value] of z.entries()) {
      if (value > 0) x[s] = Math.min(x[s] ?? 0, arrivals / (SQRT_2PI * value));
    }
  }
}

describe("the ellipsoid", () => {
  it.each(settings)("bounds every field, tightly: $range, $smoothness", (parameters) => {
    const factor = factorSchlather(parameters);
    const { weights, meanSquare } = factor.ellipsoid;
    // Rows of A: fields of unit noise.
    const g = new Float64Array(POINTS);
    const variance = new Float64Array(POINTS);
    for (let j = 0; j < POINTS; j++) {
      const unit = Float64Array.from({ length: POINTS }, (_, k) => (k === j ? 1 : 0));
      for (const [s, value] of gaussian(factor, unit).entries()) {
        g[s] = (g[s] ?? 0) + value ** 2 / (weights[j] ?? 0);
        variance[s] = (variance[s] ?? 0) + value ** 2;
      }
    }
    expect(Math.max(...g)).toBeCloseTo(1, 12);
    expect(Math.max(...variance.map((v) => Math.abs(v - 1)))).toBeLessThan(1e-13);
    expect(meanSquare).toBeCloseTo(
      weights.reduce((a, b) => a + b),
      10,
    );
    // Equal weights would give 16; the seventeenth is what an uneven g may cost.
    expect(Math.sqrt(meanSquare)).toBeLessThan(17);
  });

  it("is small for smooth fields", () => {
    const { ellipsoid } = factorSchlather({ range: 0.6, smoothness: 3 });
    expect(Math.sqrt(ellipsoid.meanSquare)).toBeLessThan(2.1);
  });
});

describe("Schlather's process", () => {
  it.each(settings)("has its laws: $range, $smoothness", ({ draws, ...parameters }) => {
    const random = stream(`fields/${parameters.range}`);
    const factor = factorSchlather(parameters);
    const fields = draw(factor, draws, random);
    const rho = whittleMatern(parameters);
    for (const site of [at(0, 0), at(0, 7), at(8, 8), at(15, 4)]) {
      const values = fields.map((x) => x[site] ?? Number.NaN);
      expect(kolmogorovSmirnov(values, exponentialCdf(1))).toBeGreaterThan(RARE);
    }
    // P(X(s) > x, X(t) > x) = exp(-θ x): the smaller of the two is exponential of rate θ.
    const pairs = [
      [0, 0, 0, 1],
      [7, 7, 8, 7],
      [15, 0, 14, 1],
      [3, 12, 5, 11],
      [0, 8, 4, 11],
      [0, 0, 15, 15],
    ] as const;
    for (const [a, b, c, d] of pairs) {
      const theta = 1 + Math.sqrt((1 - rho(Math.hypot(a - c, b - d) / (SIDE - 1))) / 2);
      const values = fields.map((x) => Math.min(x[at(a, b)] ?? 0, x[at(c, d)] ?? 0));
      expect(kolmogorovSmirnov(values, exponentialCdf(theta))).toBeGreaterThan(RARE);
    }
    // So is the smallest of all, of rate E max(0, √(2π) max Z): a few thousand Gaussian fields give the mean to 1 %.
    const n = 4_000;
    let theta = 0;
    const noise = new Float64Array(POINTS);
    for (let k = 0; k < n; k++) {
      random.fillNormal(noise);
      theta += (SQRT_2PI * gaussian(factor, noise).reduce((a, b) => Math.max(a, b), 0)) / n;
    }
    const smallest = fields.map((x) => x.reduce((a, b) => Math.min(a, b)));
    expect(kolmogorovSmirnov(smallest, exponentialCdf(theta))).toBeGreaterThan(RARE);
  });

  it.each([
    { range: 0.2, smoothness: 1.4 },
    { range: 0.5, smoothness: 2 },
  ])("agrees with Schlather's own rule under a generous bound: $range, $smoothness", (setting) => {
    const random = stream("reference");
    const factor = factorSchlather(setting);
    const found = draw(factor, 300, random);
    const expected = Array.from({ length: 300 }, () => reference(factor, random));
    const summaries: readonly ((x: Float64Array) => number)[] = [
      (x) => x.reduce((a, b) => Math.max(a, b)),
      (x) => x.reduce((sum, value) => sum + Math.log(value), 0),
      (x) => Math.log((x[at(3, 3)] ?? 0) / (x[at(3, 4)] ?? 0)),
      (x) => Math.log((x[at(0, 0)] ?? 0) / (x[at(0, 9)] ?? 0)),
    ];
    for (const summary of summaries) {
      const p = kolmogorovSmirnovTwo(found.map(summary), expected.map(summary));
      expect(p).toBeGreaterThan(RARE);
    }
  });

  it("has as many values as the grid, positive and finite, at the ends of the prior", () => {
    for (const range of [0, 1e-300, 1e-3, 0.6]) {
      for (const smoothness of [0.5, 3]) {
        const x = invertedSchlather({ range, smoothness }, stream(3));
        expect(x).toHaveLength(POINTS);
        expect(x.every((value) => value > 0 && value < Infinity)).toBe(true);
      }
    }
  });

  it("refuses a covariance that is singular in double precision", () => {
    expect(() => factorSchlather({ range: 10, smoothness: 8 })).toThrow(NotPositiveDefiniteError);
  });
});
