/**
 * Learning from data sets without known parameters, by self-consistency: posteriors of data that no simulation is like, in closed form.
 */
import { square, sub, sum, mul } from "@amortis/graph";
import { describe, expect, it } from "vitest";
import {
  defineModel,
  flowMatching,
  gaussian,
  load,
  normal,
  npe,
  rawSummary,
  train,
  uniform,
  type UnlabelledOptions,
} from "../../src/index.js";
import { stream } from "../../src/random/index.js";
import { quick } from "./quick.js";

/** θ ~ N(0, 1), y_i ~ N(θ, 1), i = 1 .. 4: θ | y ~ N(Σ y / 5, 1 / 5). */
const model = defineModel({
  name: "mean",
  parameters: { theta: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ theta }, random) => ({ y: [0, 0, 0, 0].map(() => theta + random.normal()) }),
  logLikelihood: ({ theta }, { y }) =>
    Array.from(y).reduce((total, x) => total - (x - theta) ** 2 / 2, 0),
  graphLogLikelihood: ({ theta }, { y }) => mul(sum(square(sub(y, theta)), { axes: [-1] }), -0.5),
});
const networks = {
  summary: rawSummary(),
  density: gaussian({ hidden: [32, 32], activation: "tanh" }),
  trend: "none",
} as const;
const settings = { ...quick, simulations: 1000, epochs: 12, learningRate: 3e-3, weightDecay: 0 };

/** Means of 40 data sets near 6, where the prior has no mass: learned from, and others of the same kind. */
const random = stream("unlabelled");
const far = Array.from({ length: 40 }, () => [0, 0, 0, 0].map(() => 6 + random.normal()));
const [known, others] = [far.slice(0, 20), far.slice(20)];

/** Root mean squares of what means are off by, and of log ratios of standard deviations, in units of the exact posterior's. */
async function errorsOf(unlabelled?: UnlabelledOptions) {
  const estimator = await train(npe(model, networks), {
    ...settings,
    ...(unlabelled && { unlabelled }),
  });
  const errors = async (rows: readonly (readonly number[])[]) => {
    const batch = await estimator.givenBatch({ y: rows.map((row) => [...row]) }, { samples: 500 });
    const [mean, sd] = [batch.mean().theta, batch.sd().theta];
    const exact = rows.map((row) => row.reduce((a, b) => a + b, 0) / 5);
    const squares = exact.map((value, i) => ((mean[i] ?? 0) - value) ** 2 * 5);
    const ratios = exact.map((_, i) => Math.log((sd[i] ?? 0) * Math.sqrt(5)) ** 2);
    const root = (values: readonly number[]) =>
      Math.sqrt(values.reduce((a, b) => a + b, 0) / values.length);
    return { mean: root(squares), sd: root(ratios) };
  };
  const found = { known: await errors(known), others: await errors(others) };
  const { unlabelled: said } = (await load(await estimator.toBytes())).details.training;
  await estimator.release();
  return { ...found, said };
}

describe("data sets without known parameters", () => {
  it.each(["graph", "host"] as const)(
    "teach posteriors of their like, which simulations do not (%s)",
    async (likelihood) => {
      const plain = await errorsOf();
      const taught = await errorsOf({ data: { y: known }, likelihood });
      // In posterior standard deviations, of which simulations alone are off by five. Means of 500 draws add 0.05 to what 340 steps leave.
      expect(plain.others.mean).toBeGreaterThan(4);
      for (const { mean, sd } of [taught.known, taught.others]) {
        expect(mean).toBeLessThan(0.8);
        expect(sd).toBeLessThan(0.2);
      }
      expect(plain.said).toBeUndefined();
      expect(taught.said).toContain("20 data sets without known parameters");
    },
  );
});

describe("ensembles", () => {
  it("learn from them member by member, a few at a step", async () => {
    const own = npe(model, { members: 2, emulations: 0 });
    const teach = { data: { y: known }, batch: 4, draws: 4, weight: 0.5 };
    const run = async () => {
      const estimator = await train(own, {
        ...settings,
        simulations: 400,
        epochs: 2,
        unlabelled: teach,
      });
      const { weights } = estimator.contents;
      await estimator.release();
      return weights;
    };
    const [first, second] = [await run(), await run()];
    expect(second).toEqual(first);
    expect(first.every(Number.isFinite)).toBe(true);
  });
});

describe("what is refused", () => {
  const unlabelled = { data: { y: known } };
  it("is a density that is not learned by its logarithm", async () => {
    const own = npe(model, { ...networks, density: flowMatching() });
    await expect(train(own, { ...settings, unlabelled })).rejects.toThrow(/npe has none/);
  });

  it("is a model without a likelihood, and numbers out of range", async () => {
    const without = defineModel({
      name: "silent",
      parameters: { theta: uniform(0, 1) },
      data: { y: [4] },
      simulate: ({ theta }) => ({ y: [theta, theta, theta, theta] }),
    });
    const own = npe(without, networks);
    await expect(train(own, { ...settings, unlabelled })).rejects.toThrow(/no logLikelihood/);
    for (const wrong of [{ weight: 0 }, { draws: 1 }, { batch: 0 }]) {
      const given = { ...unlabelled, ...wrong };
      await expect(train(npe(model, networks), { ...settings, unlabelled: given })).rejects.toThrow(
        /unlabelled: (weight|draws|batch) must/,
      );
    }
    const short = { data: { y: [[1, 2, 3]] } };
    await expect(train(npe(model, networks), { ...settings, unlabelled: short })).rejects.toThrow(
      /"y"/,
    );
  });
});
