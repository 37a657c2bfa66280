/**
 * Many tests at once: p-values adjusted so that the chance of any false alarm among all of them is at most the level, however they depend on each other.
 *
 * Reference: Holm (1979), "A simple sequentially rejective multiple test procedure".
 */

/** One test of a family. */
export interface CalibrationTest {
  /** What is tested: "shift", "spread", "ranks", "places"; of all parameters together "joint ranks", "tarp", "data-averaged", "learned", "density"; of estimates "level", "places", "learned". */
  readonly name: string;
  /** The parameter that it is of; none where it is of all together. */
  readonly parameter?: string;
  /** The estimate that it is of: "mean", "quantile 0.05"; none of draws. */
  readonly estimate?: string;
  readonly pValue: number;
  /** By Holm's procedure: below 0.05, the test is a finding. */
  readonly adjusted: number;
}

/** Adjusts p-values by Holm's procedure. */
export function holm(tests: readonly Omit<CalibrationTest, "adjusted">[]): CalibrationTest[] {
  const order = tests.map((_, i) => i).toSorted((a, b) => at(tests, a) - at(tests, b));
  const adjusted = new Float64Array(tests.length);
  let largest = 0;
  for (const [place, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (tests.length - place) * at(tests, i)));
    adjusted[i] = largest;
  }
  return tests.map((test, i) => ({ ...test, adjusted: adjusted[i] ?? 1 }));
}

function at(tests: readonly { readonly pValue: number }[], i: number): number {
  return tests[i]?.pValue ?? 1;
}
