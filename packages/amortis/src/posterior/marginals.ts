/**
 * Summaries of one parameter's draws.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Mean of values. */
export function meanOf(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] ?? 0;
  return total / values.length;
}

/** Standard deviation of values, with n - 1; of one value, NaN: it says nothing of how far others lie. */
export function sdOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += ((values[i] ?? 0) - mean) ** 2;
  return Math.sqrt(total / (values.length - 1));
}

/**
 * Quantile of sorted values by linear interpolation (type 7 of Hyndman & Fan 1996).
 *
 * @param level within [0, 1].
 */
export function quantileOf(sorted: ArrayLike<number>, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (at - below) * (high - low);
}

/** The share of values that are 0, 1, ..., by label. */
export function sharesOf(
  values: ArrayLike<number>,
  labels: readonly string[],
): Readonly<Record<string, number>> {
  const all = Array.from(values);
  const isRefused = all.some(Number.isNaN);
  return Object.fromEntries(
    labels.map((label, i) => [
      label,
      isRefused ? Number.NaN : all.filter((value) => value === i).length / all.length,
    ]),
  );
}

/** The shortest interval that holds a share of sorted values (Chen & Shao 1999). */
export function shortestInterval(
  sorted: ArrayLike<number>,
  level: number,
): readonly [number, number] {
  const count = Math.min(sorted.length, Math.max(1, Math.ceil(level * sorted.length)));
  let best: readonly [number, number] = [sorted[0] ?? Number.NaN, sorted[count - 1] ?? Number.NaN];
  for (let i = 1; i + count <= sorted.length; i++) {
    const low = sorted[i] ?? Number.NaN;
    const high = sorted[i + count - 1] ?? Number.NaN;
    if (high - low < best[1] - best[0]) best = [low, high];
  }
  return best;
}

/** @throws InvalidArgumentError where a level is no number within [0, 1]. */
export function checkLevel(level: unknown): void {
  if (typeof level === "number" && level >= 0 && level <= 1) return;
  const given = typeof level === "string" ? `the text "${level}"` : String(level);
  throw new InvalidArgumentError(`a level must lie within [0, 1], but ${given} was given`);
}
