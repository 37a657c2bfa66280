/**
 * Trials, a covariate and subjects: likelihoods against simulators and against NUTS of another program, and what networks learn of them.
 */
import { readFile } from "node:fs/promises";
import { deepSet, hierarchical, mlp, modelPosterior, nle, stream, train } from "amortis";
import { expect, test } from "vitest";
import {
  decisionAt,
  decisionLogDensity,
  decisionRegression,
  decisions,
  drawDecision,
  drawLine,
  lexical,
  lexicalSubjects,
  wordDecisions,
} from "../src/index.js";

const quick = { seed: 1, workers: 0, threads: 1 };

function momentsOf(draws: ArrayLike<number>, p: number, place: number) {
  const all = Array.from({ length: draws.length / p }, (_, i) => draws[i * p + place] ?? 0);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const variance = all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length;
  return { mean, sd: Math.sqrt(variance) };
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [momentsOf(a, 1, 0), momentsOf(b, 1, 0)];
  const products = Array.from(a, (value, i) => (value - x.mean) * ((b[i] ?? 0) - y.mean));
  return momentsOf(products, 1, 0).mean / (x.sd * y.sd);
}

test("the data are those of the table", async () => {
  const text = await readFile(new URL("../data/lexical-decisions.csv", import.meta.url), "utf8");
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  const own = wordDecisions.flatMap(({ time, choice, x }, subject) =>
    time.map((t, i) => [subject + 1, x[i], choice[i], Math.round(1000 * t)]),
  );
  expect(own).toEqual(rows);
  expect(wordDecisions.length).toBe(17);
});

test("the likelihood is that of the simulator, of each level of a covariate: what is drawn is best explained by what drew it", () => {
  const model = decisionRegression([-1, 0.25, 1]);
  const truth = { v0: 0.3, v1: 1.5, separation: 1.3, start: 0.55, nonDecision: 0.3 };
  const logs = (other: Partial<typeof truth>): Float64Array =>
    Float64Array.from({ length: 200 }, (_, i) => {
      const random = stream("own").split(i);
      const data = drawLine([-1, 0.25, 1], 30, truth, random);
      const of = (values: typeof truth): number =>
        model.logLikelihood?.(values, data) ?? Number.NaN;
      return of(truth) - of({ ...truth, ...other });
    });
  for (const other of [
    { v0: 0.7 },
    { v1: 1.9 },
    { separation: 1.45 },
    { start: 0.62 },
    { nonDecision: 0.285 },
  ]) {
    const all = logs(other);
    const { mean, sd } = momentsOf(all, 1, 0);
    // By more than four standard errors.
    expect(mean / (sd / Math.sqrt(all.length))).toBeGreaterThan(4);
  }
});

test("trials that are not there count for nothing, and one before the non-decision time is impossible", () => {
  const at = { v0: 0, v1: 1, separation: 1.2, start: 0.5, nonDecision: 0.3 };
  const data = { time: [0.6, 0.5], choice: [1, 0], x: [1, -1] };
  const sum =
    decisionLogDensity(0.6, 1, decisionAt(at, 1)) + decisionLogDensity(0.5, 0, decisionAt(at, -1));
  expect(lexical.logLikelihood?.(at, data)).toBeCloseTo(sum, 12);
  const padded = {
    time: [...data.time, Number.NaN],
    choice: [...data.choice, Number.NaN],
    x: [...data.x, Number.NaN],
  };
  expect(lexical.logLikelihood?.(at, padded)).toBeCloseTo(sum, 12);
  expect(lexical.logLikelihood?.({ ...at, nonDecision: 0.55 }, data)).toBe(-Infinity);
  expect(() => decisionRegression([])).toThrow("needs the levels of the covariate");
});

test("posteriors of real subjects under the exact likelihood are those of NUTS of NumPyro", async () => {
  const text = await readFile(new URL("fixtures/lexical-nuts-alone.json", import.meta.url), "utf8");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what lexical_nuts.py writes
  const { alone } = JSON.parse(text) as {
    readonly alone: Readonly<
      Record<string, Readonly<Record<string, { mean: number; sd: number; nEff: number }>>>
    >;
  };
  for (const [subject, golden] of Object.entries(alone)) {
    const data = { ...wordDecisions[Number(subject) - 1] };
    const posterior = await modelPosterior(lexical, data, { method: "mcmc", samples: 4000 });
    for (const [k, name] of lexical.parameterNames.entries()) {
      const { mean, sd } = momentsOf(posterior.draws, lexical.parameterSize, k);
      const exact = golden[name];
      if (exact === undefined) throw new Error(`the golden file lacks ${name}`);
      // Of 4,000 draws of chains a tenth at least are worth an independent one: standard errors of 1/20 sd, of a mean, and of 1/28, of log sd.
      expect(Math.abs(mean - exact.mean) / exact.sd).toBeLessThan(4 / 20);
      expect(Math.abs(Math.log(sd / exact.sd))).toBeLessThan(4 / 28);
    }
  }
});

test("of times and choices a likelihood is learned, whose trials add up", async () => {
  const estimator = await train(
    nle(decisions, { replicates: true, discrete: { choice: [0, 1] } }),
    { ...quick, simulations: 1500 },
  );
  const truth = { drift: 1.2, separation: 1.4, start: 0.55, nonDecision: 0.3 };
  const theta = decisions.pack(truth);
  const all = Array.from({ length: 40 }, (_, i) => drawDecision(truth, stream("sum").split(i)));
  const learned = async (some: typeof all) =>
    Number(
      await estimator.logLikelihood(
        { time: some.map(({ time }) => time), choice: some.map(({ choice }) => choice) },
        theta,
      ),
    );
  let sum = 0;
  for (const one of all) sum += await learned([one]);
  const whole = await learned(all);
  expect(Math.abs(whole - sum)).toBeLessThan(1e-4 * Math.abs(sum) + 1e-3);
  // Exact log-likelihoods of 40 trials, a difference a trial.
  const exact = all.map(({ time, choice }) => decisionLogDensity(time, choice, truth));
  expect(Math.abs(whole - exact.reduce((a, b) => a + b, 0)) / all.length).toBeLessThan(0.1);
  const data = { time: all.map(({ time }) => time), choice: all.map(({ choice }) => choice) };
  const own = await estimator.given(data, { samples: 2000 });
  const known = await modelPosterior(decisions, data, { method: "mcmc", samples: 2000 });
  for (const k of decisions.parameterNames.keys()) {
    const [a, b] = [momentsOf(own.draws, 4, k), momentsOf(known.draws, 4, k)];
    expect(Math.abs(a.mean - b.mean) / b.sd).toBeLessThan(0.6);
    expect(Math.abs(Math.log(a.sd / b.sd))).toBeLessThan(0.4);
  }
  await estimator.release();
});

test("a hierarchy answers subjects and their group", async () => {
  const network = { hidden: [24], activation: "silu" } as const;
  const summary = deepSet({ phi: mlp(network), features: 24, rho: mlp(network), outputs: 12 });
  const estimator = await train(hierarchical(lexicalSubjects, { summary }), {
    ...quick,
    simulations: 1000,
    epochs: 20,
    batch: 16,
  });
  const posterior = await estimator.given(
    {
      time: wordDecisions.map(({ time }) => time),
      choice: wordDecisions.map(({ choice }) => choice),
      x: wordDecisions.map(({ x }) => x),
    },
    { samples: 500 },
  );
  const { meanV1, meanLogNonDecision, groups } = posterior.mean();
  expect(groups.subject.v1.length).toBe(17);
  // All subjects tell words from nonwords, and none answered before 285 ms.
  expect(meanV1).toBeGreaterThan(0.8);
  expect(Math.exp(meanLogNonDecision)).toBeGreaterThan(0.2);
  expect(Math.exp(meanLogNonDecision)).toBeLessThan(0.5);
  // Of each subject it says something of its own, which answers by the prior or by the group alone would not.
  const { logSeparation, logNonDecision } = groups.subject;
  const meanTimes = wordDecisions.map(({ time }) => time.reduce((a, b) => a + b) / time.length);
  const leastTimes = wordDecisions.map(({ time }) => Math.min(...time));
  expect(correlation(logSeparation, meanTimes)).toBeGreaterThan(0.7);
  expect(correlation(logNonDecision, leastTimes)).toBeGreaterThan(0.7);
  await estimator.release();
});
