/**
 * The comparison as tables of text: each number beside the published one and the exact posterior's.
 */
import type {
  MaxStableAnswers,
  MaxStableResults,
  MethodResult,
  ReviewResults,
  Score,
} from "./results.js";

/** A table: its title, and rows of cells, the first with the columns' names. */
export interface TextTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

const hundred = (value: number | undefined, digits = 2): string =>
  value === undefined ? "-" : (100 * value).toFixed(digits);

function relative(score: Score | undefined): string {
  const { relative: to } = score ?? {};
  return to === undefined ? "-" : `${to.value.toFixed(3)} ± ${to.standardError.toFixed(3)}`;
}

function beside(score: Score | undefined, digits = 2): string {
  if (score === undefined) return "-";
  const published = score.published === undefined ? "" : ` (${hundred(score.published, digits)})`;
  return `${hundred(score.value, digits)}${published}`;
}

const seconds = (value: number): string =>
  value >= 1 ? `${value.toFixed(1)} s` : `${(1000 * value).toPrecision(2)} ms`;

/** All tables. */
export function resultTables({
  gaussian,
  maxStable,
  ratio,
  cost,
}: ReviewResults): readonly TextTable[] {
  return [
    {
      title: "Gaussian process: proper scores × 100, and relative to the exact posterior's",
      rows: [
        [
          "method",
          "RMSE",
          "CRPS",
          "relative",
          "interval score",
          "relative",
          "coverage %",
          "field",
          "training",
          "memory",
        ],
        ...gaussian.methods.map(properRow),
      ],
    },
    {
      title: "Gaussian process: the review's own scores × 100 (published)",
      rows: [
        ["method", "RMSPE", "MIS90", "MCRPS", "COV90 %"],
        ...gaussian.methods.map(({ label, scores }) => [
          label,
          beside(scores.reviewRmspe),
          beside(scores.reviewMis90),
          beside(scores.reviewMcrps),
          beside(scores.reviewCov90, 1),
        ]),
      ],
    },
    maxStableTable(maxStable),
    {
      title: "Ratio: distance of the classifier from the Bayes classifier",
      rows: [
        ["steps", "mean absolute difference"],
        ...ratio.snapshots.map(({ steps, meanAbsoluteDifference }) => [
          String(steps),
          meanAbsoluteDifference.toFixed(4),
        ]),
      ],
    },
    {
      title:
        "Cost by grid points; simulations, trainings and chains are timed over short runs, and scaled up",
      rows: [
        ["points", "method", "simulating", "training", "a field", "breaks even at"],
        ...cost.map((row) => [
          String(row.points),
          row.method,
          seconds(row.simulationSeconds),
          seconds(row.trainingSeconds),
          seconds(row.inferenceSecondsPerField),
          row.breakEven === undefined ? "-" : String(row.breakEven),
        ]),
      ],
    },
  ];
}

function maxStableTable({ methods }: MaxStableResults): TextTable {
  return {
    title: "Inverted max-stable process",
    rows: [
      ["method", "parameter", "RMSE", "CRPS", "coverage %", "on bounds %"],
      ...methods.flatMap(({ label, range, smoothness }) => [
        maxStableRow(label, "range", range),
        maxStableRow(label, "smoothness", smoothness),
      ]),
    ],
  };
}

function properRow({ label, scores, cost }: MethodResult): readonly string[] {
  return [
    label,
    hundred(scores.rmse?.value),
    hundred(scores.crps?.value, 3),
    relative(scores.crps),
    hundred(scores.intervalScore?.value),
    relative(scores.intervalScore),
    `${hundred(scores.coverage?.value, 1)} ± ${hundred(scores.coverage?.standardError, 1)}`,
    seconds(cost.inferenceSecondsPerField),
    cost.trainingSeconds === 0 ? "-" : seconds(cost.trainingSeconds),
    `${cost.peakMemoryMiB} MiB`,
  ];
}

function maxStableRow(
  label: string,
  parameter: string,
  answers: MaxStableAnswers,
): readonly string[] {
  const error = answers.rmse.standardError;
  return [
    label,
    parameter,
    `${answers.rmse.value.toFixed(4)}${error === undefined ? "" : ` ± ${error.toFixed(4)}`}`,
    answers.crps?.value.toFixed(4) ?? "-",
    hundred(answers.coverage?.value, 1),
    hundred(answers.onBounds, 1),
  ];
}
