/**
 * Data of which parts lack: values that are missing, values below a threshold that is known, and excesses over one.
 */
import { defineModel, discreteUniform, normal, npe, uniform, type Stream } from "amortis";
import { compare, exactly, learned, testStream, truths, type Row } from "../row.js";
import { autoregression, type Pattern } from "./autoregression.js";

const anyGaps: Pattern = (random) => [0.95 * random.uniform(), random.uniform() < 0.5];

const gapsRow: Row = {
  name: "missing",
  about: "npe with masks, gaps at random and in blocks, 0 to 95 % in training",
  measure: async (budget) => {
    const answer = await learned(npe(autoregression(anyGaps)), budget, { epochs: 40 });
    const scores = [];
    for (const block of [false, true]) {
      for (const share of [0.1, 0.5, 0.9]) {
        const model = autoregression(() => [share, block]);
        const what = `${100 * share} % missing ${block ? "in a block" : "at random"}`;
        const cases = truths(model, budget.sets, testStream(budget.seed, what));
        scores.push(await compare(what, cases, answer, exactly(model)));
      }
    }
    return scores;
  },
};

const LOG_ROOT = 0.5 * Math.log(2 * Math.PI);

/** log Φ(x), by its asymptotic series far to the left. */
function logNormalCdf(x: number): number {
  if (x < -8) return -0.5 * x ** 2 - Math.log(-x) - LOG_ROOT;
  // Midpoints of e^(-t²/2) from 12 standard deviations on.
  const steps = 400;
  const width = (x + 12) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-0.5 * (-12 + (i + 0.5) * width) ** 2);
  return Math.log(sum * width) - LOG_ROOT;
}

/** y_i ~ N(θ, 1), of which those below c are known to be below, and no more; c an input. */
function censored(threshold: (random: Stream) => number) {
  return defineModel({
    name: "censored",
    parameters: { theta: normal(0, 1) },
    sizes: { m: discreteUniform(5, 20) },
    data: { y: ["m"], below: ["m"], c: [] },
    simulate: ({ theta }, random, { m }) => {
      const c = threshold(random);
      const y = Array.from({ length: m }, () => theta + random.normal());
      return { y: y.map((v) => Math.max(v, c)), below: y.map((v) => (v < c ? 1 : 0)), c };
    },
    logLikelihood: ({ theta }, { y, below, c }) => {
      const under = logNormalCdf((c[0] ?? 0) - theta);
      return Array.from(y).reduce(
        (total, v, i) => total + (below[i] === 1 ? under : -0.5 * (v - theta) ** 2 - LOG_ROOT),
        0,
      );
    },
  });
}

const censoredRow: Row = {
  name: "censored",
  about: "npe with values and indicators, the threshold an input",
  measure: async (budget) => {
    const answer = await learned(npe(censored((r) => 4 * r.uniform() - 2)), budget, { epochs: 40 });
    const scores = [];
    for (const c of [-1.5, 0, 1.5]) {
      const model = censored(() => c);
      const what = `threshold ${c}`;
      const cases = truths(model, budget.sets, testStream(budget.seed, what));
      scores.push(await compare(what, cases, answer, exactly(model)));
    }
    return scores;
  },
};

const SAMPLE = 100;

/** Of 100 draws of a generalised Pareto distribution of scale 1 those over u, as they exceed it: P(X > x) = (1 + ξ x)^(-1/ξ). */
function peaks(drawn: (random: Stream) => number) {
  const survival = (x: number, xi: number): number => -Math.log1p(xi * x) / xi;
  return defineModel({
    name: "peaks",
    parameters: { xi: uniform(0.05, 0.8) },
    sizes: { k: { upTo: SAMPLE } },
    data: { excess: ["k"], u: [] },
    simulate: ({ xi }, random) => {
      const u = drawn(random);
      const x = Array.from({ length: SAMPLE }, () => (random.uniform() ** -xi - 1) / xi);
      return { excess: x.filter((v) => v > u).map((v) => v - u), u };
    },
    logLikelihood: ({ xi }, { excess, u: threshold }) => {
      const u = threshold[0] ?? 0;
      const over = survival(u, xi);
      const scale = 1 + xi * u;
      const rest = (SAMPLE - excess.length) * Math.log(-Math.expm1(over));
      return Array.from(excess).reduce(
        (total, v) => total - Math.log(scale) - (1 + 1 / xi) * Math.log1p((xi * v) / scale) + over,
        u > 0 ? rest : 0,
      );
    },
  });
}

const peaksRow: Row = {
  name: "peaks",
  about: "npe of peaks over a threshold, which is an input, as is their number",
  measure: async (budget) => {
    const answer = await learned(npe(peaks((r) => 0.2 + 3 * r.uniform())), budget, { epochs: 40 });
    const scores = [];
    for (const u of [0.3, 1, 3]) {
      const model = peaks(() => u);
      const what = `threshold ${u}`;
      const cases = truths(model, budget.sets, testStream(budget.seed, what));
      scores.push(await compare(what, cases, answer, exactly(model)));
    }
    return scores;
  },
};

export const rows: readonly Row[] = [gapsRow, censoredRow, peaksRow];
