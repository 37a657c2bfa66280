/**
 * Two estimators compared on the same data sets, each difference with its standard error: what is due to the data is common to both and cancels.
 *
 * All scores are proper and small where answers are good: a positive difference says that the first is worse.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { meansAndSds } from "../data/moments.js";
import { average, difference, type Average, type Estimate } from "./averages.js";
import { energyScores, scoreDraws } from "./marginal-scores.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Answers of one estimator. */
export interface ComparedAnswers extends ScoredDraws {
  /** log q(θ | Z) of the truths, [n], where it has densities. */
  readonly logDensities?: ArrayLike<number>;
}

/** The first's score less the second's. */
export interface Comparison {
  /** Of each parameter, in its unit; squared errors in its square. */
  readonly parameters: readonly {
    readonly name: string;
    readonly crps: Estimate;
    readonly squaredError: Estimate;
    readonly intervalScore: Estimate;
  }[];
  /** Of all parameters together, in standard deviations of the truths. */
  readonly energyScore: Estimate;
  /** In nats, where both have densities. */
  readonly logScore?: Estimate;
}

/** Draws by which energy scores are reckoned, which take time in the square of their number. */
const DRAWS = 100;

/**
 * Compares the answers of two estimators to the same data sets.
 *
 * @throws InvalidArgumentError where truths or names differ, or arrays do not fit each other.
 * @example
 * const { logScore } = compareAnswers(answersOf(small), answersOf(large));
 * logScore.value / logScore.standardError;   // above 2: the large one is better
 */
export function compareAnswers(first: ComparedAnswers, second: ComparedAnswers): Comparison {
  const { names } = first;
  const same =
    names.join() === second.names.join() &&
    first.truth.length === second.truth.length &&
    Array.from(first.truth).every((theta, i) => theta === second.truth[i]);
  if (!same) {
    throw new InvalidArgumentError(
      "answers are compared on the same data sets, but their truths or names of parameters differ",
    );
  }
  const [a, b] = [scoreDraws(first), scoreDraws(second)];
  const log = (answers: ComparedAnswers): Average | undefined =>
    answers.logDensities && average(Float64Array.from(answers.logDensities, (value) => -value));
  const [logA, logB] = [log(first), log(second)];
  const { sd } = meansAndSds(Float64Array.from(first.truth), names.length);
  return {
    parameters: names.flatMap((name) => {
      const [own, other] = [a[name], b[name]];
      if (own === undefined || other === undefined) return [];
      return [
        {
          name,
          crps: difference(own.crps, other.crps),
          squaredError: difference(own.squaredError, other.squaredError),
          intervalScore: difference(own.intervalScore, other.intervalScore),
        },
      ];
    }),
    energyScore: difference(energyScores(scaled(first, sd)), energyScores(scaled(second, sd))),
    ...(logA && logB && { logScore: difference(logA, logB) }),
  };
}

/** Some draws, and the truths, in units of standard deviations. */
function scaled(answers: ScoredDraws, sd: readonly number[]): ScoredDraws {
  const { size, each } = layOut(answers);
  const p = answers.names.length;
  const used = Math.min(each, DRAWS);
  return {
    names: answers.names,
    truth: Float64Array.from(answers.truth, (theta, at) => theta / (sd[at % p] ?? 1)),
    draws: Float64Array.from({ length: size * used * p }, (_, at) => {
      const [i, rest] = [Math.floor(at / (used * p)), at % (used * p)];
      return (answers.draws[i * each * p + rest] ?? NaN) / (sd[at % p] ?? 1);
    }),
  };
}
