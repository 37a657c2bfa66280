/**
 * Answers beside exact posteriors: by their CRPS, by how far means are off, by widths, and by coverage.
 */
import { crps } from "amortis/diagnostics";

/** Draws of the posteriors of data sets, [data sets, draws, p] flat. */
export interface Answered {
  readonly draws: ArrayLike<number>;
  readonly each: number;
}

/** Exact posteriors: as many draws, with means and standard deviations, [data sets, p]. */
export interface ExactAnswers extends Answered {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** What answers are worth. */
export interface Score {
  /** Mean CRPS in that of the exact posterior, and its standard error over data sets. */
  readonly crps: readonly [number, number];
  /** Root mean square distance of means from the exact ones, in exact standard deviations. */
  readonly mean: number;
  /** Geometric mean of standard deviations in exact ones. */
  readonly sd: number;
  /** Share of 90 % intervals that hold the truth, and its standard error. */
  readonly coverage: readonly [number, number];
}

/** @param truth [data sets, p]. */
export function scoreOf(
  { draws, each }: Answered,
  exact: ExactAnswers,
  truth: ArrayLike<number>,
  p: number,
): Score {
  const size = truth.length / p;
  const losses: number[] = [];
  const best: number[] = [];
  let [squares, logs, covered] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    let [own, others] = [0, 0];
    for (let k = 0; k < p; k++) {
      const at = i * p + k;
      const column = columnOf(draws, each, p, i, k);
      own += crps(column, truth[at] ?? Number.NaN);
      others += crps(columnOf(exact.draws, exact.each, p, i, k), truth[at] ?? Number.NaN);
      const middle = meanOf(column);
      const sd = Math.sqrt(meanOf(column.map((x) => (x - middle) ** 2)));
      squares += ((middle - (exact.mean[at] ?? 0)) / (exact.sd[at] ?? 1)) ** 2;
      logs += Math.log(sd / (exact.sd[at] ?? 1));
      const sorted = column.toSorted();
      const [from, to] = [0.05, 0.95].map((q) => sorted[Math.floor(q * sorted.length)] ?? 0);
      const theta = truth[at] ?? Number.NaN;
      if (theta >= (from ?? 0) && theta <= (to ?? 0)) covered++;
    }
    losses.push(own);
    best.push(others);
  }
  const middle = meanOf(best);
  const ratio = meanOf(losses) / middle;
  const left = losses.map((loss, i) => (loss - ratio * (best[i] ?? 0)) / middle);
  const share = covered / (size * p);
  return {
    crps: [ratio, Math.sqrt(meanOf(left.map((x) => x ** 2)) / size)],
    mean: Math.sqrt(squares / (size * p)),
    sd: Math.exp(logs / (size * p)),
    coverage: [share, Math.sqrt((share * (1 - share)) / (size * p))],
  };
}

/** A score as cells of a table. */
export function cellsOf({ crps: [ratio, error], mean, sd, coverage: [share] }: Score): string[] {
  return [
    `${ratio.toFixed(3)} ± ${error.toFixed(3)}`,
    mean.toFixed(2),
    sd.toFixed(2),
    (100 * share).toFixed(1),
  ];
}

function columnOf(
  draws: ArrayLike<number>,
  each: number,
  p: number,
  i: number,
  k: number,
): Float64Array {
  return Float64Array.from({ length: each }, (_, j) => draws[(i * each + j) * p + k] ?? Number.NaN);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}
