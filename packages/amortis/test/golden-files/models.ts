/**
 * Small models, which together have every kind of prior and of data that files of version 1 hold. Their links are those that priors had then.
 */
import { add, constant, mul, square, sub, sum } from "@amortis/graph";
import {
  beta,
  custom,
  defineModel,
  dirichlet,
  discrete,
  exponential,
  gamma,
  halfNormal,
  logNormal,
  multivariateNormal,
  normal,
  truncatedNormal,
  uniform,
} from "../../src/index.js";

const TIMES = [-1, 0, 1, 2] as const;

/** A straight line with noise of unit variance: vectors, an unbounded and a bounded parameter, and every likelihood. */
export const line = defineModel({
  name: "line",
  parameters: {
    slope: normal(0, 1),
    level: uniform(-2, 2, { link: "logit" }),
  },
  data: { y: [TIMES.length] },
  simulate: ({ slope, level }, random) => ({
    y: TIMES.map((t) => level + slope * t + random.normal()),
  }),
  graphLogLikelihood: ({ slope, level }, { y }) => {
    const means = add(level, mul(slope, constant([...TIMES], [TIMES.length])));
    return mul(sum(square(sub(y, means)), { axes: [-1] }), -0.5);
  },
  logLikelihoodGradient: ({ slope, level }, { y }) => {
    const residuals = TIMES.map((t, i) => (y[i] ?? 0) - level - slope * t);
    return {
      value: residuals.reduce((total, r) => total - r ** 2 / 2, 0),
      gradient: [
        residuals.reduce((total, r, i) => total + r * (TIMES[i] ?? 0), 0),
        residuals.reduce((a, b) => a + b, 0),
      ],
    };
  },
});

/** Images: square, of one channel; with a number beside them. */
export const patch = defineModel({
  name: "patch",
  parameters: { level: normal(3, 1), scale: gamma(3, 2, { link: "log" }) },
  data: { z: [6, 6], largest: [] },
  simulate: ({ level, scale }, random) => {
    const z = Array.from({ length: 36 }, () => level + scale * random.normal());
    return { z, largest: Math.max(...z) };
  },
});

/** Images alone, square, of one channel: with symmetries. */
export const square6 = defineModel({
  name: "square",
  parameters: { level: normal(100, 20) },
  data: { z: [6, 6] },
  simulate: ({ level }, random) => ({
    z: Array.from({ length: 36 }, () => level + 5 * random.normal()),
  }),
});

/** A series of two channels. */
export const series = defineModel({
  name: "series",
  parameters: { memory: uniform(-0.9, 0.9, { link: "logit" }) },
  data: { x: [10, 2] },
  simulate: ({ memory }, random) => {
    let state = random.normal();
    return {
      x: Array.from({ length: 10 }, () => {
        state = memory * state + random.normal();
        return [state, random.normal()];
      }).flat(),
    };
  },
});

/** Parameters of one number of every prior that has an unconstrained space. */
export const scalars = defineModel({
  name: "scalars",
  parameters: {
    share: beta(2, 3, { link: "logit" }),
    shape: gamma(2, 1, { link: "log" }),
    wait: exponential(0.5, { link: "log" }),
    spread: halfNormal(2, { link: "log" }),
    size: logNormal(0, 0.5),
    cut: truncatedNormal(0, 1, -1, 2, { link: "logit" }),
  },
  data: { x: [6] },
  simulate: (values, random) => ({
    x: Object.values(values).map((value) => value + 0.1 * random.normal()),
  }),
});

/** Parameters of several numbers. */
export const vectors = defineModel({
  name: "vectors",
  parameters: {
    shares: dirichlet([2, 3, 4]),
    centre: multivariateNormal(
      [1, -1],
      [
        [1, 0.5],
        [0.5, 2],
      ],
    ),
  },
  data: { x: [5] },
  simulate: ({ shares, centre }, random) => ({
    x: [...shares, ...centre].map((value) => value + 0.1 * random.normal()),
  }),
});

/** A prior that is code: θ is the square of an exponential draw. */
export const own = defineModel({
  name: "own",
  parameters: {
    theta: custom({
      name: "squared exponential",
      sample: (random) => random.exponential() ** 2,
      logDensity: (value) => -Math.sqrt(value[0] ?? 0) - 0.5 * Math.log(value[0] ?? 0) - Math.LN2,
      support: { lower: 0 },
    }),
  },
  data: { x: [2] },
  simulate: ({ theta }, random) => ({
    x: [Number(theta) + random.normal(), random.normal()],
  }),
});

/** A parameter that has a few values only, and one that has any. */
export const steps = defineModel({
  name: "steps",
  parameters: {
    count: discrete([1, 2, 4, 7], [0.1, 0.4, 0.3, 0.2]),
    shift: normal(0, 1),
  },
  data: { x: [3] },
  simulate: ({ count, shift }, random) => ({
    x: [count + random.normal(), shift + random.normal(), count * shift],
  }),
});

/** A parameter on an interval, by the probit map. */
export const probit = defineModel({
  name: "probit",
  parameters: { theta: uniform(-1, 1, { link: "probit" }) },
  data: { x: [2] },
  simulate: ({ theta }, random) => ({
    x: [theta + 0.3 * random.normal(), theta + 0.3 * random.normal()],
  }),
});

/** Several parameters by the probit map: version 1 said so in the file, but mapped them by the logit. */
export const probits = defineModel({
  name: "probits",
  parameters: {
    left: uniform(-1, 1, { link: "probit" }),
    right: uniform(0, 3, { link: "probit" }),
  },
  data: { x: [2] },
  simulate: ({ left, right }, random) => ({
    x: [left + 0.3 * random.normal(), right + 0.3 * random.normal()],
  }),
});
