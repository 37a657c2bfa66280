/**
 * Whether an estimator's answers can be trusted where the model is right: ranks, coverage and recovery over fresh simulations, and a verdict in words.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { answersWith } from "../estimators/answer.js";
import type { Estimator } from "../estimators/load.js";
import { correlation } from "../math/correlation.js";
import type { AnyModel } from "../model/index.js";
import { meanOf, quantileOf, sdOf } from "../posterior/marginals.js";
import { stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { sharedSimulations } from "../simulation/origin.js";
import { average, type Average } from "./averages.js";
import { scoreMarginal, type MarginalScores } from "./marginal-scores.js";
import { fractionalRanks } from "./ranks.js";
import { crpsOfSorted } from "./scores.js";
import { uniformity, type Uniformity } from "./uniformity.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How to diagnose. */
export interface DiagnoseOptions {
  /** Fresh data sets; 1,000 by default. */
  readonly simulations?: number;
  /** Draws of each posterior; 255 by default. */
  readonly samples?: number;
  /** Of the fresh data sets. Seeds of training are numbers: the default, a text, is none of them. */
  readonly seed?: number | string;
  /** Simulations made before, and used for nothing else, in the place of fresh ones. */
  readonly data?: SimulatedData;
  /** Threads that simulate. */
  readonly workers?: number;
}

const KNOWN: KnownOptions<DiagnoseOptions> = {
  simulations: true,
  samples: true,
  seed: true,
  data: true,
  workers: true,
};

/** Levels of the central intervals whose coverage is reported. */
const LEVELS = [0.5, 0.8, 0.9, 0.95] as const;

/** What is said of one flat parameter. */
export interface ParameterDiagnosis {
  readonly name: string;
  /** True values and posterior means, [n] each, with the ends of 90 % intervals. */
  readonly truth: Float64Array;
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Of the ranks of true values among draws. */
  readonly ranks: Uniformity;
  /** Share of central intervals of each level that hold the truth. */
  readonly coverage: readonly { readonly level: number; readonly share: Average }[];
  readonly scores: MarginalScores;
  /** Mean of 1 - var(posterior) / var(prior): one where data say all, zero where they say nothing. */
  readonly contraction: number;
  /** Correlation of true values and posterior means. */
  readonly recovery: number;
}

/** Whether answers can be trusted, and why not. */
export interface Diagnosis {
  readonly simulations: number;
  readonly samples: number;
  /** How many of the data sets are among the simulations that were trained on: they have the same seed. */
  readonly shared: number;
  readonly parameters: readonly ParameterDiagnosis[];
  /** Whether no fault was found, at 1 % for all parameters together, over data sets that training did not see. */
  readonly calibrated: boolean;
  /** In words, a line each. */
  readonly verdict: readonly string[];
}

/** Chance of finding fault with a posterior that has none. */
const FALSE_ALARMS = 0.01;

/**
 * Diagnoses an estimator of posteriors.
 *
 * @throws UnsupportedError where it gives no posteriors; InvalidArgumentError, SimulationError as `simulate` does.
 * @example
 * const { verdict, parameters } = await diagnose(estimator, line, { simulations: 1_000 });
 * parameters[0]?.coverage;   // of 50, 80, 90 and 95 % intervals
 */
export async function diagnose(
  estimator: Estimator,
  model: AnyModel,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  requireKnown("diagnose", options, KNOWN);
  const { simulations = 1000, samples = 255, seed = "diagnosis", workers } = options;
  if (!("givenBatch" in estimator)) {
    const { gives } = await answersWith(estimator);
    throw new UnsupportedError(
      `diagnose needs posteriors, but ${estimator.details.method} gives ${gives === "points" ? "points: compare its estimates with the truth by scoreMarginal" : gives}`,
    );
  }
  if (samples < 20) {
    throw new InvalidArgumentError(
      `diagnose needs 20 draws of each posterior, but ${samples} were asked for`,
    );
  }
  const fresh =
    options.data ??
    (await simulate(model, { simulations, seed, ...(workers !== undefined && { workers }) }));
  const shared = sharedSimulations(estimator.details.training.origin, fresh);
  const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples });
  const { parameterNames: names } = estimator;
  const p = names.length;
  const parameters = names.map((name, k) => {
    const truth = Float64Array.from(
      { length: fresh.size },
      (_, i) => fresh.parameters[i * p + k] ?? 0,
    );
    const draws = Float64Array.from(
      { length: fresh.size * samples },
      (_, at) => posteriors.draws[at * p + k] ?? Number.NaN,
    );
    return diagnoseParameter(name, truth, draws);
  });
  const threshold = FALSE_ALARMS / p;
  const faulty = parameters.filter(({ ranks }) => ranks.pValue < threshold);
  return {
    simulations: fresh.size,
    samples,
    parameters,
    shared,
    calibrated: faulty.length === 0 && shared === 0,
    verdict: [
      ...(shared > 0 ? [seenBefore(shared, fresh.size)] : []),
      ...(faulty.length === 0 ? [noFault(fresh.size)] : faulty.map(faultOf)),
    ],
  };
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
  const values = fractionalRanks(draws, truth, stream("ranks").split(name));
  const [mean, lower, upper] = [
    of(meanOf),
    of((own) => quantileOf(own, 0.05)),
    of((own) => quantileOf(own, 0.95)),
  ];
  const crps = of((own, i) => crpsOfSorted(own, truth[i] ?? Number.NaN));
  const priorVariance = sdOf(truth) ** 2;
  const variances = of((own) => sdOf(own) ** 2);
  return {
    name,
    truth,
    mean,
    lower,
    upper,
    ranks: uniformity(values),
    coverage: LEVELS.map((level) => ({
      level,
      share: average(values.map((u) => (Math.abs(u - 0.5) <= level / 2 ? 1 : 0))),
    })),
    scores: scoreMarginal({ truth, mean, lower, upper, level: 0.9, crps }),
    contraction: 1 - meanOf(variances) / priorVariance,
    recovery: correlation(truth, mean),
  };
}

function seenBefore(shared: number, n: number): string {
  return `${shared} of the ${n} data sets are among the simulations that it was trained on, which it may know by heart: what follows says nothing of others; simulate them with another seed`;
}

function noFault(n: number): string {
  return `calibrated: no fault was found over ${n} fresh simulations`;
}

/** What is wrong with a parameter, and what to do. */
function faultOf({ name, coverage, ranks }: ParameterDiagnosis): string {
  const at90 = coverage.find(({ level }) => level === 0.9)?.share;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const covers = at90 === undefined ? "" : `, 90 % intervals cover ${percent(at90.value)}`;
  const excess = at90 === undefined ? 0 : (at90.value - 0.9) / Math.max(at90.standardError, 1e-9);
  // F̂ above the diagonal all along: truths are smaller than draws.
  const shift = ranks.difference.reduce((total, d) => total + d, 0) / ranks.difference.length;
  const spread = ranks.difference.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
  const biased = Math.abs(shift) > 0.4 * spread;
  const parts = [
    ...(biased ? [`biased ${shift > 0 ? "upwards" : "downwards"}`] : []),
    ...(excess < -2 ? ["overconfident"] : []),
    ...(excess > 2 ? ["too wide"] : []),
  ];
  const what = parts.length === 0 ? "of the wrong shape" : parts.join(" and ");
  const advice =
    excess < -2 || biased
      ? "more simulations, a longer training or another density may mend it"
      : "a more flexible density, or a longer training, may mend it";
  return `not calibrated: ${name} is ${what} (p = ${ranks.pValue.toPrecision(2)}${covers}); ${advice}`;
}
