/**
 * How fast the gap shrinks with simulations: the slope of log KL over log n, of all of it and of what is due to amortization.
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

/** A part of the gap that falls as n^exponent. */
export interface Rate {
  readonly name: string;
  readonly part: "total" | "amortization";
  readonly exponent: number;
  /** By the standard errors of the means alone: other seeds of training differ by more. */
  readonly standardError: number;
}

/** Least, in nats, that a gap is taken to be: its logarithm is fitted. */
const LEAST = 1e-3;

/** The exponents of each series with two budgets or more, by least squares in logarithms. */
export function rateOf(rows: readonly GapRow[]): readonly Rate[] {
  return [...seriesOf(rows)].flatMap(([name, own]) =>
    own.length < 2 ? [] : (["total", "amortization"] as const).map((part) => fit(name, part, own)),
  );
}

function fit(name: string, part: Rate["part"], own: readonly GapRow[]): Rate {
  const x = own.map(({ simulations }) => Math.log(simulations));
  const y = own.map(({ kl }) => Math.log(Math.max(kl[part][0], LEAST)));
  const errors = own.map(({ kl }) => kl[part][1] / Math.max(kl[part][0], LEAST));
  const middle = meanOf(x);
  const spread = x.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const weights = x.map((value) => (value - middle) / spread);
  const sum = (of: (i: number) => number): number => x.reduce((all, _, i) => all + of(i), 0);
  return {
    name,
    part,
    exponent: sum((i) => (weights[i] ?? 0) * (y[i] ?? 0)),
    standardError: Math.sqrt(sum((i) => ((weights[i] ?? 0) * (errors[i] ?? 0)) ** 2)),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
