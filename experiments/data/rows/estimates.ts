/**
 * Point estimates: neural EM of series with gaps beside the exact mode, and bootstrap intervals.
 */
import {
  bootstrap,
  defineModel,
  nbe,
  neuralEm,
  normal,
  set,
  train,
  type Bootstrap,
  type BootstrapOptions,
} from "amortis";
import {
  numbersOf,
  mean,
  ratioOf,
  testStream,
  timed,
  trainingOf,
  truths,
  type Row,
} from "../row.js";
import { autoregression, complete, filled } from "./autoregression.js";

const POINTS = 2000;

/** The mode of φ given what is there, and its posterior's standard deviation, on a grid. */
function exactMode(y: ArrayLike<number>): { readonly mode: number; readonly sd: number } {
  const model = autoregression(() => [0, false]);
  const grid = Array.from({ length: POINTS }, (_, i) => ((i + 0.5) * 0.99) / POINTS);
  const logs = grid.map((phi) => model.logLikelihood?.({ phi }, { y }) ?? 0);
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((a, b) => a + b, 0);
  const moment = (k: number): number =>
    grid.reduce((sum, phi, i) => sum + (phi ** k * (weights[i] ?? 0)) / total, 0);
  return {
    mode: grid[logs.indexOf(most)] ?? 0,
    sd: Math.sqrt(moment(2) - moment(1) ** 2),
  };
}

const emRow: Row = {
  name: "em",
  about: "neural EM by an estimator of the mode that knows complete series alone",
  measure: async (budget) => {
    const { sets, seed } = budget;
    const estimator = await train(nbe(complete, { loss: "mode" }), trainingOf(budget));
    const scores = [];
    for (const block of [false, true]) {
      for (const share of [0.1, 0.5, 0.9]) {
        const what = `${100 * share} % missing ${block ? "in a block" : "at random"}`;
        const model = autoregression(() => [share, block]);
        const cases = truths(model, sets, testStream(seed, what));
        const { value: found, milliseconds } = await timed(async () => {
          const all = [];
          for (const [i, { data }] of cases.entries()) {
            const y = numbersOf(data, "y");
            const { estimate } = await neuralEm(estimator, {
              start: { phi: 0.5 },
              complete: ({ phi }, random) => ({ y: filled(y, phi, random) }),
              seed: i,
            });
            all.push(estimate.phi);
          }
          return all;
        });
        const exact = cases.map(({ data }) => exactMode(numbersOf(data, "y")));
        const square = (values: readonly number[]): readonly number[] =>
          values.map((value, i) => (value - (cases[i]?.theta ?? 0)) ** 2);
        const { ratio, error } = ratioOf(square(found), square(exact.map(({ mode }) => mode)));
        const apart = exact.map(({ mode, sd }, i) => ((found[i] ?? 0) - mode) / sd);
        scores.push({
          what,
          sets,
          // Of root mean squared errors.
          ratio: Math.sqrt(ratio),
          error: error / (2 * Math.sqrt(ratio)),
          distance: Math.sqrt(mean(apart.map((d) => d ** 2))),
          milliseconds: milliseconds / sets,
        });
      }
    }
    await estimator.release();
    return scores;
  },
};

const SIZE = 50;

/** A prior so wide that it moves no estimate, and dependence of neighbours by φ. */
function located(phi: number) {
  return defineModel({
    name: "located",
    parameters: { mu: normal(0, 5) },
    data: { y: set(SIZE) },
    simulate: ({ mu }, random) => {
      let value = random.normal();
      const y = Array.from({ length: SIZE }, (_, t) => {
        if (t > 0) value = phi * value + Math.sqrt(1 - phi ** 2) * random.normal();
        return mu + value;
      });
      return { y };
    },
  });
}

const LEVEL = 0.9;

const bootstrapRow: Row = {
  name: "bootstrap",
  about: `bootstrap intervals of nbe, 90 %; exact: of ȳ's variance, by ${SIZE} elements`,
  measure: async (budget) => {
    const { sets, seed } = budget;
    const scores = [];
    const independent = located(0);
    const dependent = located(0.5);
    const kinds = [
      ["parametric, independent elements", independent, { model: independent }],
      ["elements, independent", independent, { kind: "elements" }],
      ["elements, dependent", dependent, { kind: "elements" }],
      ["blocks of 10, dependent", dependent, { kind: "blocks", block: 10 }],
    ] as const satisfies readonly (readonly [string, typeof independent, BootstrapOptions])[];
    const estimators = new Map(
      await Promise.all(
        [independent, dependent].map(
          async (model) => [model, await train(nbe(model), trainingOf(budget))] as const,
        ),
      ),
    );
    for (const [what, model, how] of kinds) {
      const estimator = estimators.get(model);
      if (estimator === undefined) throw new TypeError("each model has an estimator");
      const cases = truths(model, sets, testStream(seed, what));
      const { value: boots, milliseconds } = await timed(async () => {
        const all: Bootstrap<(typeof independent)["parameters"]>[] = [];
        for (const [i, { data }] of cases.entries()) {
          all.push(await bootstrap(estimator, data, { ...how, seed: i }));
        }
        return all;
      });
      const phi = model === independent ? 0 : 0.5;
      const sd = Math.sqrt(varianceOfMean(phi));
      const means = cases.map(({ data }) => mean(Array.from(numbersOf(data, "y"))));
      const square = (values: readonly number[]): readonly number[] =>
        values.map((value, i) => (value - (cases[i]?.theta ?? 0)) ** 2);
      const found = boots.map((boot) => boot.estimate().mu);
      const { ratio, error } = ratioOf(square(found), square(means));
      const apart = found.map((value, i) => (value - (means[i] ?? 0)) / sd);
      scores.push({
        what,
        sets,
        ratio: Math.sqrt(ratio),
        error: error / (2 * Math.sqrt(ratio)),
        coverage: mean(
          boots.map((boot, i) => {
            const [lower, upper] = boot.interval(LEVEL).mu;
            const theta = cases[i]?.theta ?? 0;
            return lower <= theta && theta <= upper ? 1 : 0;
          }),
        ),
        exactCoverage: mean(
          means.map((value, i) => (Math.abs(value - (cases[i]?.theta ?? 0)) < 1.645 * sd ? 1 : 0)),
        ),
        distance: Math.sqrt(mean(apart.map((d) => d ** 2))),
        spread: Math.exp(mean(boots.map((boot) => Math.log(boot.sd().mu / sd)))),
        milliseconds: milliseconds / sets,
      });
    }
    for (const estimator of estimators.values()) await estimator.release();
    return scores;
  },
};

/** Variance of the mean of all elements. */
function varianceOfMean(phi: number): number {
  let sum = SIZE;
  for (let lag = 1; lag < SIZE; lag++) sum += 2 * (SIZE - lag) * phi ** lag;
  return sum / SIZE ** 2;
}

export const rows: readonly Row[] = [emRow, bootstrapRow];
