/**
 * Learned summaries, on models whose information and sufficient statistics are known.
 */
import { compile, input, mean as average, slice } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, it } from "vitest";
import {
  cnn,
  defineModel,
  expertSummary,
  gaussian,
  joinTransforms,
  linearSummary,
  load,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  normal,
  npe,
  posteriorMomentsSummary,
  rawSummary,
  simulate,
  train,
} from "../../src/index.js";
import { networkFromJSON, summaryNetworkFromJSON, type SummaryNetwork } from "../../src/extend.js";
import { conjugateNormal } from "../conjugate.js";
import { rankCorrelation } from "../rank-correlation.js";

const quick = { seed: 4, workers: 0, threads: 1, batch: 128 } as const;

const RHO = 0.9;

/** θ ~ N(0, 1), x | θ ~ N(ρ θ, 1 - ρ²): I(θ; x) = -½ log(1 - ρ²) = 0.830. */
const pair = defineModel({
  name: "pair",
  parameters: { theta: normal(0, 1) },
  data: { x: [1] },
  simulate: ({ theta }, random) => ({
    x: [RHO * theta + Math.sqrt(1 - RHO ** 2) * random.normal()],
  }),
});

it.each(["infonce", "donsker-varadhan"] as const)(
  "reaches the mutual information of a Gaussian pair by the bound %s",
  async (bound) => {
    const network = mlpSummary({ hidden: [16], outputs: 8, activation: "silu" });
    const critic = mlp({ hidden: [32, 32], activation: "silu" });
    // InfoNCE with K others falls short of the information by up to (1 / (1 - ρ²) - 1) / 2K: 0.018 of it here.
    const negatives = bound === "infonce" ? 120 : 31;
    const method = mutualInformationSummary(pair, { network, size: 1, bound, critic, negatives });
    const fitted = await train(method, {
      ...quick,
      simulations: 20_000,
      epochs: 6,
      learningRate: 3e-3,
      validation: await simulate(pair, { simulations: 5120, seed: "validation", workers: 0 }),
    });
    // The log ratio has variance ρ², so that the mean of 5,120 of them has a standard error of 0.013.
    expect(Math.abs((fitted.information ?? 0) + 0.5 * Math.log(1 - RHO ** 2))).toBeLessThan(0.05);
    await fitted.release();
  },
);

const REPLICATES = 8;

const SETS = 300;
const { model: conjugate, fresh: freshData } = conjugateNormal(REPLICATES);
const fresh = await freshData(SETS);
const { exactMeans } = fresh;
const small = mlpSummary({ hidden: [32], outputs: 8, activation: "silu" });
const first = expertSummary(conjugate, "first", 1, ({ y }) => slice(y, 1, 0, 1));

it("learns the sufficient statistic, which other methods take frozen, from a file and beside an expert's", async () => {
  const method = mutualInformationSummary(conjugate, { network: small, size: 1 });
  const live = await train(method, { ...quick, simulations: 10_000, epochs: 8 });
  expect(live.size).toBe(1);
  expect(live.information).toBeUndefined();
  const summaries = await live.summarize({ y: fresh.y });
  expect(Math.abs(rankCorrelation(summaries, exactMeans))).toBeGreaterThan(0.99);

  const loaded = await load(await live.toBytes(), { model: conjugate });
  if (loaded.kind !== "summary") throw new Error("its kind is in the file");
  const frozen = loaded.transform({ name: "learned" });
  const y = input("y", ["batch", REPLICATES]);
  const { learned } = frozen.apply({ y });
  if (learned === undefined) throw new Error("the array has the name that was asked for");
  const program = await compile({ inputs: { y }, outputs: { learned } }, nodeRuntime());
  const again = await program.run({
    y: { dtype: "float32", shape: [SETS, REPLICATES], data: fresh.y },
  });
  const differences = summaries.map((x, i) => x - Number(again.learned.data[i]));
  expect(Math.max(...differences.map((x) => Math.abs(x)))).toBeLessThan(1e-5);

  const transform = joinTransforms(frozen, first);
  const posterior = await train(
    npe(conjugate, { transform, summary: rawSummary(), density: gaussian({ hidden: [16] }) }),
    { ...quick, simulations: 5000, epochs: 20, batch: 32, learningRate: 3e-3 },
  );
  const bytes = await posterior.toBytes();
  const reopened = await load(bytes, { model: conjugate });
  if (reopened.kind !== "posterior") throw new Error("its kind is in the file");
  const answers = await reopened.givenBatch({ y: fresh.y }, { samples: 1000 });
  const means = answers.mean().theta;
  const error = exactMeans.reduce((sum, exact, i) => sum + (exact - (means[i] ?? 0)) ** 2, 0);
  // Of a posterior sd of 0.33.
  expect(Math.sqrt(error / SETS)).toBeLessThan(0.1);
  for (const fitted of [live, loaded, posterior, reopened, program]) await fitted.release();
});

it("estimates posterior means and second moments of the standardised parameters", async () => {
  const method = posteriorMomentsSummary(conjugate, { network: small, moments: 2 });
  const fitted = await train(method, { ...quick, batch: 64, simulations: 10_000, epochs: 20 });
  const {
    mean: [mean = 0],
    sd: [sd = 1],
  } = fitted.details.standardization.parameters;
  const values = await fitted.summarize({ y: fresh.y });
  expect(values.length).toBe(2 * SETS);
  let [errorOfMean, errorOfSquare] = [0, 0];
  for (const [i, exact] of exactMeans.entries()) {
    const standardised = (exact - mean) / sd;
    errorOfMean += ((values[2 * i] ?? 0) - standardised) ** 2 / SETS;
    const moment = standardised ** 2 + 1 / (REPLICATES + 1) / sd ** 2;
    errorOfSquare += ((values[2 * i + 1] ?? 0) - moment) ** 2 / SETS;
  }
  expect(Math.sqrt(errorOfMean)).toBeLessThan(0.1);
  expect(Math.sqrt(errorOfSquare)).toBeLessThan(0.3);
  await fitted.release();
});

it("rebuilds the library's networks from what files say of them", () => {
  const body = mlp({ hidden: [3], activation: "gelu", normalization: "batch", residual: true });
  expect(networkFromJSON(body.describe()).describe()).toEqual(body.describe());
  const all = [cnn({ filters: [2], dense: [3, 4] }), small, rawSummary(), linearSummary(cnn(), 2)];
  for (const network of all) {
    expect(summaryNetworkFromJSON(network.describe()).describe()).toEqual(network.describe());
  }
  expect(() => summaryNetworkFromJSON({ kind: "mine" })).toThrow("give the one it was trained");
  expect(() => networkFromJSON({ kind: "mine" })).toThrow("not one of the library's");
});

it("says what is needed to freeze a summary, and refuses what is no setting", async () => {
  const mine: SummaryNetwork = {
    kind: "mine",
    apply: (_, { first: x }) => {
      if (x === undefined) throw new Error("it is the transformed data");
      return average(x, { axes: [1], keepDims: true });
    },
    describe: () => ({ kind: "mine" }),
  };
  const method = posteriorMomentsSummary(conjugate, { transform: first, network: mine });
  const fitted = await train(method, { ...quick, simulations: 500, epochs: 1 });
  expect(() => fitted.transform()).toThrow("give it the transform it was trained with");
  expect(() => fitted.transform({ transform: first })).toThrow("give the one it was trained");
  expect(() => fitted.transform({ transform: first, network: small })).toThrow(
    "was trained with the network",
  );
  const transform = fitted.transform({ transform: first, network: mine });
  expect(() => transform.apply({})).toThrow("is of data y");
  await fitted.release();
  expect(() => mutualInformationSummary(conjugate, { size: 0 })).toThrow(
    "size must be at least 1, but is 0",
  );
  const wide = mutualInformationSummary(conjugate, { network: small, negatives: 128 });
  await expect(train(wide, { ...quick, simulations: 500, epochs: 1 })).rejects.toThrow(
    "128 negatives need batches of more than 128",
  );
});
