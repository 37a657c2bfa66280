/**
 * Conjugate models, whose posteriors are known: a normal mean, a Poisson rate and a binomial probability.
 */
import { beta, defineModel, gamma, normal, stream, type AnyModel, type Stream } from "amortis";
import { add, log, mul, square, sub, sum } from "amortis/extend";
import type { ExactAnswers } from "./score.js";

/** A model with its posterior, of one parameter. */
export interface Conjugate {
  readonly name: string;
  readonly model: AnyModel;
  /** The posterior of a data set: moments, and a draw. */
  readonly posterior: (y: ArrayLike<number>) => {
    readonly mean: number;
    readonly sd: number;
    readonly sample: (random: Stream) => number;
  };
}

const N = 10;
const TRIALS = 20;

const total = (y: ArrayLike<number>): number => Array.from(y).reduce((a, b) => a + b, 0);

/** θ ~ N(0, 1), y_i ~ N(θ, 1), i = 1 .. 10. */
const mean = defineModel({
  name: "normal-mean",
  parameters: { theta: normal(0, 1) },
  data: { y: [N] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: N }, () => theta + random.normal()),
  }),
  logLikelihood: ({ theta }, { y }) =>
    Array.from(y).reduce((all, x) => all - (x - theta) ** 2 / 2, 0),
  graphLogLikelihood: ({ theta }, { y }) => mul(sum(square(sub(y, theta)), { axes: [-1] }), -0.5),
});

/** λ ~ Gamma(2, rate 1), y_i ~ Poisson(λ), i = 1 .. 10. */
const rate = defineModel({
  name: "poisson-rate",
  parameters: { lambda: gamma(2, 1) },
  data: { y: [N] },
  simulate: ({ lambda }, random) => ({
    y: Array.from({ length: N }, () => random.poisson(lambda)),
  }),
  logLikelihood: ({ lambda }, { y }) => total(y) * Math.log(lambda) - N * lambda,
  graphLogLikelihood: ({ lambda }, { y }) =>
    sum(sub(mul(sum(y, { axes: [-1], keepDims: true }), log(lambda)), mul(lambda, N)), {
      axes: [-1],
    }),
});

/** π ~ Beta(2, 2), k ~ Binomial(20, π). */
const share = defineModel({
  name: "binomial-share",
  parameters: { share: beta(2, 2) },
  data: { k: [] },
  simulate: ({ share: p }, random) => ({ k: random.binomial(TRIALS, p) }),
  logLikelihood: ({ share: p }, { k }) =>
    Number(k[0]) * Math.log(p) + (TRIALS - Number(k[0])) * Math.log1p(-p),
  graphLogLikelihood: ({ share: p }, { k }) => {
    const [hits, rest] = [mul(k, 1), sub(TRIALS, k)];
    const [won, lost] = [sum(log(p), { axes: [-1] }), sum(log(sub(1, p)), { axes: [-1] })];
    return add(mul(hits, won), mul(rest, lost));
  },
});

/** All of them. */
export const CONJUGATE: readonly Conjugate[] = [
  {
    name: "normal mean",
    model: mean,
    posterior: (y) => {
      const [middle, sd] = [total(y) / (N + 1), 1 / Math.sqrt(N + 1)];
      return { mean: middle, sd, sample: (random) => middle + sd * random.normal() };
    },
  },
  {
    name: "Poisson rate",
    model: rate,
    posterior: (y) => {
      const [shape, scale] = [2 + total(y), 1 / (1 + N)];
      return {
        mean: shape * scale,
        sd: Math.sqrt(shape) * scale,
        sample: (random) => Number(gamma(shape, 1 / scale).sample(random)[0]),
      };
    },
  },
  {
    name: "binomial share",
    model: share,
    posterior: (y) => {
      const [a, b] = [2 + Number(y[0]), 2 + TRIALS - Number(y[0])];
      return {
        mean: a / (a + b),
        sd: Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))),
        sample: (random) => Number(beta(a, b).sample(random)[0]),
      };
    },
  },
];

/** Exact posteriors of data sets, by as many draws of each as others have. */
export function exactOf(
  { posterior }: Conjugate,
  data: ArrayLike<number>,
  size: number,
  each: number,
  seed: string,
): ExactAnswers {
  const width = data.length / size;
  const random = stream(seed);
  const mean = new Float64Array(size);
  const sd = new Float64Array(size);
  const draws = new Float64Array(size * each);
  for (let i = 0; i < size; i++) {
    const y = Array.from({ length: width }, (_, j) => Number(data[i * width + j]));
    const known = posterior(y);
    mean[i] = known.mean;
    sd[i] = known.sd;
    const own = random.split(i);
    for (let j = 0; j < each; j++) draws[i * each + j] = known.sample(own);
  }
  return { mean, sd, draws, each };
}
