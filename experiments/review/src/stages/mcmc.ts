/**
 * The rival of the first experiment: random-walk Metropolis with the review's settings.
 *
 * Some test fields are answered with the likelihood itself in each iteration: that is what a field costs. All of them are answered with a
 * log-likelihood that is tabulated in θ beforehand, whose error is measured and stated.
 */
import { metropolis, type LogTarget, type MetropolisResult } from "amortis";
import { gaussianField, logLikelihood, MAX_RANGE } from "@amortis/gaussian-field";
import { answersOfDraws, kernelDensity } from "../answers.js";
import { gaussianFields } from "../fields.js";
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
function exactTarget(fields: Float32Array, size: number): LogTarget {
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
    const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);
    const smallest = (values: Float64Array): number =>
      values.reduce((a, b) => Math.min(a, b), Infinity);
    const mean = (values: Float64Array): number =>
      values.reduce((a, b) => a + b, 0) / values.length;
    return {
      bruteForce: { fields, secondsPerField },
      tabulated: {
        answers: answersOfDraws(fast.draws.subarray(0, test.size * kept), test.parameters),
        cost: costOf(undefined, secondsPerField),
        closeDensities: close.map((_, i) =>
          kernelDensity(
            fast.draws.subarray((test.size + i) * kept, (test.size + i + 1) * kept),
            CLOSE_GRID,
          ),
        ),
        notes: [
          `seconds a field: ${fields} test fields, ${mcmc.iterations} iterations each with the likelihood itself`,
          `scores: all fields by a tabulated log-likelihood, whose largest error at the midpoints of its cells is ${tabulated.largestError.toExponential(1)}; ${(fast.seconds / tabulated.target.size).toPrecision(2)} s a field beside the table`,
          `acceptance ${mean(fast.acceptance).toFixed(2)} on average, largest split R-hat ${largest(fast.rHat).toFixed(3)}, effective sample size at least ${smallest(fast.bulkEss).toFixed(0)} of ${kept}`,
        ],
      },
    };
  },
};
