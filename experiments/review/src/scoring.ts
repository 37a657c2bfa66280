/**
 * Scores of a method's answers: ours, by which we judge, and the review's own, to compare with its table.
 */
import {
  average,
  intervalScore,
  medianOf,
  ratio,
  ratioOfRoots,
  reviewCov90,
  reviewMis90,
  reviewRmspe,
  rootMeanSquare,
  type Average,
  type Estimate,
} from "amortis/diagnostics";
import { LEVEL, type Answers } from "./answers.js";
import { errorOfMedian } from "./bootstrap.js";
import { PUBLISHED } from "./published.js";
import type { MethodScores, Score } from "./results.js";

const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;

/** Interval scores by data set. */
export function intervalScores(answers: Answers, truth: readonly number[]): number[] {
  return truth.map((theta, i) =>
    intervalScore(at(answers.lower, i), at(answers.upper, i), theta, LEVEL),
  );
}

interface Averages {
  readonly squaredError: Average;
  readonly crps?: Average;
  readonly intervalScore: Average;
}

function averagesOf(answers: Answers, truth: readonly number[]): Averages {
  return {
    squaredError: average(truth.map((theta, i) => (at(answers.estimate, i) - theta) ** 2)),
    ...(answers.crps && { crps: average(answers.crps) }),
    intervalScore: average(intervalScores(answers, truth)),
  };
}

/** Relative errors below this are of rounding, where all fields have one score. */
const ROUNDING = 1e-9;

/** What stands beside a value. */
interface Beside {
  readonly relative?: Estimate;
  readonly published?: number | undefined;
  /** How bad a value is; by default what it is. */
  readonly badness?: (value: number) => number;
}

function score(
  { value, standardError }: Estimate,
  { relative, published, badness = (x) => x }: Beside = {},
): Score {
  const error = Number.isFinite(standardError);
  return {
    value,
    ...(error && { standardError }),
    ...(relative && { relative: plain(relative) }),
    ...(published !== undefined && {
      published,
      ...(error &&
        standardError > ROUNDING * Math.abs(value) && {
          againstPublished: (badness(value) - badness(published)) / standardError,
        }),
    }),
  };
}

const plain = ({ value, standardError }: Estimate): Estimate => ({ value, standardError });

/** The log score over the fields where it is finite, and how many they are not; in the same fields beside the exact one. */
function logScore(answers: Answers, exact: Answers): Score | undefined {
  if (answers.logDensity === undefined) return undefined;
  const pairs = answers.logDensity.flatMap((value, i) => {
    const best = exact.logDensity?.[i] ?? null;
    return value === null || best === null ? [] : [[-value, -best] as const];
  });
  const excluded = answers.logDensity.length - pairs.length;
  if (pairs.length === 0) return undefined;
  return {
    ...score(average(pairs.map(([mine]) => mine))),
    // A log score may have any sign: its ratio to the exact one means nothing.
    difference: plain(average(pairs.map(([mine, best]) => mine - best))),
    excluded,
  };
}

/** How far a coverage is from what it should be. */
const miscoverage = (share: number): number => Math.abs(share - LEVEL);

/**
 * Scores of a method.
 *
 * @param id of the method, by which the published numbers are found.
 * @param exact answers of the exact posterior to the same data sets.
 */
export function scoresOf(
  id: string,
  answers: Answers,
  exact: Answers,
  truth: readonly number[],
): MethodScores {
  const published = PUBLISHED[id];
  const mine = averagesOf(answers, truth);
  const best = averagesOf(exact, truth);
  const coverage = score(reviewCov90(answers.lower, answers.upper, truth), {
    published: published?.reviewCov90,
    badness: miscoverage,
  });
  const rmse = rootMeanSquare(truth.map((theta, i) => at(answers.estimate, i) - theta));
  const points = answers.median ?? answers.estimate;
  const squares = truth.map((theta, i) => (at(points, i) - theta) ** 2);
  const log = logScore(answers, exact);
  return {
    rmse: score(rmse, { relative: ratioOfRoots(mine.squaredError, best.squaredError) }),
    ...(mine.crps &&
      best.crps && {
        crps: score(mine.crps, {
          relative: ratio(mine.crps, best.crps),
          published: published?.crps,
        }),
      }),
    intervalScore: score(mine.intervalScore, {
      relative: ratio(mine.intervalScore, best.intervalScore),
      published: published?.intervalScore,
    }),
    coverage,
    ...(log && { logScore: log }),
    reviewRmspe: score(
      { value: reviewRmspe(points, truth), standardError: errorOfMedian(squares, Math.sqrt) },
      { published: published?.reviewRmspe },
    ),
    reviewMis90: score(
      {
        value: reviewMis90(answers.lower, answers.upper, truth),
        standardError: errorOfMedian(intervalScores(answers, truth)),
      },
      { published: published?.reviewMis90 },
    ),
    ...(answers.halfDistance && {
      reviewMcrps: score(
        {
          value: medianOf(answers.halfDistance),
          standardError: errorOfMedian(answers.halfDistance),
        },
        { published: published?.reviewMcrps },
      ),
    }),
    reviewCov90: coverage,
  };
}
