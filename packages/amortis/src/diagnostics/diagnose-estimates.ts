/**
 * Whether point estimates and quantiles can be trusted, whatever made them: their errors over data sets whose truths are known, tests, and a verdict in words.
 *
 * Where an estimate is right, what `residuals.ts` says averages to zero: over all data sets ("level"), over those of each part of the space ("places"), and whatever the data ("learned").
 * All tests together have 5 % false alarms (Holm). Estimates that are neither means nor quantiles, as modes and those of losses of one's own, have no such residuals: their errors are
 * measured, and nothing is tested.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { stream } from "../random/index.js";
import { average, rootMeanSquare, type Average, type Estimate } from "./averages.js";
import { estimateVerdict } from "./estimate-verdict.js";
import { holm, type CalibrationTest } from "./family.js";
import { FALSE_ALARMS } from "./faults.js";
import { learnedResiduals, type Rows } from "./learned-residuals.js";
import { correlationOf } from "./precision-scores.js";
import type { Departure } from "./ranks.js";
import { departureOf, hasTies, residualsOf, type OneEstimate } from "./residuals.js";
import { placedDepartures, type PlacedDepartures } from "./residual-places.js";

/** Estimates of many data sets, and the truths. */
export interface ScoredEstimates {
  /** Names of the flat parameters. */
  readonly names: readonly string[];
  /** [data sets, parameters], as `SimulatedData.parameters` is. */
  readonly truth: ArrayLike<number>;
  /** [data sets, parameters] */
  readonly points: ArrayLike<number>;
  /** What points are: "mean", "median"; anything else is measured, but not tested. */
  readonly estimate: string;
  /** Levels of quantiles, and the quantiles, [data sets, levels, parameters]. */
  readonly levels?: readonly number[];
  readonly quantiles?: ArrayLike<number>;
}

/** What is known beside estimates and truths. */
export interface DiagnoseEstimatesOptions {
  /** Numbers of each data set, [n, k]: whether estimates use all that the data tell is tried by them. By default the estimates themselves stand for the data. */
  readonly data?: ArrayLike<number>;
}

const KNOWN: KnownOptions<DiagnoseEstimatesOptions> = { data: true };

/** Data sets, at least. */
const FEWEST = 40;

/** One estimate of a parameter that has a test. */
export interface TestedEstimate extends OneEstimate {
  /** Of all data sets. */
  readonly departure: Departure;
  readonly places: PlacedDepartures;
  /** Of a quantile: the share of truths below it, those that equal it counted half. */
  readonly share?: Average;
}

/** What is said of one flat parameter. */
export interface EstimatedParameter {
  readonly name: string;
  /** [n] */
  readonly truth: Float64Array;
  /** [n] */
  readonly point: Float64Array;
  readonly rmse: Estimate;
  readonly bias: Average;
  /** Mean absolute error. */
  readonly absolute: Average;
  /** Correlation of estimate and truth. */
  readonly recovery: Estimate;
  /** Those that can be tested: of the point, and of quantiles in the order of their levels. */
  readonly tested: readonly TestedEstimate[];
}

/** Whether estimates can be trusted, and why not. */
export interface EstimatesDiagnosis {
  readonly simulations: number;
  /** What points are: "mean", "median", "mode". */
  readonly estimate: string;
  readonly levels: readonly number[];
  readonly parameters: readonly EstimatedParameter[];
  readonly tests: readonly CalibrationTest[];
  /** Whether no fault was found, at 5 % for all tests together. */
  readonly calibrated: boolean;
  /** In words, a line each. */
  readonly verdict: readonly string[];
}

/**
 * Diagnoses estimates of data sets whose truths are known.
 *
 * @throws InvalidArgumentError where arrays do not fit each other, or there are fewer than 40 data sets.
 * @example
 * diagnoseEstimates({ names: ["range"], truth: test.parameters, points, estimate: "mean" }, { data: test.data.z }).verdict
 */
export function diagnoseEstimates(
  given: ScoredEstimates,
  options: DiagnoseEstimatesOptions = {},
): EstimatesDiagnosis {
  requireKnown("diagnoseEstimates", options, KNOWN);
  const { names, estimate, levels = [] } = given;
  const n = sizeOf(given);
  const rows = rowsOf(options.data ?? given.points, n);
  const parameters = names.map((name, k) => measured(given, n, name, k));
  const tests = holm(
    parameters.flatMap(({ name, tested }) => tested.flatMap((one) => testsOf(name, one, rows))),
  );
  const calibrated = tests.every(({ adjusted }) => !(adjusted < FALSE_ALARMS));
  const base = { simulations: n, estimate, levels, parameters, tests, calibrated };
  return { ...base, verdict: estimateVerdict(base) };
}

function sizeOf({ names, truth, points, levels = [], quantiles = [] }: ScoredEstimates): number {
  const n = truth.length / names.length;
  if (!Number.isInteger(n) || points.length !== truth.length) {
    throw new InvalidArgumentError(
      `truths and estimates must be [n, ${names.length}], but ${truth.length} and ${points.length} values were given`,
    );
  }
  if (quantiles.length !== truth.length * levels.length) {
    throw new InvalidArgumentError(
      `quantiles must be [${n}, ${levels.length}, ${names.length}], but ${quantiles.length} values were given`,
    );
  }
  if (n >= FEWEST) return n;
  throw new InvalidArgumentError(
    `a diagnosis of estimates needs ${FEWEST} data sets, but there are ${n}`,
  );
}

function rowsOf(data: ArrayLike<number>, n: number): Rows {
  const k = data.length / n;
  if (Number.isInteger(k) && k > 0) return { data: Float64Array.from(data), k };
  throw new InvalidArgumentError(
    `there are ${n} data sets, so as many rows are needed, but ${data.length} values were given`,
  );
}

function measured(
  { names, truth, points, estimate, levels = [], quantiles = [] }: ScoredEstimates,
  n: number,
  name: string,
  k: number,
): EstimatedParameter {
  const p = names.length;
  const column = (values: ArrayLike<number>, width: number, at: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => values[i * width + at] ?? Number.NaN);
  const [own, point] = [column(truth, p, k), column(points, p, k)];
  const errors = point.map((x, i) => x - (own[i] ?? Number.NaN));
  const pointLevel = estimate === "median" ? { level: 0.5 } : {};
  const estimates: readonly OneEstimate[] = [
    ...(estimate === "mean" || estimate === "median"
      ? [{ name: estimate, ...pointLevel, truth: own, estimate: point }]
      : []),
    ...levels.map((level, l) => ({
      name: `quantile ${level}`,
      level,
      truth: own,
      estimate: column(quantiles, p * levels.length, l * p + k),
    })),
  ];
  return {
    name,
    truth: own,
    point,
    rmse: rootMeanSquare(errors),
    bias: average(errors),
    absolute: average(errors.map(Math.abs)),
    recovery: correlationOf(own, point),
    tested: estimates.map((one) => testedEstimate(one, name)),
  };
}

function testedEstimate(one: OneEstimate, parameter: string): TestedEstimate {
  const random = stream("estimates").split(parameter).split(one.name);
  const { level } = one;
  return {
    ...one,
    departure: departureOf(one, Array.from(one.truth.keys()), random.split("all")),
    places: placedDepartures(one, random.split("places")),
    ...(level !== undefined && { share: average(residualsOf(one).map((r) => r + level)) }),
  };
}

function testsOf(
  parameter: string,
  one: TestedEstimate,
  rows: Rows,
): readonly Omit<CalibrationTest, "adjusted">[] {
  const of = (name: string, pValue: number) => ({ name, parameter, estimate: one.name, pValue });
  const random = stream("learned-residuals").split(parameter).split(one.name);
  return [
    of("level", one.departure.pValue),
    of("places", one.places.pValue),
    // Residuals of what equals its truth have no mean that is known.
    ...(one.level !== undefined && hasTies(one)
      ? []
      : [of("learned", learnedResiduals(residualsOf(one), rows, random))]),
  ];
}
