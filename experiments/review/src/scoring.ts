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
} from "amortis";
import { LEVEL, type Answers } from "./answers.js";
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
  readonly logScore?: Average;
}

function averagesOf(answers: Answers, truth: readonly number[]): Averages {
  const log = answers.logDensity?.map((value) => (value === null ? -Infinity : value));
  return {
    squaredError: average(truth.map((theta, i) => (at(answers.estimate, i) - theta) ** 2)),
    ...(answers.crps && { crps: average(answers.crps) }),
    intervalScore: average(intervalScores(answers, truth)),
    ...(log?.every(Number.isFinite) === true && { logScore: average(log.map((value) => -value)) }),
  };
}

function score({ value, standardError }: Estimate, relative?: Estimate, published?: number): Score {
  return {
    value,
    ...(Number.isFinite(standardError) && { standardError }),
    ...(relative && { relative: plain(relative) }),
    ...(published !== undefined && { published }),
  };
}

const plain = ({ value, standardError }: Estimate): Estimate => ({ value, standardError });

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
  const coverage = reviewCov90(answers.lower, answers.upper, truth);
  const rmse = rootMeanSquare(truth.map((theta, i) => at(answers.estimate, i) - theta));
  const median = (value: number, against?: number): Score => ({
    value,
    ...(against !== undefined && { published: against }),
  });
  return {
    rmse: score(rmse, ratioOfRoots(mine.squaredError, best.squaredError)),
    ...(mine.crps &&
      best.crps && { crps: score(mine.crps, ratio(mine.crps, best.crps), published?.crps) }),
    intervalScore: score(
      mine.intervalScore,
      ratio(mine.intervalScore, best.intervalScore),
      published?.intervalScore,
    ),
    coverage: score(coverage),
    // A log score may have any sign: its ratio to the exact one means nothing.
    ...(mine.logScore && { logScore: score(mine.logScore) }),
    reviewRmspe: median(
      reviewRmspe(answers.median ?? answers.estimate, truth),
      published?.reviewRmspe,
    ),
    reviewMis90: median(reviewMis90(answers.lower, answers.upper, truth), published?.reviewMis90),
    ...(answers.halfDistance && {
      reviewMcrps: median(medianOf(answers.halfDistance), published?.reviewMcrps),
    }),
    reviewCov90: score(coverage, undefined, published?.reviewCov90),
  };
}
