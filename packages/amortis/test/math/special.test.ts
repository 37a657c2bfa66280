import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  binomialLogMass,
  choleskyFactor,
  erf,
  erfc,
  erfInverseCentral,
  gaussLegendre,
  incompleteBeta,
  incompleteBetaInverse,
  incompleteGamma,
  incompleteGammaInverse,
  integrate,
  invertLower,
  logBeta,
  logErfcx,
  logGamma,
  logNormalTail,
  normalCdf,
  normalQuantile,
  poissonLogMass,
  solveLower,
} from "../../src/math/index.js";

/** Rows of arguments with the value last; see special_golden.py. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the script
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/special-golden.json", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly (readonly number[])[]>>;

/** |found - expected| relative to the size of what was expected, with a floor below which the error is absolute. */
function errorOf(found: number, expected: number, floor: number): number {
  if (found === expected) return 0;
  return Math.abs(found - expected) / Math.max(Math.abs(expected), floor);
}

/** Golden rows whose arguments lie in a tail. */
function rows(
  name: string,
  small: (a: number, b: number, x: number) => boolean,
): readonly (readonly number[])[] {
  return (golden[name] ?? []).filter(([a = 0, b = 0, x = 0]) => small(a, b, x));
}

const ABOUT_ONE_EPSILON = 4e-15;

describe("golden numbers", () => {
  const cases: readonly (readonly [
    string,
    (...x: readonly [number, number, number]) => number,
    number,
    number,
  ])[] = [
    // name, function, relative tolerance, floor of the scale
    ["logGamma", (x) => logGamma(x), ABOUT_ONE_EPSILON, 0],
    ["logBeta", (a, b) => logBeta(a, b), 1e-13, 1e-3],
    ["erf", (x) => erf(x), ABOUT_ONE_EPSILON, 0],
    ["erfc", (x) => erfc(x), 1e-14, 0],
    ["logErfcx", (x) => logErfcx(x), 1e-14, 0.1],
    ["normalCdf", (x) => normalCdf(x), 1e-13, 0],
    ["logNormalTail", (x) => logNormalTail(x), 1e-13, 0],
    ["normalQuantile", (p) => normalQuantile(p), 1e-14, 0],
    ["gammaLower", (a, x) => incompleteGamma(a, x).lower, 1e-13, 0.01],
    ["gammaUpper", (a, x) => incompleteGamma(a, x).upper, 1e-13, 0.01],
    ["betaLower", (a, b, x) => incompleteBeta(a, b, x).lower, 1e-13, 0.01],
    ["betaUpper", (a, b, x) => incompleteBeta(a, b, x).upper, 1e-13, 0.01],
    ["poissonLogMass", (k, m) => poissonLogMass(k, m), 1e-13, 1],
    ["binomialLogMass", (k, n, p) => binomialLogMass(k, n, p), 1e-13, 1],
  ];
  test.each(cases)("%s", (name, f, tolerance, floor) => {
    const rows = golden[name] ?? [];
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const [a = 0, b = 0, c = 0] = row;
      const expected = row.at(-1) ?? Number.NaN;
      const found = f(a, b, c);
      expect(
        errorOf(found, expected, floor),
        `${name}(${row.slice(0, -1).join(", ")}) is ${expected}, but gave ${found}`,
      ).toBeLessThan(tolerance);
    }
  });

  test("small tails of the incomplete functions keep their relative accuracy", () => {
    for (const [a = 0, x = 0, expected = 0] of rows("gammaLower", (a, x) => x < a)) {
      expect(errorOf(incompleteGamma(a, x).lower, expected, 0)).toBeLessThan(1e-12);
    }
    for (const [a = 0, x = 0, expected = 0] of rows("gammaUpper", (a, x) => x > a + 1)) {
      expect(errorOf(incompleteGamma(a, x).upper, expected, 0)).toBeLessThan(1e-12);
    }
    for (const [a = 0, b = 0, x = 0, expected = 0] of rows(
      "betaLower",
      (a, b, x) => x < a / (a + b),
    )) {
      expect(errorOf(incompleteBeta(a, b, x).lower, expected, 0)).toBeLessThan(1e-12);
    }
  });
});

describe("of large shapes the smaller tail", () => {
  /** What one rounding of the argument does to the logarithm of a density, in units of its distance from the mean, and 20 more for the function. */
  const tolerance = (distance: number): number =>
    20 * Number.EPSILON * (1 + Math.abs(distance)) + 1e-13;

  test("of the incomplete gamma function is right", () => {
    for (const [a = 0, x = 0, expected = 0] of golden["gammaLarge"] ?? []) {
      const { lower, upper } = incompleteGamma(a, x);
      const error = errorOf(x < a ? lower : upper, expected, 0);
      expect(error, `a = ${a}, x = ${x}`).toBeLessThan(tolerance(x - a));
    }
  });

  test("of the incomplete beta function is right", () => {
    for (const [a = 0, b = 0, x = 0, expected = 0] of golden["betaLarge"] ?? []) {
      const { lower, upper } = incompleteBeta(a, b, x);
      const isLower = x < a / (a + b);
      const error = errorOf(isLower ? lower : upper, expected, 0);
      expect(error, `a = ${a}, b = ${b}, x = ${x}`).toBeLessThan(tolerance(a - (a + b) * x));
    }
  });
});

describe("inverses undo", () => {
  const levels = [1e-12, 1e-4, 0.01, 0.2, 0.5, 0.77, 0.99, 0.999999];

  test("the normal distribution function, far into the tail", () => {
    for (const x of [-37, -20, -5, -1.9, -1, -0.6, -1e-9, 0, 1e-12, 0.5, 1.2, 4]) {
      // Above -1 the distribution function itself rounds: one ulp of 1 moves x by 1 / φ(x) ulps.
      const tolerance = 1e-14 * Math.abs(x) + (x > -1 ? 2.3e-16 / Math.exp(-x * x * 0.5) : 0);
      expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThanOrEqual(4 * tolerance);
    }
    expect([0, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([
      -Infinity,
      Infinity,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test("the error function, with relative accuracy at zero", () => {
    for (const x of [-1.3, -0.2, -1e-10, 1e-300, 1e-5, 0.7, 1.2]) {
      expect(errorOf(erfInverseCentral(erf(x)), x, 0)).toBeLessThan(2e-15);
    }
  });

  test("the incomplete gamma function", () => {
    for (const a of [1e-3, 0.05, 0.7, 1, 5, 300, 1e5]) {
      for (const p of levels) {
        const x = incompleteGammaInverse(a, p);
        const { lower, upper } = incompleteGamma(a, x);
        // Below 1e-308 the quantile of a small shape is zero: it cannot be written down.
        const underflows = Math.log(p) / a < -700;
        const error = p < 0.5 ? errorOf(lower, p, 0) : errorOf(upper, 1 - p, 0);
        expect(underflows ? x : error, `a = ${a}, p = ${p}, x = ${x}`).toBeLessThan(1e-10);
      }
    }
  });

  test("the incomplete beta function", () => {
    for (const [a, b] of [
      [0.05, 0.1],
      [0.5, 0.5],
      [1, 1],
      [2, 5],
      [800, 3],
      [1e4, 2e4],
    ] as const) {
      for (const p of levels) {
        const x = incompleteBetaInverse(a, b, p);
        const { lower } = incompleteBeta(a, b, x);
        // A quantile rounded to 1 - ulp moves the distribution function by its density there.
        const next = incompleteBeta(a, b, x * (1 - 2.3e-16)).lower;
        const rounding = Math.abs(next - lower);
        expect(Math.abs(lower - p), `a = ${a}, b = ${b}, p = ${p}, x = ${x}`).toBeLessThan(
          1e-11 * p + 2 * rounding,
        );
      }
    }
  });
});

test("Gauss-Legendre quadrature is exact for polynomials of degree 2n - 1", () => {
  const rule = gaussLegendre(6);
  expect(integrate((x) => 12 * x ** 11, 0, 1, rule)).toBeCloseTo(1, 13);
  expect(integrate(Math.exp, -1, 2, gaussLegendre(12))).toBeCloseTo(Math.exp(2) - Math.exp(-1), 13);
});

test("Cholesky factors multiply to their matrix, and solve", () => {
  const a = Float64Array.of(4, 2, 0.6, 2, 3, 0.4, 0.6, 0.4, 1);
  const factor = choleskyFactor(a, 3) ?? new Float64Array();
  const x = solveLower(factor, [1, 2, 3]);
  const inverse = invertLower(factor, 3);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let product = 0;
      let unit = 0;
      for (let k = 0; k < 3; k++) {
        product += (factor[i * 3 + k] ?? 0) * (factor[j * 3 + k] ?? 0);
        unit += (factor[i * 3 + k] ?? 0) * (inverse[k * 3 + j] ?? 0);
      }
      expect(product).toBeCloseTo(a[i * 3 + j] ?? 0, 14);
      expect(unit).toBeCloseTo(i === j ? 1 : 0, 14);
    }
    let row = 0;
    for (let k = 0; k <= i; k++) row += (factor[i * 3 + k] ?? 0) * (x[k] ?? 0);
    expect(row).toBeCloseTo(i + 1, 14);
  }
  expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
});
