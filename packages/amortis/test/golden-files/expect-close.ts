/**
 * When answers count as the same.
 */
import { expect } from "vitest";
import type { Answers } from "./answers.js";

/**
 * Networks compute in float32, 6e-8 a step; processors and versions of the runtime sum in different orders, over some hundred steps.
 * Differences count in units of the largest number of an answer, as a logarithm near zero is a difference of large numbers.
 */
export const SINGLE = 1e-5;

export function expectClose(
  found: ArrayLike<number>,
  kept: readonly number[],
  tolerance: number,
): void {
  expect(found).toHaveLength(kept.length);
  const scale = kept.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const furthest = kept.reduce(
    (d, value, i) => Math.max(d, Math.abs((found[i] ?? NaN) - value)),
    0,
  );
  expect(furthest / scale).toBeLessThan(tolerance);
}

export function expectAnswers(found: Answers, kept: Answers, tolerance: number): void {
  expect(Object.keys(found)).toEqual(Object.keys(kept));
  for (const [name, values] of Object.entries(kept)) {
    expectClose(found[name] ?? [], values, tolerance);
  }
}
