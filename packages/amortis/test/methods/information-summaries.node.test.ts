/**
 * Summaries of much Fisher information and of much distance correlation, on models whose information is known.
 */
import { readFileSync } from "node:fs";
import { compile, constant, slice, type Tensor } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import { fisherInformation } from "../../src/diagnostics/index.js";
import {
  defineModel,
  dirichlet,
  distanceCorrelationSummary,
  expertSummary,
  fisherInformationSummary,
  gaussian,
  independent,
  joinTransforms,
  load,
  mlpSummary,
  normal,
  npe,
  rawSummary,
  simulate,
  stream,
  train,
  uniform,
  withPriors,
} from "../../src/index.js";
import { distanceCorrelation } from "../../src/methods/distance-correlation.js";
import { informationOf } from "../../src/methods/fisher-information.js";
import { conjugateNormal } from "../conjugate.js";
import { rankCorrelation } from "../rank-correlation.js";

const quick = { seed: 4, workers: 0, threads: 1, onWarning: () => {} } as const;
const small = mlpSummary({ hidden: [32, 32], outputs: 8, activation: "silu" });

const N = 10;

/** y_i ~ N(0, θ), i = 1 .. n, θ the variance, as in Charnock et al.: the data have F = n / 2θ², the mean of a linear summary none. */
const variance = defineModel({
  name: "variance",
  parameters: { theta: uniform(0.1, 10) },
  data: { y: [N] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: N }, () => Math.sqrt(theta) * random.normal()),
  }),
});

async function valueOf(output: Tensor): Promise<number> {
  const program = await compile({ inputs: {}, outputs: { output } }, nodeRuntime({ threads: 1 }));
  const value = Number((await program.run({})).output.data[0]);
  await program.release();
  return value;
}

describe("Fisher information", () => {
  it("of a variance is learned, at the middle of a region", async () => {
    const method = fisherInformationSummary(variance, {
      network: small,
      around: { theta: [0.7, 1.3] },
    });
    const learned = await train(method, {
      ...quick,
      simulations: 10_000,
      epochs: 9,
      learningRate: 3e-3,
    });
    const size = 20_000;
    const near = withPriors(variance, { theta: uniform(0.7, 1.3) });
    const { data, parameters } = await simulate(near, {
      simulations: size,
      seed: "near",
      workers: 0,
    });
    expect(Math.min(...parameters)).toBeGreaterThan(0.7);
    expect(Math.max(...parameters)).toBeLessThan(1.3);
    const of = (summaries: ArrayLike<number>): number =>
      fisherInformation(summaries, parameters, size)[0] ?? Number.NaN;
    const squares = Float64Array.from({ length: size }, (_, i) =>
      Float64Array.from(data.y.subarray(i * N, (i + 1) * N)).reduce((total, y) => total + y * y, 0),
    );
    // The slope, in what is left of Σy², is √5 with a standard error of 1 / √(20,000 · 0.03): 0.04, so that F has one of 0.18. Away from the middle the variance is
    // (1 + 0.03) as large on average.
    expect(Math.abs(of(squares) - N / 2 / 1.03)).toBeLessThan(4 * 0.18);
    const own = await learned.summarize(data);
    // By the same simulations: what is lost beside the sufficient statistic, less than a tenth.
    expect(of(own) / of(squares)).toBeGreaterThan(0.9);
    expect(of(own) / of(squares)).toBeLessThan(1.02);
    // The penalty holds the covariance near one.
    const mean = own.reduce((a, b) => a + b, 0) / size;
    const spread = own.reduce((total, s) => total + (s - mean) ** 2, 0) / size;
    const explained = 0.03 * of(own);
    expect(spread / (1 + explained)).toBeGreaterThan(0.6);
    expect(spread / (1 + explained)).toBeLessThan(1.6);

    // Frozen from its file, beside an expert's, under the prior of the model.
    const loaded = await load(await learned.toBytes());
    if (loaded.kind !== "summary") throw new Error("its kind is in the file");
    const first = expertSummary(variance, "first", 1, ({ y }) => slice(y, 1, 0, 1));
    const transform = joinTransforms(loaded.transform({ name: "learned" }), first);
    const posterior = await train(
      npe(variance, {
        transform,
        summary: rawSummary(),
        density: gaussian({ hidden: [8] }),
        emulations: 0,
        members: 1,
      }),
      { ...quick, simulations: 2_000, epochs: 6, calibrate: false },
    );
    const draws = await posterior.given({ y: data.y.subarray(0, N) }, { samples: 200 });
    expect(draws.mean().theta).toBeGreaterThan(0.1);
    for (const fitted of [learned, loaded, posterior]) await fitted.release();
  });

  it("is A' C⁻¹ A of linear summaries, the same under linear maps, in graphs as on the host", async () => {
    const random = stream("linear");
    const size = 4_000;
    const theta = Float64Array.from({ length: 2 * size }, () => random.normal());
    // s = A θ + L e, with C = L Lᵀ = [[1, 0.6], [0.6, 1]]; k = 3 with a third that is noise.
    const summaries = new Float64Array(3 * size);
    for (let i = 0; i < size; i++) {
      const [a = 0, b = 0] = theta.subarray(2 * i, 2 * i + 2);
      const [e, f, g] = [random.normal(), random.normal(), random.normal()];
      summaries.set([2 * a - b + e, a + b + 0.6 * e + 0.8 * f, g], 3 * i);
    }
    const found = fisherInformation(summaries, theta, size);
    // A = [[2, -1], [1, 1]], C⁻¹ = [[1, -0.6], [-0.6, 1]] / 0.64.
    const exact = [
      (4 - 2.4 + 1) / 0.64,
      (-2 + 1 - 0.6) / 0.64,
      (-2 + 1 - 0.6) / 0.64,
      (1 + 1.2 + 1) / 0.64,
    ];
    // By the slopes' noise, 1 / √4000 in units of what is left, and the covariance's: 0.016 of √F and 0.022 of F.
    for (const [at, value] of exact.entries())
      expect(Math.abs((found[at] ?? NaN) - value)).toBeLessThan(0.4);
    const mapped = Float64Array.from(summaries, (value, at) => {
      const [u = 0, v = 0, w = 0] = summaries.subarray(
        3 * Math.floor(at / 3),
        3 * Math.floor(at / 3) + 3,
      );
      return [7 + u - 3 * v, 0.1 * v + w, value + u][at % 3] ?? NaN;
    });
    const again = fisherInformation(mapped, theta, size);
    for (const [at, value] of again.entries()) expect(value).toBeCloseTo(found[at] ?? NaN, 8);
    const { logInformation } = informationOf(
      constant(Array.from(theta), [size, 2], "float64"),
      constant(Array.from(mapped), [size, 3], "float64"),
    );
    const [f00 = 0, f01 = 0, f10 = 0, f11 = 0] = found;
    expect(await valueOf(logInformation)).toBeCloseTo(Math.log(f00 * f11 - f01 * f10), 8);
  });

  it("is of the free parameters, and refuses what has none", async () => {
    expect(() => fisherInformationSummary(variance, { around: { theta: [0, 1] } })).toThrow(
      "around.theta must be [lower, upper] within [0.1, 10], where its prior lies, but is [0, 1]",
    );
    expect(() => fisherInformationSummary(variance, { around: { theta: [2, 1] } })).toThrow(
      "but is [2, 1]",
    );
    expect(() => fisherInformationSummary(variance, { around: { tau: [1, 2] } })).toThrow(
      'around has "tau", but the model "variance" has the parameters theta',
    );
    const two = defineModel({
      name: "two",
      parameters: { beta: independent([normal(0, 1), normal(0, 1)]) },
      data: { y: [2] },
      simulate: ({ beta }, random) => ({ y: beta.map((b) => b + random.normal()) }),
    });
    expect(() => fisherInformationSummary(two, { size: 1 })).toThrow(
      "size must be at least the number of free parameters, 2",
    );
    expect(() => fisherInformationSummary(two, { around: { beta: [0, [1]] } })).toThrow(
      "ends that are a number or 2, but one has 1",
    );
    const shares = defineModel({
      name: "shares",
      parameters: { share: dirichlet([2, 2, 2]) },
      data: { y: [3] },
      simulate: ({ share }, random) => ({ y: share.map((x) => x + 0.1 * random.normal()) }),
    });
    const ofShares = await train(fisherInformationSummary(shares), {
      ...quick,
      simulations: 300,
      epochs: 1,
    });
    expect(ofShares.size).toBe(2);
    expect(Number.isFinite(ofShares.details.training.bestValidationLoss)).toBe(true);
    await ofShares.release();
    const narrow = fisherInformationSummary(two, { around: { beta: [-1, [1, 0]] } });
    expect(narrow.model.prior.support.upper).toEqual([1, 0]);
    await expect(train(narrow, { ...quick, simulations: 500, batch: 5 })).rejects.toThrow(
      "needs minibatches of more than 5 examples, but they have 5",
    );
    expect(() => fisherInformation([1, 2, 3], [1, 2], 2)).toThrow("whole rows for 2 simulations");
    expect(() => fisherInformation([1, 2, 3], [1, 2, 3], 3)).toThrow("more than 3 simulations");
    const line = Array.from({ length: 20 }, (_, i) => i);
    expect(() => fisherInformation(line, line, 20)).toThrow(
      "summaries, given the parameters, do not vary",
    );
  });
});

describe("distance correlation", () => {
  it("equals that of the reference", async () => {
    const golden = JSON.parse(
      readFileSync(
        new URL("../fixtures/distance-correlation-golden.json", import.meta.url),
        "utf8",
      ),
    ) as readonly { readonly x: number[][]; readonly y: number[][]; readonly squared: number }[];
    expect(golden.length).toBeGreaterThan(3);
    for (const { x, y, squared } of golden) {
      const value = distanceCorrelation(
        constant(x, undefined, "float64"),
        constant(y, undefined, "float64"),
      );
      // Distances have 1e-12 below the root.
      expect(await valueOf(value)).toBeCloseTo(squared, 6);
    }
  });

  it("finds the sufficient statistic", async () => {
    const { model, fresh } = conjugateNormal(8);
    const { y, exactMeans } = await fresh(300);
    const learned = await train(distanceCorrelationSummary(model, { network: small }), {
      ...quick,
      simulations: 10_000,
      epochs: 8,
      batch: 128,
    });
    expect(learned.information).toBeUndefined();
    expect(Math.abs(rankCorrelation(await learned.summarize({ y }), exactMeans))).toBeGreaterThan(
      0.99,
    );
    await learned.release();
    await expect(
      train(distanceCorrelationSummary(model), { ...quick, simulations: 100, batch: 3 }),
    ).rejects.toThrow("between 4 examples or more, but a minibatch has 3: raise batch");
  });
});
