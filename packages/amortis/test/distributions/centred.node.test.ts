/**
 * Priors on an offset: θ less the offset has the same density, and what answers of θ is as sharp as if it had none.
 */
import { compile, hostTensor, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import {
  beta,
  cauchy,
  custom,
  defineModel,
  dependent,
  dirichlet,
  discrete,
  discreteUniform,
  exponential,
  gamma,
  halfNormal,
  independent,
  inverseGamma,
  laplace,
  logNormal,
  logUniform,
  modelPosterior,
  multivariateNormal,
  nbe,
  normal,
  npe,
  nre,
  pareto,
  student,
  train,
  triangular,
  truncatedNormal,
  uniform,
} from "../../src/index.js";
import { columnMoments } from "../../src/data/moments.js";
import { jointPrior, type Priors } from "../../src/distributions/index.js";
import { lessOffset } from "../../src/distributions/centred.js";
import { offsetOf } from "../../src/distributions/offset.js";
import { stream } from "../../src/random/index.js";

describe("a prior less its offset", () => {
  test.each([
    ["uniform", uniform(2_459_000, 2_459_010), [2_459_005]],
    ["uniform by probit", uniform(2_459_000, 2_459_010, { link: "probit" }), [2_459_005]],
    ["normal", normal(-1e9, 2), [-1e9]],
    ["truncatedNormal", truncatedNormal(1e6, 1, 1e6 - 1, Infinity), [expect.closeTo(1e6 + 0.2, 0)]],
    [
      "multivariateNormal",
      multivariateNormal(
        [1e7, 3],
        [
          [4, 1],
          [1, 4],
        ],
      ),
      [expect.closeTo(1e7, -1), 0],
    ],
    ["discreteUniform", discreteUniform(1e9, 1e9 + 10), [1e9 + 5]],
    ["independent", independent([normal(0, 1), uniform(1e6, 1e6 + 1)]), [0, 1e6 + 0.5]],
  ])("%s has the same density, and draws that are as many apart", (_, prior, expected) => {
    const offset = offsetOf(prior);
    expect(offset).toEqual(expected);
    const left = lessOffset(prior, offset);
    const [a, b] = [stream(1), stream(1)];
    for (let i = 0; i < 20; i++) {
      const theta = prior.sample(a);
      const rest = theta.map((x, j) => x - (offset[j] ?? 0));
      expect(left.logDensity(rest)).toBeCloseTo(prior.logDensity(theta), 5);
      const drawn = left.sample(b);
      for (const [j, x] of rest.entries())
        expect(Math.abs((drawn[j] ?? 0) - x)).toBeLessThan(
          1e-6 * (1 + Math.abs(offset[j] ?? 0) * 0.3),
        );
    }
    expect(offsetOf(left).every((value) => value === 0)).toBe(true);
  });

  test.each([
    ["normal(5, 1)", normal(5, 1)],
    ["exponential(1)", exponential(1)],
    ["gamma(500, 1)", gamma(500, 1)],
    ["a constant", custom({ sample: () => 1e9, logDensity: () => 0 })],
    ["a simplex", dirichlet([1e8, 1e8])],
    ["values of which single precision has none", discrete([1e6 + 0.1, 1e6 + 0.2, 1e6 + 0.3])],
  ])("%s has none", (_, prior) => {
    expect(offsetOf(prior).every((value) => value === 0)).toBe(true);
    const joint = jointPrior({ x: prior });
    expect(joint.centred).toBe(joint);
  });

  test("of another family keeps its density on the host", () => {
    const prior = gamma(4, 2);
    const left = lessOffset(prior, [1000]);
    expect(left.logDensity([-998])).toBe(prior.logDensity([2]));
    expect(left.support.lower).toEqual([-1000]);
    expect(left.contains([-1001])).toBe(false);
  });
});

/** About one wide or narrower, and far from zero. */
const FAR = 2_459_000;
const ownNormal = { logDensity: (x: ArrayLike<number>) => -0.5 * ((x[0] ?? 0) - FAR) ** 2 };
const far: Readonly<Record<string, Priors>> = {
  student: { x: student(4, FAR, 1) },
  cauchy: { x: cauchy(FAR, 1) },
  laplace: { x: laplace(FAR, 1) },
  triangular: { x: triangular(FAR - 1, FAR, FAR + 1) },
  "normal above zero": { x: truncatedNormal(FAR, 1, 0, Infinity) },
  "normal above zero, by its logarithm": {
    x: truncatedNormal(FAR, 1, 0, Infinity, { link: "log" }),
  },
  "normal in a large interval": { x: truncatedNormal(FAR, 1, 0, 1e7) },
  logNormal: { x: logNormal(Math.log(FAR), 1 / FAR) },
  logUniform: { x: logUniform(FAR - 1, FAR + 1) },
  pareto: { x: pareto(FAR, FAR) },
  gamma: { x: gamma(1e6, 1) },
  "gamma by its logarithm": { x: gamma(1e8, 1e4, { link: "log" }) },
  inverseGamma: { x: inverseGamma(1e6, 1e12) },
  beta: { x: beta(1e10, 1e10) },
  custom: { x: custom({ sample: (random) => FAR + random.normal(), ...ownNormal }) },
  "custom, above zero": {
    x: custom({ sample: (random) => FAR + random.normal(), support: { lower: 0 }, ...ownNormal }),
  },
  "dependent on what is far": {
    m: normal(FAR, 1),
    x: dependent(["m"], normal(0, 0.1), ({ m }) => ({ shift: m })),
  },
  "dependent and itself far": {
    tau: halfNormal(1),
    x: dependent(["tau"], normal(0, 1), ({ tau }) => ({ shift: FAR, scale: tau })),
  },
  "a date among others": { x: independent([normal(0, 1), normal(FAR, 1)]), y: uniform(0, 1) },
};

describe("what is left of a prior that is far from zero", () => {
  const runtime = nodeRuntime({ threads: 1 });

  test.each(Object.entries(far))("%s: programs in single precision keep it", async (_, priors) => {
    const { centred, offset = [], ...joint } = jointPrior(priors);
    const { bijection, size } = centred;
    const k = bijection.unconstrainedSize;
    const random = stream(2);
    const thetas = Array.from({ length: 40 }, () => centred.sample(random));
    const us = thetas.map((theta) => Float32Array.from(bijection.inverse(theta)));
    const u = input("u", ["batch", k]);
    const theta = input("theta", ["batch", size]);
    const program = await compile(
      {
        inputs: { u, theta },
        outputs: { forward: bijection.graph.forward(u), inverse: bijection.graph.inverse(theta) },
      },
      runtime,
    );
    const flat = (rows: readonly ArrayLike<number>[]): number[] =>
      rows.flatMap((row) => Array.from(row));
    const results = await program.run({
      u: hostTensor(flat(us), [40, k]),
      theta: hostTensor(flat(thetas), [40, size]),
    });
    await program.release();
    const { sd } = columnMoments(Float64Array.from(flat(thetas)), size);
    const space = columnMoments(Float64Array.from(flat(us)), k);
    for (const [i, row] of thetas.entries()) {
      // What single precision has of numbers about as large as they vary, of the steepest map and the flattest.
      for (const [j, x] of row.entries()) {
        const found = Number(results.forward.data[i * size + j]);
        expect(Math.abs(found - x)).toBeLessThan(1e-5 * (Math.abs(x) + (sd[j] ?? 0)));
      }
      for (const [j, x] of (us[i] ?? []).entries()) {
        const found = Number(results.inverse.data[i * k + j]);
        expect(Math.abs(found - x)).toBeLessThan(1e-5 * (Math.abs(x) + (space.sd[j] ?? 0)));
      }
      const whole = row.map((x, j) => x + (offset[j] ?? 0));
      expect(centred.logDensity(row)).toBeCloseTo(joint.logDensity(whole), 5);
      expect(centred.contains(row)).toBe(true);
    }
  });
});

/** y = jd - 2459000 + .1 e: the posterior of a date is y ± .1, and its days are 2.4 million from zero, where a float32 tells quarters apart. */
const date = defineModel({
  name: "date",
  parameters: { jd: uniform(2_459_000, 2_459_002) },
  data: { y: [] },
  simulate: ({ jd }, random) => ({ y: jd - 2_459_000 + 0.1 * random.normal() }),
  logLikelihood: ({ jd }, { y }) => -0.5 * (((y[0] ?? 0) - (jd - 2_459_000)) / 0.1) ** 2,
});
const y = [0.6, 0.7, 1.3];

describe("dates", () => {
  test.each(["grid", "mcmc", "importance"] as const)(
    "under the model's likelihood, by %s",
    async (method) => {
      const posteriors = await modelPosterior(date, { y }, { method });
      for (const [i, value] of y.entries()) {
        const posterior = posteriors.at(i);
        expect(Math.abs(posterior.mean().jd - 2_459_000 - value)).toBeLessThan(0.02);
        expect(Math.abs(posterior.sd().jd - 0.1)).toBeLessThan(0.015);
        expect(new Set(posterior.draws).size).toBeGreaterThan(300);
        const at = await posterior.logDensity({ jd: 2_459_000 + value });
        const off = await posterior.logDensity({ jd: 2_459_000 + value + 0.3 });
        expect(Math.abs(at - off - 4.5)).toBeLessThan(0.01);
      }
    },
  );

  const small = { simulations: 4000, epochs: 20, seed: 1, workers: 0, threads: 1 };

  test.each([
    ["npe", npe(date, { members: 1 })],
    ["nre", nre(date)],
  ] as const)("by %s", async (_, method) => {
    const warnings: string[] = [];
    const fitted = await train<typeof date, "posterior" | "ratio">(method, {
      ...small,
      onWarning: (line) => void warnings.push(line),
    });
    expect(warnings).toEqual([]);
    const posteriors = await fitted.givenBatch({ y: Float32Array.from(y) });
    for (const [i, value] of y.entries()) {
      // Errors of a network of 4,000 simulations; steps of a quarter would show.
      expect(Math.abs((posteriors.mean().jd[i] ?? 0) - 2_459_000 - value)).toBeLessThan(0.05);
      expect(Math.abs((posteriors.sd().jd[i] ?? 0) - 0.1)).toBeLessThan(0.04);
      expect(new Set(posteriors.at(i).draws).size).toBeGreaterThan(500);
    }
    await fitted.release();
  });

  test("by nbe", async () => {
    const fitted = await train(nbe(date, { interval: 0.9 }), small);
    const { jd } = await fitted.estimateBatch({ y: Float32Array.from(y) });
    for (const [i, value] of y.entries()) {
      expect(Math.abs((jd[i] ?? 0) - 2_459_000 - value)).toBeLessThan(0.06);
    }
    await fitted.release();
  });
});
