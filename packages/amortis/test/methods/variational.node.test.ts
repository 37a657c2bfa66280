/**
 * Amortized variational inference on models whose posteriors are known.
 */
import {
  add,
  compile,
  constant,
  constantInit,
  exp,
  gradient,
  input,
  mul,
  neg,
  Scope,
  square,
  squeeze,
  sub,
  sum,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import {
  affineCoupling,
  defineModel,
  discrete,
  flowMatching,
  gaussian,
  gaussianMixture,
  normal,
  rawSummary,
  simulate,
  splineCoupling,
  stream,
  train,
  uniform,
  variational,
  type VariationalOptions,
} from "../../src/index.js";
import type { ConditionalDensity } from "../../src/extend.js";
import { normalCdf } from "../../src/math/index.js";

const REPLICATES = 4;
const LOG_TWO_PI = Math.log(2 * Math.PI);

/** θ ~ N(0, 1), y_i ~ N(θ, 1): the posterior is N(Σ y / (n + 1), 1 / (n + 1)). */
const conjugate = defineModel({
  name: "conjugate",
  parameters: { theta: normal(0, 1) },
  data: { y: [REPLICATES] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: REPLICATES }, () => theta + random.normal()),
  }),
  graphLogLikelihood: ({ theta }, { y }) =>
    sub(mul(sum(square(sub(y, theta)), { axes: [-1] }), -0.5), (REPLICATES / 2) * LOG_TWO_PI),
  logLikelihoodGradient: ({ theta }, { y }) => {
    let [value, slope] = [(-REPLICATES / 2) * LOG_TWO_PI, 0];
    for (let i = 0; i < REPLICATES; i++) {
      const residual = (y[i] ?? 0) - theta;
      value -= residual ** 2 / 2;
      slope += residual;
    }
    return { value, gradient: [slope] };
  },
});
const exactSd = 1 / Math.sqrt(REPLICATES + 1);

/** log p(y), y ~ N(0, I + 11ᵀ). */
function logEvidence(values: ArrayLike<number>): number {
  const y = Array.from(values);
  const total = y.reduce((a, b) => a + b, 0);
  const squares = y.reduce((a, b) => a + b * b, 0);
  const n = REPLICATES;
  return -0.5 * (squares - total ** 2 / (n + 1) + Math.log(n + 1) + n * LOG_TWO_PI);
}

const SETS = 300;
const fresh = await simulate(conjugate, { simulations: SETS, seed: "fresh", workers: 0 });
const rows = Array.from({ length: SETS }, (_, i) =>
  fresh.data.y.subarray(i * REPLICATES, (i + 1) * REPLICATES),
);
const quick = { seed: 3, workers: 0, threads: 1, batch: 64 } as const;

async function errors(options: VariationalOptions<typeof conjugate>, epochs: number) {
  const method = variational(conjugate, { summary: rawSummary(), ...options });
  const fitted = await train(method, { ...quick, simulations: 8000, validation: fresh, epochs });
  const posteriors = await fitted.givenBatch({ y: fresh.data.y }, { samples: 1000 });
  const means = posteriors.mean().theta;
  const sds = posteriors.sd().theta;
  const rms = (error: (i: number) => number): number =>
    Math.sqrt(rows.reduce((total, _, i) => total + error(i) ** 2, 0) / SETS);
  const loss = Math.min(...fitted.history.map(({ validationLoss }) => validationLoss));
  await fitted.release();
  return {
    mean: rms(
      (i) =>
        (means[i] ?? 0) - Array.from(rows[i] ?? []).reduce((a, b) => a + b, 0) / (REPLICATES + 1),
    ),
    sd: rms((i) => (sds[i] ?? 0) - exactSd),
    // What the loss is above its least value, -log p(y), is the divergence from the posterior.
    divergence: loss + rows.reduce((total, y) => total + logEvidence(y) / SETS, 0),
  };
}

const SD = 0.5;

/** θ ~ U(0, 2), y ~ N(θ, 0.5²): the posterior is a truncated normal. */
const bounded = defineModel({
  name: "bounded",
  parameters: { location: uniform(0, 2) },
  data: { y: [1] },
  simulate: ({ location }, random) => ({ y: [location + SD * random.normal()] }),
  graphLogLikelihood: ({ location }, { y }) => {
    const residual = mul(sub(y, location), 1 / SD);
    const logDensity = add(mul(square(residual), -0.5), -0.5 * LOG_TWO_PI - Math.log(SD));
    return sum(logDensity, { axes: [-1] });
  },
});

/** v ~ N(0, 1), whatever the data. */
const standardNormal: ConditionalDensity = {
  kind: "standardNormal",
  noise: (d) => ({ normal: d, uniform: 0 }),
  logDensity: (_, v) => sum(add(mul(square(v), -0.5), -0.5 * LOG_TWO_PI), { axes: [-1] }),
  sample: (_, { normal: draws }) => draws ?? constant(0),
  describe: () => ({ kind: "standardNormal" }),
};

/** The conjugate model's posterior, in two weights that begin where they should end. */
const exactPosterior: ConditionalDensity = {
  kind: "exactPosterior",
  noise: (d) => ({ normal: d, uniform: 0 }),
  logDensity: (scope, v, context) => {
    const { location, logScale } = moments(scope, context);
    const z = mul(sub(v, location), exp(neg(logScale)));
    return sum(sub(add(mul(square(z), -0.5), -0.5 * LOG_TWO_PI), logScale), { axes: [-1] });
  },
  sample: (scope, { normal: draws = constant(0) }, context) => {
    const { location, logScale } = moments(scope, context);
    return add(location, mul(draws, exp(logScale)));
  },
  describe: () => ({ kind: "exactPosterior" }),
};

function moments(scope: Scope, context: Tensor) {
  const slope = scope.variable("slope", [1], constantInit(1 / (REPLICATES + 1)));
  const logScale = scope.variable("logScale", [1], constantInit(Math.log(exactSd)));
  return { location: mul(sum(context, { axes: [-1], keepDims: true }), slope), logScale };
}

/** The largest gradient of the losses of 8 data sets, one draw of each, where q is the posterior. */
async function gradientAtPosterior(pathGradient: boolean): Promise<number> {
  const method = variational(conjugate, {
    summary: rawSummary(),
    density: exactPosterior,
    pathGradient,
  });
  const variables = new Variables();
  const scope = Scope.root(variables, "training");
  const y = input("y", [8, REPLICATES]);
  const losses = method.losses({
    scope,
    standardization: { data: {}, parameters: { mean: [0], sd: [1] } },
    raw: { y },
    transformed: { y },
    data: { y },
    parameters: constant([[0]]),
    parametersSeen: constant([[0]]),
    unconstrained: () => constant([[0]]),
    host: ({ theta }) => theta,
  });
  const [noise] = scope.noiseInputs;
  const weights = variables.initialize(stream(1));
  const [slope = losses, spread = losses] = gradient(
    sum(losses),
    variables.entries.map(({ tensor }) => tensor),
  );
  const program = await compile(
    {
      inputs: { y, noise: noise?.tensor ?? y },
      outputs: { slope, spread },
      variables,
      weights,
    },
    nodeRuntime(),
  );
  const draws = new Float32Array(8);
  stream(2).fillNormal(draws);
  const result = await program.run({ y: fresh.data.y.slice(0, 8 * REPLICATES), noise: draws });
  await program.release();
  return Math.max(...[result.slope, result.spread].map((g) => Math.abs(Number(g.data[0]))));
}

describe("variational", () => {
  it.each<[string, number, VariationalOptions<typeof conjugate>]>([
    ["a Gaussian", 12, { density: gaussian() }],
    ["a Gaussian, with all of the gradient", 12, { density: gaussian(), pathGradient: false }],
    ["a mixture", 10, { density: gaussianMixture({ components: 3 }), draws: 2 }],
    ["an affine flow", 5, { density: affineCoupling({ layers: 2 }) }],
    ["a spline flow", 8, { density: splineCoupling({ layers: 1 }), draws: 2 }],
    ["a Gaussian, by the host's likelihood", 6, { density: gaussian(), likelihood: "host" }],
  ])("finds the conjugate posterior by %s", async (_, epochs, options) => {
    const error = await errors(options, epochs);
    // The Monte Carlo errors of 1,000 draws are 0.014 in the mean and 0.01 in the deviation; the rest is training.
    expect(error.mean).toBeLessThan(0.07);
    expect(error.sd).toBeLessThan(0.06);
    // A mean off by 0.07 is a divergence of 0.012, a deviation off by 0.06 one of 0.018.
    expect(Math.abs(error.divergence)).toBeLessThan(0.04);
  });

  it("learns the same from the host as from the graph", async () => {
    const losses = (["graph", "host"] as const).map(async (likelihood) => {
      const method = variational(conjugate, {
        summary: rawSummary(),
        density: gaussianMixture({ components: 2 }),
        draws: 2,
        likelihood,
      });
      const fitted = await train(method, { ...quick, simulations: 1000, epochs: 3 });
      await fitted.release();
      return fitted.history.flatMap((epoch) => [epoch.trainingLoss, epoch.validationLoss]);
    });
    const [graph = [], host = []] = await Promise.all(losses);
    // 42 steps of the same noise: what differs is rounding.
    for (const [i, loss] of host.entries()) expect(loss).toBeCloseTo(graph[i] ?? Number.NaN, 3);
  });

  it("has no gradient at the posterior, draw by draw, where the path's alone is taken", async () => {
    expect(await gradientAtPosterior(true)).toBeLessThan(1e-4);
    // All of the gradient is zero on average only.
    expect(await gradientAtPosterior(false)).toBeGreaterThan(0.5);
  });

  it("has the evidence lower bound as its loss, with the Jacobian, whatever the family", async () => {
    const variables = new Variables();
    const y = input("y", [256, 1]);
    const standardization = {
      data: {},
      parameters: { mean: [1], sd: [0.5] },
      unconstrained: { mean: [0.3], sd: [0.8] },
    };
    const method = variational(bounded, {
      summary: rawSummary(),
      density: standardNormal,
      draws: 6,
    });
    const losses = method.losses({
      scope: Scope.root(variables, "inference"),
      standardization,
      raw: { y },
      transformed: { y },
      data: { y },
      parameters: constant([[0]]),
      parametersSeen: constant([[0]]),
      unconstrained: () => constant([[0]]),
      host: ({ theta }) => theta,
    });
    const program = await compile({ inputs: { y }, outputs: { losses } }, nodeRuntime());
    const values = Float32Array.from({ length: 256 }, (_, i) => i / 128 - 0.5);
    const result = await program.run({ y: values });
    await program.release();
    const noise = new Float32Array(256 * 6);
    stream("validation of variational inference").split("normal").fillNormal(noise);
    for (const i of [0, 100, 255]) {
      let loss = 0;
      for (const v of noise.subarray(6 * i, 6 * i + 6)) {
        const u = 0.3 + 0.8 * v;
        // By normal scores, of a uniform prior.
        const theta = 2 * normalCdf(u);
        const logJacobian = Math.log(2) - 0.5 * (u * u + LOG_TWO_PI);
        const logQ = -0.5 * (v * v + LOG_TWO_PI) - Math.log(0.8);
        const residual = ((values[i] ?? 0) - theta) / SD;
        const logLikelihood = -0.5 * (residual ** 2 + LOG_TWO_PI) - Math.log(SD);
        loss += (logQ - logLikelihood - Math.log(0.5) - logJacobian) / 6;
      }
      expect(Number(result.losses.data[i])).toBeCloseTo(loss, 4);
    }
  });

  it("covers as it says under a bounded prior, and keeps all mass within", async () => {
    const test = await simulate(bounded, { simulations: 1000, seed: "test", workers: 0 });
    const method = variational(bounded, { density: splineCoupling({ layers: 1 }), draws: 4 });
    const fitted = await train(method, { ...quick, simulations: 6000, epochs: 8 });
    const posteriors = await fitted.givenBatch({ y: test.data.y }, { samples: 500 });
    expect(posteriors.draws.every((x) => x > 0 && x < 2)).toBe(true);
    const [lower, upper] = [posteriors.quantile(0.1).location, posteriors.quantile(0.9).location];
    const covered = Array.from(test.parameters).filter(
      (truth, i) => truth > (lower[i] ?? 0) && truth < (upper[i] ?? 0),
    ).length;
    // Three standard errors of a share of 80 % in 1,000.
    expect(Math.abs(covered / 1000 - 0.8)).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / 1000));
    await fitted.release();
  });

  it("says what it lacks", () => {
    const silent = defineModel({
      name: "silent",
      parameters: { theta: normal(0, 1) },
      data: { y: [] },
      simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
    });
    expect(() => variational(silent)).toThrow('"silent" has no graphLogLikelihood');
    expect(() => variational(silent, { likelihood: "host" })).toThrow("no logLikelihoodGradient");
    expect(() => variational(conjugate, { density: flowMatching() })).toThrow(
      "flowMatching is learned by regression on draws of the joint model",
    );
    expect(() => variational(conjugate, { draws: 0 })).toThrow(
      "draws must be at least 1, but is 0",
    );
    const states = defineModel({
      ...silent,
      parameters: { theta: discrete([0, 1]) },
      simulate: ({ theta }) => ({ y: theta }),
    });
    expect(() => variational(states)).toThrow("no unconstrained space");
  });
});

it.each([
  ["Gaussian", gaussian(), 1],
  ["mixture", gaussianMixture(), 0],
] as const)("says that a %s keeps one mode, if it does", async (_, density, count) => {
  const model = defineModel({
    name: "sign",
    parameters: { theta: normal(0, 1) },
    data: { x: [] },
    simulate: ({ theta }, random) => ({ x: theta ** 2 + random.normal() }),
    graphLogLikelihood: ({ theta }, { x }) =>
      mul(square(sub(x, squeeze(square(theta), [-1]))), -0.5),
  });
  const said: string[] = [];
  const fitted = await train(variational(model, { density }), {
    simulations: 64,
    epochs: 1,
    seed: 1,
    workers: 0,
    threads: 1,
    onWarning: (line) => void said.push(line),
  });
  expect(said.filter((line) => line.includes("keeps one mode"))).toHaveLength(count);
  await fitted.release();
});
