/**
 * Whether draws of posteriors can be trusted, whatever made them: ranks, coverage, recovery, a family of tests, and a verdict in words.
 *
 * Each test has the false alarms that it says, exactly or nearly; the family's p-values are adjusted (Holm), so that a right posterior is called wrong in at most 5 % of cases, with one
 * parameter or a hundred. Of each parameter: a shift and a wrong width of ranks, any other departure, and all of it by place. Of all together: the depth of truths among draws, TARP, the
 * data-averaged posterior, a learned quantity, and the density where there is one.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { meanOf, quantileOf, sdOf } from "../posterior/marginals.js";
import { stream } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { average, type Average } from "./averages.js";
import { centralLevels, coverageOf, coveredAt, type Coverage } from "./coverage.js";
import { dataAveragedTest } from "./data-averaged.js";
import { holm, type CalibrationTest } from "./family.js";
import { requireFinite } from "./finite-draws.js";
import { jointRanks } from "./joint-ranks.js";
import { learnedRanks } from "./learned-ranks.js";
import { scoreMarginal, type MarginalScores } from "./marginal-scores.js";
import { placesOf, type Places } from "./places.js";
import { precisionScores, type PrecisionScores } from "./precision-scores.js";
import { fractionalRanks, rankScores, type RankScores } from "./ranks.js";
import { columnOf, layOut, type ScoredDraws } from "./scored-draws.js";
import { crpsOfSorted } from "./scores.js";
import { tarp, type Tarp } from "./tarp.js";
import { uniformity, type Uniformity } from "./uniformity.js";
import { FALSE_ALARMS } from "./faults.js";
import { verdictOn } from "./verdict.js";

/** What is known beside draws and truths. */
export interface DiagnoseDrawsOptions {
  /** Numbers of each data set, [n, k]: whether posteriors use all that the data tell is tried by them. By default posterior means and spreads stand for the data. */
  readonly data?: ArrayLike<number>;
  /** Levels at which highest-density regions begin to hold the truth, [n], by `hpdLevels`. */
  readonly densityLevels?: ArrayLike<number>;
  /** Where the prior has mass, by flat parameter: draws outside are counted. */
  readonly support?: { readonly lower: readonly number[]; readonly upper: readonly number[] };
  /** Draws and truths of quantities beside the parameters, of the same data sets and draws: `derivedDraws` of functions of parameters, `testQuantities` of data too. They are tested as parameters are. */
  readonly derived?: ScoredDraws;
}

const KNOWN: KnownOptions<DiagnoseDrawsOptions> = {
  data: true,
  densityLevels: true,
  support: true,
  derived: true,
};

/** Levels of the central intervals whose coverage is reported. */
const LEVELS = [0.5, 0.8, 0.9, 0.95] as const;

/** Chance swaps of the test of the data-averaged posterior. */
const [FEWEST_SWAPS, MOST_SWAPS, SWAPS_A_PARAMETER] = [499, 3999, 200];

/** Draws of each data set, and data sets, at least. */
const FEWEST = 20;

/** What is said of one flat parameter, or of one derived quantity. */
export interface ParameterDiagnosis extends Pick<
  PrecisionScores,
  "contraction" | "recovery" | "zScore" | "zScale"
> {
  readonly name: string;
  /** True values, posterior means and standard deviations, [n] each, with the ends of 90 % intervals. */
  readonly truth: Float64Array;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Fractional ranks of true values among draws, [n], and their distance from uniform. */
  readonly fractions: Float64Array;
  readonly ranks: Uniformity;
  readonly rankScores: RankScores;
  readonly places: Places;
  /** Of central intervals of all levels, and at some. */
  readonly central: Coverage;
  readonly coverage: readonly { readonly level: number; readonly share: Average }[];
  readonly scores: MarginalScores;
}

/** What is said of all parameters together. */
export interface JointDiagnosis {
  /** Of Mahalanobis distances; not of one parameter, whose ranks say it. */
  readonly depth?: Coverage;
  /** Of highest-density regions, where there are densities. */
  readonly density?: Coverage;
  readonly tarp: Tarp;
}

/** Whether draws can be trusted, and why not. */
export interface DrawsDiagnosis {
  /** Data sets that were answered. */
  readonly simulations: number;
  /** Data sets that were not. */
  readonly refused: number;
  readonly samples: number;
  readonly parameters: readonly ParameterDiagnosis[];
  /** Of derived quantities, where some were asked for. */
  readonly derived: readonly ParameterDiagnosis[];
  /** Of the parameters. */
  readonly joint: JointDiagnosis;
  readonly tests: readonly CalibrationTest[];
  /** Share of draws that lie where the prior has no mass. */
  readonly outside: number;
  /** Whether no fault was found, at 5 % for all tests together. */
  readonly calibrated: boolean;
  /** In words, a line each. */
  readonly verdict: readonly string[];
}

/**
 * Diagnoses draws of posteriors of data sets whose truths are known: of estimators, of Markov chains, or of other programs, from files.
 *
 * @param given draws of a data set are independent, or thinned until they nearly are. A data set with a draw that is NaN counts as refused.
 * @throws InvalidArgumentError where arrays do not fit each other, there are fewer than 20 data sets or draws, or one is infinite.
 * @example diagnoseDraws({ draws, truth, names: ["slope", "noise"] }).verdict
 */
export function diagnoseDraws(
  given: ScoredDraws,
  options: DiagnoseDrawsOptions = {},
): DrawsDiagnosis {
  requireKnown("diagnoseDraws", options, KNOWN);
  const { scored, rows, refused } = answeredOnly(given);
  const { size, each } = layOut(scored);
  if (size < FEWEST || each < FEWEST) {
    throw new InvalidArgumentError(
      `a diagnosis needs ${FEWEST} answered data sets and ${FEWEST} draws of each, but there are ${size} and ${each}`,
    );
  }
  requireFinite(scored);
  const parameters = diagnoseEach(scored);
  const derived =
    options.derived === undefined ? [] : diagnoseEach(derivedOf(options.derived, given, rows));
  const found = diagnoseJoint(
    scored,
    parameters,
    rows,
    given.truth.length / scored.names.length,
    options,
  );
  const tests = holm([...parameters, ...derived].flatMap(testsOf).concat(found.tests));
  const outside = shareOutside(scored, options.support);
  const base = {
    simulations: size,
    refused,
    samples: each,
    parameters,
    derived,
    joint: found.joint,
    tests,
    outside,
  };
  const calibrated = outside === 0 && tests.every(({ adjusted }) => !(adjusted < FALSE_ALARMS));
  return { ...base, calibrated, verdict: verdictOn({ ...base, calibrated }) };
}

/** Data sets none of whose draws is NaN, by their numbers. */
function answeredOnly(given: ScoredDraws): {
  readonly scored: ScoredDraws;
  readonly rows: readonly number[];
  readonly refused: number;
} {
  const { size, each } = layOut(given);
  const p = given.names.length;
  const rows = Array.from({ length: size }, (_, i) => i).filter((i) => {
    for (let at = i * each * p; at < (i + 1) * each * p; at++) {
      if (Number.isNaN(given.draws[at])) return false;
    }
    return true;
  });
  const refused = size - rows.length;
  return { scored: refused === 0 ? given : rowsOf(given, rows), rows, refused };
}

/** Some of the data sets. */
function rowsOf(given: ScoredDraws, rows: readonly number[]): ScoredDraws {
  const { names, truth, draws } = given;
  const p = names.length;
  const { each } = layOut(given);
  return { names, truth: takeRows(truth, p, rows), draws: takeRows(draws, each * p, rows) };
}

/** Rows of so many numbers. */
function takeRows(values: ArrayLike<number>, width: number, rows: readonly number[]): Float64Array {
  return Float64Array.from(
    { length: rows.length * width },
    (_, at) => values[(rows[Math.floor(at / width)] ?? 0) * width + (at % width)] ?? Number.NaN,
  );
}

/** @throws InvalidArgumentError where derived quantities are of other data sets or draws than the parameters. */
function derivedOf(derived: ScoredDraws, given: ScoredDraws, rows: readonly number[]): ScoredDraws {
  const [own, all] = [layOut(derived), layOut(given)];
  if (own.size !== all.size || own.each !== all.each) {
    throw new InvalidArgumentError(
      `derived quantities must be of the same data sets and draws as the parameters, but are of ${own.size} × ${own.each}, and the parameters of ${all.size} × ${all.each}`,
    );
  }
  return rowsOf(derived, rows);
}

function diagnoseEach(scored: ScoredDraws): readonly ParameterDiagnosis[] {
  return scored.names.map((name, k) => {
    const { truth, draws } = columnOf(scored, k);
    return diagnoseParameter(name, truth, draws);
  });
}

function diagnoseParameter(
  name: string,
  truth: Float64Array,
  draws: Float64Array,
): ParameterDiagnosis {
  const n = truth.length;
  const each = draws.length / n;
  const sorted = Array.from({ length: n }, (_, i) =>
    draws.subarray(i * each, (i + 1) * each).toSorted(),
  );
  const of = (f: (own: Float64Array, i: number) => number): Float64Array =>
    Float64Array.from(sorted, f);
  const fractions = fractionalRanks(draws, truth, stream("ranks").split(name));
  const [mean, sd] = [of(meanOf), of(sdOf)];
  const [lower, upper] = [of((own) => quantileOf(own, 0.05)), of((own) => quantileOf(own, 0.95))];
  const crps = of((own, i) => crpsOfSorted(own, truth[i] ?? Number.NaN));
  const entered = centralLevels(fractions);
  return {
    name,
    truth,
    mean,
    sd,
    lower,
    upper,
    fractions,
    ranks: uniformity(fractions),
    rankScores: rankScores(fractions),
    // Of the draws and the truth together: given all of them, without order, ranks are uniform. Means of the draws alone would say something of the ranks.
    places: placesOf(
      fractions,
      mean.map((m, i) => m + ((truth[i] ?? Number.NaN) - m) / (each + 1)),
    ),
    central: coverageOf(entered),
    coverage: LEVELS.map((level) => ({ level, share: average(coveredAt(entered, level)) })),
    scores: scoreMarginal({ truth, mean, lower, upper, level: 0.9, crps }),
    ...precisionScores(truth, mean, sd),
  };
}

type Test = Omit<CalibrationTest, "adjusted">;

function testsOf({ name, ranks, rankScores: scores, places }: ParameterDiagnosis): readonly Test[] {
  const of = (test: string, pValue: number): Test => ({ name: test, parameter: name, pValue });
  return [
    of("shift", scores.shift.pValue),
    of("spread", scores.spread.pValue),
    of("ranks", ranks.pValue),
    of("places", places.pValue),
  ];
}

function diagnoseJoint(
  scored: ScoredDraws,
  parameters: readonly ParameterDiagnosis[],
  rows: readonly number[],
  given: number,
  { data, densityLevels }: DiagnoseDrawsOptions,
): { readonly joint: JointDiagnosis; readonly tests: readonly Test[] } {
  const ofRows = (values: ArrayLike<number>): Float64Array => {
    const width = values.length / given;
    if (!Number.isInteger(width)) {
      throw new InvalidArgumentError(
        `there are ${given} data sets, so as many rows are needed, but ${values.length} values were given`,
      );
    }
    return takeRows(values, width, rows);
  };
  const random = stream("joint");
  const depth =
    parameters.length > 1 ? coverageOf(jointRanks(scored, random.split("ties"))) : undefined;
  const density = densityLevels && coverageOf(ofRows(densityLevels));
  const balls = tarp(scored);
  // No p-value by swaps is below one over their number, which must not be above what Holm asks of the first.
  const swaps = Math.min(MOST_SWAPS, Math.max(FEWEST_SWAPS, SWAPS_A_PARAMETER * parameters.length));
  const tests: Test[] = [
    { name: "tarp", pValue: balls.pValue },
    { name: "data-averaged", pValue: dataAveragedTest(scored, { swaps }).pValue },
  ];
  if (depth !== undefined) tests.push({ name: "joint ranks", pValue: depth.pValue });
  if (density !== undefined) tests.push({ name: "density", pValue: density.pValue });
  if (rows.length >= 2 * FEWEST) {
    const learned = data === undefined ? byMoments(scored) : { scored, data: ofRows(data) };
    tests.push({ name: "learned", pValue: learnedRanks(learned.scored, learned.data).pValue });
  }
  return { joint: { ...(depth && { depth }), ...(density && { density }), tarp: balls }, tests };
}

/** Means and spreads of half of the draws in the place of the data, and the other half to be ranked: those know nothing of each other but by the data. */
function byMoments(scored: ScoredDraws): {
  readonly scored: ScoredDraws;
  readonly data: Float64Array;
} {
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const half = Math.floor(each / 2);
  const data = new Float64Array(size * 2 * p);
  const draws = new Float64Array(size * (each - half) * p);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < p; k++) {
      const own = Float64Array.from(
        { length: half },
        (_, j) => scored.draws[(i * each + j) * p + k] ?? Number.NaN,
      );
      data[(i * p + k) * 2] = meanOf(own);
      data[(i * p + k) * 2 + 1] = Math.log(sdOf(own) + Number.MIN_VALUE);
    }
    for (let at = 0; at < (each - half) * p; at++) {
      draws[i * (each - half) * p + at] = scored.draws[(i * each + half) * p + at] ?? Number.NaN;
    }
  }
  return { scored: { ...scored, draws }, data };
}

function shareOutside(
  { draws, names }: ScoredDraws,
  support: DiagnoseDrawsOptions["support"],
): number {
  if (support === undefined) return 0;
  const p = names.length;
  let outside = 0;
  for (let row = 0; row < draws.length / p; row++) {
    const beyond = names.some((_, k) => {
      const value = draws[row * p + k] ?? Number.NaN;
      return value < (support.lower[k] ?? -Infinity) || value > (support.upper[k] ?? Infinity);
    });
    if (beyond) outside++;
  }
  return outside / (draws.length / p);
}
