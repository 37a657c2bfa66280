import { expect, it } from "vitest";
import {
  chebyshevCoefficients,
  chebyshevIntegral,
  chebyshevPoints,
  chebyshevValue,
} from "../../src/math/chebyshev.js";

const POINTS = [-1, -0.73, -0.2, 0, 0.41, 0.9, 1];

it("is a polynomial of its degree, and its integral that of the polynomial", () => {
  const f = (x: number): number => 3 - 2 * x + 0.5 * x ** 3 - x ** 4;
  const integral = (x: number): number => {
    const F = (t: number): number => 3 * t - t ** 2 + t ** 4 / 8 - t ** 5 / 5;
    return F(x) - F(-1);
  };
  const coefficients = chebyshevCoefficients(chebyshevPoints(4).map(f));
  const integrated = chebyshevIntegral(coefficients);
  for (const x of POINTS) {
    expect(chebyshevValue(coefficients, x)).toBeCloseTo(f(x), 13);
    expect(chebyshevValue(integrated, x)).toBeCloseTo(integral(x), 13);
  }
});

it("has coefficients of smooth functions that fall off: of e^x the Bessel functions I_k(1)", () => {
  const coefficients = chebyshevCoefficients(chebyshevPoints(24).map(Math.exp));
  // I_0(1), 2 I_1(1), 2 I_2(1), 2 I_3(1): Abramowitz & Stegun, table 9.8.
  const expected = [1.266065877752008, 1.13031820798497, 0.271495339534077, 0.044336849848664];
  for (const [k, value] of expected.entries()) expect(coefficients[k]).toBeCloseTo(value, 13);
  expect(Math.abs(coefficients[20] ?? 1)).toBeLessThan(1e-15);
  const integrated = chebyshevIntegral(coefficients);
  for (const x of POINTS) {
    expect(chebyshevValue(integrated, x)).toBeCloseTo(Math.exp(x) - Math.exp(-1), 13);
  }
});
