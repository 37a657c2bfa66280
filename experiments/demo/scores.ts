/**
 * The demo's table: scores of the estimator beside those of the exact posteriors, over the same fields.
 */
import {
  difference,
  ratio,
  ratioOfRoots,
  scoreMarginal,
  type Estimate,
  type MarginalScores,
} from "amortis/diagnostics";

/** What exact.json holds, one number a field. */
export interface ExactAnswers {
  readonly mean: readonly number[];
  readonly q05: readonly number[];
  readonly q95: readonly number[];
  readonly crps: readonly number[];
}

/** Scores of the exact posteriors: in the long run, nothing does better. */
export function scoreExact(exact: ExactAnswers, truth: ArrayLike<number>): MarginalScores {
  const { mean, q05: lower, q95: upper, crps } = exact;
  return scoreMarginal({ truth, mean, lower, upper, level: 0.9, crps });
}

/** A table of both, with standard errors. */
export function scoreTable(neural: MarginalScores, exact: MarginalScores): string {
  const n = neural.crps.each.length;
  const hundredfold = (value: Estimate): string => plusMinus(value, 100, 3);
  const rows = [
    [`${n} fields, range × 100`, "neural posterior", "exact posterior", "ratio"],
    [
      "RMSE of the mean",
      hundredfold(neural.rmse),
      hundredfold(exact.rmse),
      plusMinus(ratioOfRoots(neural.squaredError, exact.squaredError), 1, 3),
    ],
    [
      "CRPS",
      hundredfold(neural.crps),
      hundredfold(exact.crps),
      plusMinus(ratio(neural.crps, exact.crps), 1, 3),
    ],
    [
      "90 % interval score",
      hundredfold(neural.intervalScore),
      hundredfold(exact.intervalScore),
      plusMinus(ratio(neural.intervalScore, exact.intervalScore), 1, 3),
    ],
    [
      "90 % coverage, %",
      plusMinus(neural.coverage, 100, 1),
      plusMinus(exact.coverage, 100, 1),
      `difference ${plusMinus(difference(neural.coverage, exact.coverage), 100, 1)}`,
    ],
  ];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("   "),
    )
    .join("\n");
}

function plusMinus({ value, standardError }: Estimate, factor: number, digits: number): string {
  return `${(factor * value).toFixed(digits)} ± ${(factor * standardError).toFixed(digits)}`;
}
