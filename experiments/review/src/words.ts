/**
 * Numbers as tables have them.
 */
import type { Score } from "./results.js";

/** With separators. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** × 100. */
export const hundred = (value: number, digits = 2): string => (100 * value).toFixed(digits);

/** A share. */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

/** A time. */
export const seconds = (value: number): string =>
  value >= 1 ? `${value.toFixed(1)} s` : `${Number((1000 * value).toPrecision(2))} ms`;

/** A value, times a factor, with its standard error where that is known. */
export function plusMinus(
  { value, standardError }: Pick<Score, "value" | "standardError">,
  digits: number,
  factor = 1,
): string {
  const error = standardError === undefined ? "" : ` ± ${(factor * standardError).toFixed(digits)}`;
  return `${(factor * value).toFixed(digits)}${error}`;
}

/**
 * A score × 100 beside the published one, and whether it is at least as good, with the difference in standard errors: "1.36 ± 0.05 (1.50: ✓ -2.8)".
 *
 * ✓ at least as good; ≈ worse by less than two standard errors; ✗ worse.
 */
export function besidePublished(score: Score | undefined, digits: number): string {
  if (score === undefined) return "-";
  const ours = plusMinus(score, digits, 100);
  const { published, againstPublished } = score;
  if (published === undefined) return ours;
  const verdict = againstPublished === undefined ? "" : `: ${verdictOn(againstPublished)}`;
  return `${ours} (${hundred(published, digits)}${verdict})`;
}

function verdictOn(errors: number): string {
  const mark = errors <= 0 ? "✓" : errors <= 2 ? "≈" : "✗";
  return `${mark} ${errors > 0 ? "+" : ""}${errors.toFixed(1)}`;
}
