/**
 * The rival of the first experiment: random-walk Metropolis with the review's settings.
 *
 * Some test fields are answered with the likelihood itself in each iteration: that is what a field costs. All of them are answered with a
 * log-likelihood that is tabulated in θ beforehand, whose error is measured and stated.
 */
import { metropolis, type LogTarget, type MetropolisResult } from "amortis";
import { average, medianOf } from "amortis/diagnostics";
import type { Column } from "amortis/extend";
import { gaussianField, logLikelihood, MAX_RANGE } from "@amortis/gaussian-field";
import { answersOfDraws, kernelDensity, type Answers } from "../answers.js";
import { gaussianFields } from "../fields.js";
import type { AnswerDifference, ChainDiagnostics, Estimated } from "../results.js";
import { within, type Stage, type StageContext } from "../stage.js";
import { tabulate } from "../tabulated.js";
import { ofGaussian } from "./direct.js";
import { CLOSE_GRID, costOf, type GaussianRecord } from "./gaussian.js";

/** Where chains start: the middle of the prior. */
const START = MAX_RANGE / 2;

/** What this stage leaves. */
export interface McmcRecord {
  readonly bruteForce: { readonly fields: number; readonly secondsPerField: number };
  readonly tabulated: GaussianRecord;
}

function chains(
  context: StageContext,
  target: LogTarget,
  report: (fraction: number, what: string) => void,
  what: string,
): Promise<MetropolisResult> {
  const { iterations, burnIn, adaptEvery, thin } = context.settings.gaussian.mcmc;
  return metropolis(target, {
    bijection: gaussianField.parameters.range.bijection,
    start: new Float64Array(target.size).fill(START),
    chains: 1,
    iterations,
    burnIn,
    adaptEvery,
    thin,
    seed: context.seed,
    signal: context.signal,
    onProgress: (done, total) => {
      report(done / total, what);
    },
  });
}

/** The likelihood itself; the prior is flat. */
function exactTarget(fields: Column, size: number): LogTarget {
  const each = Array.from({ length: size }, (_, i) => fields.subarray(256 * i, 256 * (i + 1)));
  return {
    size,
    dimension: 1,
    logDensity: (theta) =>
      Float64Array.from(theta, (value, i) => logLikelihood(value, each[i] ?? new Float32Array())),
  };
}

/** Metropolis on all test fields. */
export const mcmcStage: Stage = {
  name: "mcmc",
  title: "MCMC",
  settings: ({ gaussian }) => ofGaussian(gaussian, "mcmc"),
  seconds: ({ gaussian: { mcmc, test } }) =>
    1 + 1e-4 * mcmc.iterations * mcmc.bruteForceFields + test * (0.005 + 5e-7 * mcmc.iterations),
  run: async (context): Promise<McmcRecord> => {
    const { mcmc, close } = context.settings.gaussian;
    const test = await gaussianFields.test(context);
    const looked = await gaussianFields.close(context);
    const show = (from: number, to: number) => {
      const report = within(context, from, to);
      return (fraction: number, what: string): void => {
        const done = Math.round(100 * fraction);
        report(fraction, { kind: "counting", what, done, total: 100 });
      };
    };
    const fields = Math.min(mcmc.bruteForceFields, test.size);
    const brute = await chains(
      context,
      exactTarget(test.data.z, fields),
      show(0, 0.65),
      `percent, ${fields} fields by the likelihood`,
    );
    const all = new Float32Array(test.data.z.length + looked.data.z.length);
    all.set(test.data.z);
    all.set(looked.data.z, test.data.z.length);
    const tabulated = tabulate(all);
    context.signal.throwIfAborted();
    const fast = await chains(
      context,
      tabulated.target,
      show(0.7, 1),
      "percent, all fields by the tabulated likelihood",
    );
    const kept = fast.each;
    const secondsPerField = brute.seconds / fields;
    const answers = answersOfDraws(fast.draws.subarray(0, test.size * kept), test.parameters);
    const exactly = answersOfDraws(brute.draws, test.parameters.subarray(0, fields));
    const diagnostics = diagnosticsOf(fast, test.size, tabulated.largestError, {
      fields,
      secondsPerField,
      rHatWorst: Math.max(...brute.rHat),
      bulkEssSmallest: Math.min(...brute.bulkEss),
      tailEssSmallest: Math.min(...brute.tailEss),
      tabulatedLessBruteForce: differenceOf(exactly, answers, [...test.parameters]),
    });
    return {
      bruteForce: { fields, secondsPerField },
      tabulated: {
        answers,
        cost: costOf(undefined, secondsPerField),
        closeDensities: close.map((_, i) =>
          kernelDensity(
            fast.draws.subarray((test.size + i) * kept, (test.size + i + 1) * kept),
            CLOSE_GRID,
          ),
        ),
        diagnostics,
        notes: [
          `seconds a field: ${fields} test fields one after another on one core, ${mcmc.iterations.toLocaleString("en-US")} iterations each with the likelihood itself`,
          `scores: all fields by a tabulated log-likelihood; ${(fast.seconds / tabulated.target.size).toPrecision(2)} s a field beside the table`,
          ...notesOf(diagnostics, tabulated.largestErrorAtEnds),
        ],
      },
    };
  },
};

/** Diagnostics of chains on the test fields, which come first; close looks come after them. */
function diagnosticsOf(
  chains: MetropolisResult,
  size: number,
  tabulationError: number,
  bruteForce: ChainDiagnostics["bruteForce"],
): ChainDiagnostics {
  const { each, acceptance, rHat, bulkEss, tailEss } = chains;
  const of = (values: Float64Array): Float64Array => values.subarray(0, size);
  return {
    kind: "chains",
    draws: each,
    acceptanceMedian: medianOf(of(acceptance)),
    rHatMedian: medianOf(of(rHat)),
    rHatWorst: Math.max(...of(rHat)),
    bulkEssSmallest: Math.min(...of(bulkEss)),
    bulkEssMedian: medianOf(of(bulkEss)),
    tailEssSmallest: Math.min(...of(tailEss)),
    tailEssMedian: medianOf(of(tailEss)),
    tabulationError,
    densityFactor: Math.exp(2 * tabulationError),
    bruteForce,
  };
}

/** Second answers less first ones, over the fields of the first; the second may have more. */
export function differenceOf(
  first: Answers,
  second: Answers,
  truth: readonly number[],
): AnswerDifference {
  const rows = first.estimate.map((_, i) => i);
  const mean = (of: (answers: Answers, i: number) => number): Estimated => {
    const { value, standardError } = average(rows.map((i) => of(second, i) - of(first, i)));
    return { value, standardError: Number.isFinite(standardError) ? standardError : 0 };
  };
  return {
    fields: rows.length,
    crps: mean(({ crps }, i) => crps?.[i] ?? Number.NaN),
    coverage: mean(({ lower, upper }, i) => {
      const theta = truth[i] ?? Number.NaN;
      return Number(theta >= (lower[i] ?? Number.NaN) && theta <= (upper[i] ?? Number.NaN));
    }),
    meanAbsoluteDifferenceOfMeans: average(
      rows.map((i) => Math.abs((second.estimate[i] ?? Number.NaN) - (first.estimate[i] ?? 0))),
    ).value,
  };
}

function notesOf(diagnostics: ChainDiagnostics, errorAtEnds: number): readonly string[] {
  const { draws, acceptanceMedian, rHatMedian, rHatWorst, bruteForce } = diagnostics;
  const { bulkEssSmallest, bulkEssMedian, tailEssSmallest, tailEssMedian } = diagnostics;
  const { tabulationError } = diagnostics;
  const { crps, coverage, meanAbsoluteDifferenceOfMeans } = bruteForce.tabulatedLessBruteForce;
  return [
    `the table's error, measured at the middle of all cells and at more places of the first and the last, is at most ${tabulationError.toExponential(1)} (${errorAtEnds.toExponential(1)} in those two): densities change by a factor of at most 1 + ${Math.expm1(2 * tabulationError).toExponential(1)}`,
    `beside the likelihood itself on ${bruteForce.fields} fields, the table changes the mean CRPS by ${crps.value.toExponential(1)} ± ${crps.standardError.toExponential(1)}, coverage by ${(100 * coverage.value).toFixed(1)} %, and posterior means by ${meanAbsoluteDifferenceOfMeans.toExponential(1)} on average`,
    `acceptance ${acceptanceMedian.toFixed(2)}, split R-hat ${rHatMedian.toFixed(3)}, effective sample size ${bulkEssMedian.toFixed(0)} (bulk) and ${tailEssMedian.toFixed(0)} (tails) of ${draws} in the median; R-hat ${rHatWorst.toFixed(3)}, ${bulkEssSmallest.toFixed(0)} and ${tailEssSmallest.toFixed(0)} at worst`,
  ];
}
