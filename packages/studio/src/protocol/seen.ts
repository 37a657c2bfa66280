/**
 * Data as the estimator sees them: without what was erased, and without what lies above a ceiling that is among them.
 */
import type { DataRecord, Question, Threshold } from "./types.js";

/**
 * NaN where a value is not seen.
 *
 * @param rule what the estimator's threshold hides, where it has one.
 */
export function seen(
  whole: DataRecord,
  { erased, threshold }: Pick<Question, "erased" | "threshold">,
  rule: Threshold | undefined,
): DataRecord {
  const left = erase(whole, erased);
  if (rule === undefined || threshold === undefined) return left;
  const { of, input } = rule;
  // What was hidden before stays so.
  const at = Math.min(threshold, whole[input]?.[0] ?? Infinity);
  const values = left[of] ?? new Float64Array(0);
  return {
    ...left,
    [of]: values.map((value) => (value > at ? Number.NaN : value)),
    [input]: Float64Array.of(at),
  };
}

/** Values left out. */
function erase(data: DataRecord, erased: Question["erased"]): DataRecord {
  if (Object.values(erased).every((places) => places.length === 0)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, values]) => {
      const left = values.slice();
      for (const place of erased[name] ?? []) left[place] = Number.NaN;
      return [name, left];
    }),
  );
}
