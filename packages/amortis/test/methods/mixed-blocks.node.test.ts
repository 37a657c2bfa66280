/**
 * Discrete parameters beside ones whose priors depend on each other.
 */
import { describe, expect, it } from "vitest";
import {
  categorical,
  defineModel,
  dependent,
  halfNormal,
  loadPosterior,
  normal,
  npe,
  poisson,
  simulate,
  train,
  uniform,
  zeroInflated,
} from "../../src/index.js";
import { mixedBlocks } from "../../src/methods/mixed-blocks.js";

const theta = dependent(["mu", "tau"], normal(0, 1), ({ mu, tau }) => ({ shift: mu, scale: tau }));

const model = defineModel({
  name: "states and a level",
  parameters: {
    state: categorical(["low", "high"]),
    mu: normal(0, 1),
    tau: halfNormal(0.5),
    theta,
    count: poisson(2),
  },
  data: { y: [3] },
  simulate: ({ state, theta: level, count }, random) => ({
    y: [
      (state === 0 ? -1 : 1) + 0.5 * random.normal(),
      level + 0.2 * random.normal(),
      count + 0.3 * random.normal(),
    ],
  }),
});

describe("blocks of parameters", () => {
  it("hold those that depend on each other together", () => {
    const found = mixedBlocks(model.prior)?.map(({ kind, at, size }) => [kind, at, size]);
    expect(found).toEqual([
      ["discrete", 0, 1],
      ["continuous", 1, 3],
      ["discrete", 4, 1],
    ]);
  });

  it("are none where all are continuous, whatever depends on what", () => {
    const parameters = { mu: normal(0, 1), tau: halfNormal(1), theta };
    const plain = defineModel({
      name: "plain",
      parameters,
      data: { y: [1] },
      simulate: () => ({ y: [0] }),
    });
    expect(mixedBlocks(plain.prior)).toBeUndefined();
  });

  it.each([
    [
      "a discrete one",
      { k: poisson(2), x: dependent(["k"], normal(0, 1), ({ k }) => ({ shift: k })) },
    ],
    [
      "one that may be zero",
      {
        k: zeroInflated(0.5, normal(0, 1)),
        x: dependent(["k"], normal(0, 1), ({ k }) => ({ shift: k })),
      },
    ],
    [
      "one beyond a discrete one",
      {
        k: uniform(1, 2),
        n: poisson(1),
        x: dependent(["k"], normal(0, 1), ({ k }) => ({ scale: k })),
      },
    ],
  ])("refuse a prior that depends on %s", (_, parameters) => {
    const other = defineModel({
      name: "other",
      parameters,
      data: { y: [1] },
      simulate: () => ({ y: [0] }),
    });
    expect(() => npe(other)).toThrow(/npe: the prior of "x" depends on "k", which is discrete/);
  });
});

it("posteriors of both are as they should be, from a file as well", async () => {
  const trained = await train(npe(model), {
    simulations: 6000,
    epochs: 15,
    seed: 1,
    workers: 0,
    onProgress: () => {},
  });
  const estimator = await loadPosterior(await trained.toBytes(), { model });
  await trained.release();
  const fresh = await simulate(model, { simulations: 400, seed: "fresh", workers: 0 });
  const { mean, sd } = await estimator
    .givenBatch({ y: fresh.data.y })
    .then((posteriors) => ({ mean: posteriors.mean(), sd: posteriors.sd() }));
  const truth = (i: number, name: keyof typeof mean): number =>
    fresh.parameters[5 * i + Object.keys(model.parameters).indexOf(name)] ?? NaN;
  for (const name of ["mu", "tau", "theta"] as const) {
    const z = Array.from(mean[name], (value, i) => (truth(i, name) - value) / (sd[name][i] ?? NaN));
    const square = z.reduce((sum, one) => sum + one ** 2, 0) / z.length;
    // Of right posteriors 1, to within .07 by chance, and more where tails are heavy; of what is not in its place, hundreds.
    expect(square).toBeGreaterThan(0.6);
    expect(square).toBeLessThan(1.6);
  }
  const error = (name: "theta" | "count"): number =>
    Math.hypot(...Array.from(mean[name], (value, i) => truth(i, name) - value)) / 20;
  // Both are all but seen: by errors of .2 and of .3, beside priors of 1.1 and 1.4.
  expect(error("theta")).toBeLessThan(0.3);
  expect(error("count")).toBeLessThan(0.5);
  await estimator.release();
});
