/**
 * The comparison as tables of text: each number beside the published one and the exact posterior's.
 */
import type {
  CostRow,
  GaussianResults,
  MaxStableMethod,
  MaxStableResults,
  MethodResult,
  RatioResults,
  ReviewResults,
  Score,
} from "./results.js";
import { besidePublished, count, hundred, percent, plusMinus, seconds } from "./words.js";

/** A table: its title, and rows of cells, the first with the columns' names. */
export interface TextTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** All tables. */
export function resultTables({
  gaussian,
  maxStable,
  ratio,
  cost,
}: ReviewResults): readonly TextTable[] {
  return [
    properTable(gaussian),
    reviewTable(gaussian),
    logTable(gaussian),
    costTable("Gaussian process: what methods took", gaussian.methods),
    maxStableTable(maxStable),
    ...calibrationTables(maxStable),
    costTable("Inverted max-stable process: what methods took", maxStable.methods),
    ratioTable(ratio),
    gridTable(cost),
  ];
}

function relative(score: Score | undefined): string {
  const { relative: to } = score ?? {};
  return to === undefined ? "-" : `${to.value.toFixed(3)} ± ${to.standardError.toFixed(3)}`;
}

function published(score: Score | undefined, digits: number): string {
  return score?.published === undefined ? "" : ` (${hundred(score.published, digits)})`;
}

function properTable({ methods }: GaussianResults): TextTable {
  const scored = (score: Score | undefined, digits: number): string =>
    score === undefined
      ? "-"
      : `${plusMinus(score, digits, 100)}${published(score, digits === 3 ? 2 : digits)}`;
  return {
    title:
      "Gaussian process: proper scores × 100 (published), and relative to the exact posterior's",
    rows: [
      [
        "method",
        "RMSE",
        "relative",
        "CRPS",
        "relative",
        "interval score",
        "relative",
        "coverage %",
      ],
      ...methods.map(({ label, scores }) => [
        label,
        scored(scores.rmse, 2),
        relative(scores.rmse),
        scored(scores.crps, 3),
        relative(scores.crps),
        scored(scores.intervalScore, 2),
        relative(scores.intervalScore),
        scored(scores.coverage, 1),
      ]),
    ],
  };
}

function reviewTable({ methods }: GaussianResults): TextTable {
  return {
    title: "Gaussian process: the review's own scores × 100 (published: how much worse ours is)",
    rows: [
      ["method", "RMSPE", "MIS90", "MCRPS", "COV90 %"],
      ...methods.map(({ label, scores }) => [
        label,
        besidePublished(scores.reviewRmspe, 2),
        besidePublished(scores.reviewMis90, 2),
        besidePublished(scores.reviewMcrps, 2),
        besidePublished(scores.reviewCov90, 1),
      ]),
    ],
  };
}

function logTable({ methods }: GaussianResults): TextTable {
  return {
    title: "Gaussian process: log scores, and less the exact posterior's",
    rows: [
      ["method", "log score", "less exact", "fields left out, whose score is infinite"],
      ...methods.flatMap(({ label, scores: { logScore } }) =>
        logScore === undefined
          ? []
          : [
              [
                label,
                plusMinus(logScore, 3),
                logScore.difference === undefined ? "-" : plusMinus(logScore.difference, 3),
                String(logScore.excluded ?? 0),
              ],
            ],
      ),
    ],
  };
}

function costTable(
  title: string,
  methods: readonly Pick<MethodResult, "label" | "cost">[],
): TextTable {
  return {
    title,
    rows: [
      ["method", "simulations", "training", "a field", "memory"],
      ...methods.map(({ label, cost }) => [
        label,
        cost.simulations === 0 ? "-" : count(cost.simulations),
        cost.trainingSeconds === 0 ? "-" : seconds(cost.trainingSeconds),
        seconds(cost.inferenceSecondsPerField),
        `${count(cost.peakMemoryMiB)} MiB`,
      ]),
    ],
  };
}

const PARAMETERS = ["range", "smoothness"] as const;

/** Answers about both parameters of each method. */
function byParameter(methods: readonly MaxStableMethod[]) {
  return methods.flatMap((method) =>
    PARAMETERS.map((parameter) => ({
      label: method.label,
      parameter,
      answers: method[parameter],
    })),
  );
}

function maxStableTable({ methods }: MaxStableResults): TextTable {
  return {
    title: "Inverted max-stable process: scores, and shares of estimates on the bounds (published)",
    rows: [
      ["method", "parameter", "RMSE", "CRPS", "coverage %", "lower bound %", "upper bound %"],
      ...byParameter(methods).map(({ label, parameter, answers }) => {
        const { rmse, crps, coverage, onBounds } = answers;
        const { lower, upper } = onBounds;
        return [
          label,
          parameter,
          plusMinus(rmse, 4),
          crps === undefined ? "-" : plusMinus(crps, 4),
          coverage === undefined ? "-" : plusMinus(coverage, 1, 100),
          `${hundred(lower.share, 1)} below ${lower.threshold}`,
          `${hundred(upper.share, 1)} above ${upper.threshold}${upper.published === undefined ? "" : ` (${percent(upper.published)})`}`,
        ];
      }),
    ],
  };
}

function calibrationTables({ methods }: MaxStableResults): readonly TextTable[] {
  const calibrated = byParameter(methods).flatMap(({ label, parameter, answers }) =>
    answers.calibration === undefined
      ? []
      : [{ label, parameter, coverage: answers.calibration.coverage }],
  );
  const [first] = calibrated;
  const joint = methods.flatMap(({ label, joint }) =>
    joint === undefined
      ? []
      : [
          [
            label,
            plusMinus(joint.energyScore, 4),
            plusMinus(joint.logScore, 3),
            String(joint.logScore.excluded ?? 0),
          ],
        ],
  );
  return [
    ...(first === undefined
      ? []
      : [
          {
            title: "Inverted max-stable process: coverage % of central intervals",
            rows: [
              ["method", "parameter", ...first.coverage.map(({ level }) => percent(level))],
              ...calibrated.map(({ label, parameter, coverage }) => [
                label,
                parameter,
                ...coverage.map((share) => plusMinus(share, 1, 100)),
              ]),
            ],
          },
        ]),
    ...(joint.length === 0
      ? []
      : [
          {
            title:
              "Inverted max-stable process: both parameters together, each in units of its prior's width",
            rows: [
              ["method", "energy score", "log score", "fields left out, whose score is infinite"],
              ...joint,
              ["the prior itself", "0.2607", "0.000", "0"],
            ],
          },
        ]),
  ];
}

function ratioTable({ snapshots }: RatioResults): TextTable {
  return {
    title: "Ratio: distance of the classifier from the Bayes classifier",
    rows: [
      ["steps", "mean absolute difference"],
      ...snapshots.map(({ steps, meanAbsoluteDifference }) => [
        count(steps),
        meanAbsoluteDifference.toFixed(4),
      ]),
    ],
  };
}

function gridTable(cost: readonly CostRow[]): TextTable {
  return {
    title:
      "Cost by grid points, with all processors at work; simulations, trainings and chains are timed over short runs, and scaled up",
    rows: [
      ["points", "method", "simulating", "training", "a field", "breaks even at"],
      ...cost.map((row) => [
        count(row.points),
        row.method.toUpperCase(),
        row.simulationSeconds === 0 ? "-" : seconds(row.simulationSeconds),
        row.trainingSeconds === 0 ? "-" : seconds(row.trainingSeconds),
        seconds(row.inferenceSecondsPerField),
        row.breakEven === undefined ? "-" : `${count(row.breakEven)} fields`,
      ]),
    ],
  };
}
