/**
 * How well probabilities of models tell them apart, by data sets of which the model is known.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** How models are told apart. */
export interface Confusion {
  readonly labels: readonly string[];
  /** The mean probability of each model given data of each, [true][said]; rows add up to one, and the identity is best. NaN for a model of which there are no data. */
  readonly matrix: readonly (readonly number[])[];
  /** Mean log probability of the true model: a proper score, at most 0. */
  readonly logScore: number;
  /** Its standard error. */
  readonly error: number;
  /** Share of data sets whose most probable model is the true one. */
  readonly accuracy: number;
  /**
   * Calibration: of each bin of probabilities that were said of a model, their mean, the share of data sets that were of that model, and how many there are. Bins without any are left out.
   */
  readonly calibration: readonly {
    readonly said: number;
    readonly share: number;
    readonly count: number;
  }[];
  /** Mean over bins, by their counts, of how far what was said is from the share: 0 where all is calibrated. */
  readonly calibrationError: number;
}

/** Bins of calibration. */
const BINS = 10;

/**
 * Holds probabilities of models against the true ones.
 *
 * @param probabilities of each data set, by name, as `posterior.probabilities()` has them of one parameter.
 * @param truth the true model of each data set, by its number in the order of the names, as simulations have it.
 * @throws InvalidArgumentError where there are none, not as many of both, or a model has no name.
 * @example
 * const fresh = await simulate(comparison, { simulations: 1_000, seed: "confusion" });
 * const posteriors = await estimator.givenBatch(fresh.data);
 * confusion(posteriors.probabilities().map(({ model }) => model ?? {}), fresh.parameters).matrix;
 */
export function confusion(
  probabilities: readonly Readonly<Record<string, number>>[],
  truth: ArrayLike<number>,
): Confusion {
  const [first] = probabilities;
  if (first === undefined || probabilities.length !== truth.length) {
    throw new InvalidArgumentError(
      `confusion needs probabilities of as many data sets as have a true model, one or more, but was given ${probabilities.length} and ${truth.length}`,
    );
  }
  const labels = Object.keys(first);
  const odd = Array.from(truth).find((one) => labels[one] === undefined);
  if (odd !== undefined) {
    throw new InvalidArgumentError(
      `confusion: a true model is number ${odd}, but the models are ${labels.join(", ")}, counted from 0`,
    );
  }
  const said = probabilities.map((one) => labels.map((label) => one[label] ?? 0));
  const scores = said.map((row, i) => Math.log(row[truth[i] ?? 0] ?? 0));
  const logScore = mean(scores);
  const spread = mean(scores.map((score) => (score - logScore) ** 2));
  const calibration = calibrationOf(said, truth);
  const total = calibration.reduce((sum, { count }) => sum + count, 0);
  return {
    labels,
    matrix: labels.map((_, k) => {
      const own = said.filter((__, i) => truth[i] === k);
      return labels.map((__, other) => mean(own.map((row) => row[other] ?? 0)));
    }),
    logScore,
    error: Math.sqrt(spread / scores.length),
    accuracy: mean(said.map((row, i) => (row.indexOf(Math.max(...row)) === truth[i] ? 1 : 0))),
    calibration,
    calibrationError: calibration.reduce(
      (sum, { said: p, share, count }) => sum + (count * Math.abs(p - share)) / total,
      0,
    ),
  };
}

function calibrationOf(
  said: readonly (readonly number[])[],
  truth: ArrayLike<number>,
): Confusion["calibration"] {
  const pairs = said.flatMap((row, i) =>
    row.map((p, model) => ({ p, is: truth[i] === model ? 1 : 0 })),
  );
  return Array.from({ length: BINS }, (_, bin) => {
    const own = pairs.filter(({ p }) => Math.min(BINS - 1, Math.floor(p * BINS)) === bin);
    return {
      said: mean(own.map(({ p }) => p)),
      share: mean(own.map(({ is }) => is)),
      count: own.length,
    };
  }).filter(({ count }) => count > 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
