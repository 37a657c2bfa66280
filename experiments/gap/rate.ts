/**
 * How fast the gap shrinks with simulations: the slope of log KL over log n, by least squares.
 */
import type { GapRow } from "./gap.js";

/** Rows of one task and network, in increasing order of simulations. */
export function seriesOf(rows: readonly GapRow[]): ReadonlyMap<string, readonly GapRow[]> {
  const series = new Map<string, GapRow[]>();
  for (const row of rows) {
    const name = `${row.task}, ${row.size}`;
    series.set(name, [...(series.get(name) ?? []), row]);
  }
  return new Map(
    [...series].map(([name, own]) => [name, own.toSorted((a, b) => a.simulations - b.simulations)]),
  );
}

/** The exponent of each series with two budgets or more. */
export function rateOf(
  rows: readonly GapRow[],
): readonly { readonly name: string; readonly exponent: number }[] {
  return [...seriesOf(rows)].flatMap(([name, own]) => {
    if (own.length < 2) return [];
    const x = own.map(({ simulations }) => Math.log(simulations));
    const y = own.map(({ kl }) => Math.log(Math.max(kl.total[0], 1e-6)));
    const [mx, my] = [meanOf(x), meanOf(y)];
    const slope =
      x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] ?? my) - my), 0) /
      x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
    return [{ name, exponent: slope }];
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
