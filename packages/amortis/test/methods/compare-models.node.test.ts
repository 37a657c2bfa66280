/** Models compared: amortized probabilities against exact marginal likelihoods of conjugate models. */
import { expect, it } from "vitest";
import { confusion } from "../../src/diagnostics/index.js";
import {
  beta,
  compareModels,
  deepSet,
  defineModel,
  gamma,
  load,
  logGamma,
  npe,
  set,
  simulate,
  train,
} from "../../src/extend.js";

const N = 8;
const data = { y: set(N) };

/** y ~ Poisson(λ), λ ~ Gamma(2, 1). */
const poisson = defineModel({
  name: "poisson",
  parameters: { rate: gamma(2, 1) },
  data,
  simulate: ({ rate }, random) => ({ y: Array.from({ length: N }, () => [random.poisson(rate)]) }),
});

/** y ~ Geometric(p), failures before a success, p ~ Beta(2, 2). */
const geometric = defineModel({
  name: "geometric",
  parameters: { chance: beta(2, 2) },
  data,
  simulate: ({ chance }, random) => ({
    y: Array.from({ length: N }, () => [
      Math.floor(Math.log1p(-random.uniform()) / Math.log1p(-chance)),
    ]),
  }),
});

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** log p(y | M) of both models, by conjugacy. */
function logEvidence(y: ArrayLike<number>): readonly [number, number] {
  const values = Array.from(y);
  const sum = values.reduce((a, b) => a + b, 0);
  const factorials = values.reduce((a, b) => a + logGamma(b + 1), 0);
  return [
    logGamma(2 + sum) - (2 + sum) * Math.log(1 + N) - factorials,
    logBeta(2 + N, 2 + sum) - logBeta(2, 2),
  ];
}

const comparison = compareModels({ name: "counts", models: { poisson, geometric } });

it(
  "gives probabilities of models as their marginal likelihoods do",
  { timeout: 120_000 },
  async () => {
    const summary = deepSet({ features: 32, outputs: 16 });
    const estimator = await train(npe(comparison, { summary }), {
      simulations: 8_000,
      epochs: 15,
      batch: 64,
      seed: 1,
      workers: 0,
      threads: 1,
    });
    const fresh = await simulate(comparison, { simulations: 600, seed: "fresh", workers: 0 });
    const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples: 2_000 });
    const learned = posteriors.probabilities().map(({ model }) => model ?? {});
    const exact = learned.map((_, i) => {
      const [a, b] = logEvidence(fresh.data.y.subarray(i * N, (i + 1) * N));
      const p = 1 / (1 + Math.exp(b - a));
      return { poisson: p, geometric: 1 - p };
    });
    // Draws have no probability below 1 / 2000.
    const bounded = learned.map(({ poisson: p = 0.5 }) => {
      const own = Math.min(Math.max(p, 1 / 4000), 1 - 1 / 4000);
      return { poisson: own, geometric: 1 - own };
    });
    const [ours, best] = [bounded, exact].map((one) => confusion(one, fresh.parameters));
    // The expected difference of log scores is a divergence of the learned from the exact: a hundredth, and what 600 data sets may err by.
    const differences = bounded.map((one, i) => {
      const label = fresh.parameters[i] === 0 ? "poisson" : "geometric";
      return Math.log(exact[i]?.[label] ?? 0) - Math.log(one[label]);
    });
    const loss = differences.reduce((a, b) => a + b, 0) / differences.length;
    const sd = Math.sqrt(differences.reduce((a, b) => a + (b - loss) ** 2, 0) / differences.length);
    expect(loss).toBeLessThan(0.02 + (3 * sd) / Math.sqrt(differences.length));
    expect((best?.logScore ?? 0) - (ours?.logScore ?? 0)).toBeCloseTo(loss, 8);
    expect(ours?.accuracy).toBeGreaterThan(0.6);
    expect(ours?.calibrationError).toBeLessThan(0.1);
    // Names and labels go through its file.
    const loaded = await load(await estimator.toBytes(), { model: comparison });
    if (loaded.kind !== "posterior") throw new Error("it is one of posteriors");
    const one = await loaded.given({ y: [0, 0, 9, 0, 1, 0, 7, 0].map((value) => [value]) });
    expect(one.probabilities()["model"]?.["geometric"]).toBeGreaterThan(0.9);
    // The learned probabilities themselves add up to one.
    const logs = await Promise.all([
      one.logDensity({ model: "poisson" }),
      one.logDensity({ model: "geometric" }),
    ]);
    expect(Math.exp(logs[0]) + Math.exp(logs[1])).toBeCloseTo(1, 4);
    await loaded.release();
    await estimator.release();
  },
);

it("says what cannot be compared", () => {
  const other = defineModel({
    name: "other",
    parameters: { rate: gamma(2, 1) },
    data: { y: [3] },
    simulate: () => ({ y: [1, 2, 3] }),
  });
  expect(() => compareModels({ name: "c", models: { poisson } })).toThrow("two models or more");
  expect(() => compareModels({ name: "c", models: { poisson, other } })).toThrow(
    'needs models of the same data, but "poisson" has y set [8, 1] and "other" y [3]',
  );
  expect(() => compareModels({ name: "c", models: { poisson, geometric }, prior: [1] })).toThrow(
    /categorical/u,
  );
  const odd = { name: "c", models: { poisson, geometric }, priors: [0.5, 0.5] };
  expect(() => compareModels(odd)).toThrow(/priors/u);
  expect(() => confusion([], [])).toThrow("one or more");
  expect(() => confusion([{ a: 1, b: 0 }], [2])).toThrow("is number 2");
});

it("says how models are confused", () => {
  const said = [
    { a: 0.9, b: 0.1 },
    { a: 0.7, b: 0.3 },
    { a: 0.2, b: 0.8 },
    { a: 0.6, b: 0.4 },
  ];
  const { matrix, logScore, accuracy, calibration } = confusion(said, [0, 0, 1, 1]);
  expect(matrix[0]?.[0]).toBeCloseTo(0.8, 12);
  expect(matrix[1]?.[1]).toBeCloseTo(0.6, 12);
  expect(logScore).toBeCloseTo(
    (Math.log(0.9) + Math.log(0.7) + Math.log(0.8) + Math.log(0.4)) / 4,
    12,
  );
  expect(accuracy).toBe(0.75);
  expect(calibration.reduce((sum, { count }) => sum + count, 0)).toBe(8);
});
