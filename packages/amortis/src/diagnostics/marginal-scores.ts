/**
 * Scores of answers to many data sets whose truth is known, one parameter at a time.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { meanOf, quantileOf } from "../posterior/marginals.js";
import { average, rootMeanSquare, type Average, type Estimate } from "./averages.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";
import { crpsOfSorted, energyScore, intervalScore } from "./scores.js";

/** Answers about one parameter, [data sets] each. */
export interface MarginalAnswers {
  readonly truth: ArrayLike<number>;
  /** Posterior means. */
  readonly mean: ArrayLike<number>;
  /** Ends of central intervals. */
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Level of the intervals. */
  readonly level: number;
  /** Continuous ranked probability scores. */
  readonly crps: ArrayLike<number>;
}

/** How good answers about one parameter are. All but coverage and level are in the parameter's unit. */
export interface MarginalScores {
  /** √ of the mean squared error of the posterior mean. */
  readonly rmse: Estimate;
  /** Squared errors of the posterior mean. */
  readonly squaredError: Average;
  /** Mean error of the posterior mean. */
  readonly bias: Average;
  readonly crps: Average;
  readonly intervalScore: Average;
  /** Share of intervals that hold the truth: it should be the level. */
  readonly coverage: Average;
  readonly level: number;
}

/**
 * Scores of answers, however they were made.
 *
 * @throws InvalidArgumentError where there are no data sets, or the arrays differ in length.
 */
export function scoreMarginal(answers: MarginalAnswers): MarginalScores {
  const { truth, mean, lower, upper, level, crps } = answers;
  const n = truth.length;
  for (const [name, values] of Object.entries({ mean, lower, upper, crps })) {
    if (values.length !== n) {
      throw new InvalidArgumentError(
        `there are ${n} truths, so as many values of ${name} are needed, but ${values.length} were given`,
      );
    }
  }
  const each = (f: (i: number) => number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => f(i));
  const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;
  const errors = each((i) => at(mean, i) - at(truth, i));
  const inside = (i: number): boolean =>
    at(truth, i) >= at(lower, i) && at(truth, i) <= at(upper, i);
  return {
    rmse: rootMeanSquare(errors),
    squaredError: average(errors.map((error) => error ** 2)),
    bias: average(errors),
    crps: average(crps),
    intervalScore: average(
      each((i) => intervalScore(at(lower, i), at(upper, i), at(truth, i), level)),
    ),
    coverage: average(each((i) => (inside(i) ? 1 : 0))),
    level,
  };
}

/**
 * Scores of draws, for each parameter by name.
 *
 * @param level of the central intervals that are scored.
 * @throws InvalidArgumentError where the arrays do not fit each other.
 * @example
 * const posteriors = await estimator.givenBatch(test.data);
 * const { range } = scoreDraws({ draws: posteriors.draws, truth: test.parameters, names: ["range"] });
 * range?.crps.value;
 */
export function scoreDraws(
  input: ScoredDraws,
  level = 0.9,
): Readonly<Record<string, MarginalScores>> {
  const { draws, truth, names } = input;
  const { size, each } = layOut(input);
  const p = names.length;
  const entries = names.map((name, k) => {
    const answers = {
      truth: new Float64Array(size),
      mean: new Float64Array(size),
      lower: new Float64Array(size),
      upper: new Float64Array(size),
      crps: new Float64Array(size),
    };
    for (let i = 0; i < size; i++) {
      const sorted = Float64Array.from(
        { length: each },
        (_, draw) => draws[(i * each + draw) * p + k] ?? Number.NaN,
      ).toSorted();
      const theta = truth[i * p + k] ?? Number.NaN;
      answers.truth[i] = theta;
      answers.mean[i] = meanOf(sorted);
      answers.lower[i] = quantileOf(sorted, (1 - level) / 2);
      answers.upper[i] = quantileOf(sorted, (1 + level) / 2);
      answers.crps[i] = crpsOfSorted(sorted, theta);
    }
    return [name, scoreMarginal({ ...answers, level })] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * Energy scores of draws, all parameters together.
 *
 * Parameters with large units weigh most: scale draws and truths first where that is not meant.
 */
export function energyScores(input: ScoredDraws): Average {
  const { size, each } = layOut(input);
  const draws = Float64Array.from(input.draws);
  const truth = Float64Array.from(input.truth);
  const p = input.names.length;
  return average(
    Float64Array.from({ length: size }, (_, i) =>
      energyScore(
        draws.subarray(i * each * p, (i + 1) * each * p),
        truth.subarray(i * p, (i + 1) * p),
      ),
    ),
  );
}

/** Log scores, from log q(θ) of each data set's truth. Infinite where an answer rules its truth out. */
export function logScores(logDensities: ArrayLike<number>): Average {
  return average(Float64Array.from(logDensities, (value) => -value));
}
