/**
 * Likelihoods and ratios of one trial, as plain ONNX of known shapes, are those that the estimator answers.
 */
import { describeModel, hostTensor } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import { exportSingleTrial } from "../../src/estimators/single-trial.js";
import {
  defineModel,
  discreteUniform,
  gaussian,
  load,
  mlp,
  nle,
  normal,
  nre,
  rawSummary,
  set,
  splineAutoregressive,
  train,
  uniform,
  type LikelihoodEstimator,
  type RatioEstimator,
} from "../../src/index.js";

type Fitted = LikelihoodEstimator<unknown> | RatioEstimator<unknown>;
type Files = Readonly<Record<string, Uint8Array>>;

const quick = { simulations: 300, epochs: 2, seed: 1, batch: 64 } as const;
const density = splineAutoregressive({ layers: 1, bins: 3, hidden: [8] });
const network = mlp({ hidden: [8] });
const golden = (name: string): Promise<Fitted> =>
  load(new URL(`../golden-files/${name}.amortis`, import.meta.url), {
    onWarning: () => {},
  }) as Promise<Fitted>;

/** What an exported program makes of trials: a list of all its outputs for each. */
async function run(files: Files, name: string, trials: readonly (readonly number[])[]) {
  const session = await nodeRuntime().createSession(files[name] ?? new Uint8Array());
  const results = [];
  for (const trial of trials) {
    results.push(
      await session.run({ trial: hostTensor(Float32Array.from(trial), [trial.length]) }),
    );
  }
  await session.release();
  return results;
}

const termOf = (fitted: Fitted) =>
  fitted.kind === "likelihood" ? fitted.logLikelihood.bind(fitted) : fitted.logRatio.bind(fitted);

/** Values and gradients of trials beside the estimator's, whose gradients are differences. */
async function expectAnswers(
  fitted: Fitted,
  trials: readonly (readonly number[])[],
  dataOf: (z: readonly number[]) => Parameters<Fitted["given"]>[0],
  times = 1,
): Promise<Files> {
  const files = await exportSingleTrial(fitted);
  const p = fitted.parameterNames.length;
  const name = fitted.kind === "likelihood" ? "logLikelihood" : "logRatio";
  const values = await run(files, `${name}.onnx`, trials);
  const slopes = await run(files, "gradient.onnx", trials);
  const term = termOf(fitted);
  for (const [i, trial] of trials.entries()) {
    const theta = trial.slice(0, p);
    const data = dataOf(trial.slice(p));
    const [expected = NaN] = await term(data, theta);
    const value = values[i]?.[name];
    expect(value?.shape).toEqual([]);
    // Single precision, of sums of a few terms.
    expect(Number(value?.data[0])).toBeCloseTo(expected / times, 3);
    expect(Number(slopes[i]?.[name]?.data[0])).toBeCloseTo(expected / times, 3);
    const gradient = slopes[i]?.["gradient"];
    expect(gradient?.shape).toEqual([p]);
    const h = 1e-2;
    for (let j = 0; j < p; j++) {
      const at = (step: number) => term(data, theta.with(j, (theta[j] ?? 0) + step));
      const [[above = NaN], [below = NaN]] = [await at(h), await at(-h)];
      const difference = (above - below) / (2 * h * times);
      // Central differences of single precision: rounding of 1e-6 · |value| over h, and h² of a third derivative.
      const error = 2e-2 * (1 + Math.abs(difference)) + (1e-6 * Math.abs(expected)) / h;
      expect(Math.abs(Number(gradient?.data[j]) - difference)).toBeLessThan(error);
    }
  }
  return files;
}

const noise = defineModel({
  name: "noise",
  parameters: { mean: normal(0, 1), scale: uniform(0.5, 2) },
  data: { y: ["m", 2], choice: ["m"] },
  sizes: { m: discreteUniform(1, 4) },
  simulate: ({ mean, scale }, random, { m }) => ({
    y: Array.from({ length: m }, () => [mean + scale * random.normal(), random.normal()]),
    choice: Array.from({ length: m }, () => (random.uniform() < 0.4 ? 1 : 0)),
  }),
});

/** The same with as many trials always, or up to so many, at a level far from zero. */
const levelled = (count: Parameters<typeof set>[0]) =>
  defineModel({
    name: "levelled",
    parameters: { mean: normal(0, 1) },
    data: { y: set(count, { of: 2 }) },
    simulate: ({ mean }, random) => ({
      y: Array.from({ length: 3 }, () => [
        100_000 + mean + random.normal(),
        100_000 + 2 * mean + random.normal(),
      ]),
    }),
  });

const inner = [
  [0.3, -0.4],
  [-0.7, 1.1],
] as const;

describe("a likelihood of one trial", () => {
  it.each(["files-2/nle", "files-2/nre", "files-2/telescoping", "files-2/synthetic-likelihood"])(
    "is that of the data set, with its gradient: %s",
    async (name) => {
      const fitted = await golden(name);
      const trials = inner.map((theta) => [...theta, 0.2, -0.3, 1.1, 0.4]);
      const files = await expectAnswers(fitted, trials, (y) => ({ y }));
      for (const [path, bytes] of Object.entries(files)) {
        if (!path.endsWith(".onnx")) continue;
        const { inputs, outputs, opset, domains, operators } = describeModel(bytes);
        expect(inputs).toEqual([{ name: "trial", dtype: "float32", shape: [6] }]);
        expect(outputs[0]?.shape).toEqual([]);
        expect([opset, domains]).toEqual([21, ["ai.onnx"]]);
        // Nothing is left of shapes: they are known.
        expect(operators).not.toContain("Shape");
      }
      await fitted.release();
    },
  );

  it("is of one element where these are independent, numbers and choices, and adds up", async () => {
    const method = nle(noise, { density, network, discrete: { choice: [0, 1] }, replicates: true });
    const fitted = await train(method, quick);
    // Arrays lie in alphabetical order: choice, y.
    const data = [
      [1, 0.5, -0.2],
      [0, -1.5, 0.9],
    ];
    const trials = data.map((z) => [0.3, 1.2, ...z]);
    const files = await expectAnswers(fitted, trials, ([choice = 0, a = 0, b = 0]) => ({
      y: [[a, b]],
      choice: [choice],
    }));
    const each = await run(files, "logLikelihood.onnx", trials);
    const sum = each.reduce(
      (total, { logLikelihood }) => total + Number(logLikelihood?.data[0]),
      0,
    );
    const y = data.map(([, a = 0, b = 0]) => [a, b]);
    const both = { y, choice: data.map(([choice = 0]) => choice) };
    const [together] = await fitted.logLikelihood(both, [0.3, 1.2]);
    expect(sum).toBeCloseTo(together ?? NaN, 3);
    await fitted.release();
  });

  it.each([3, { upTo: 3 }])("is of one of so many trials: %o", async (count) => {
    const fitted = await train(nle(levelled(count), { density, replicates: true }), quick);
    const trials = [[0.25, 100_000.5, 99_999.25]];
    const isFixed = typeof count === "number";
    const files = await expectAnswers(
      fitted,
      trials,
      (z) => ({ y: isFixed ? [z, z, z] : [z] }),
      isFixed ? 3 : 1,
    );
    expect(new TextDecoder().decode(files["README.md"])).toContain("in single precision");
    await fitted.release();
  });

  it("is the mixture of an ensemble, whose shares are said", async () => {
    const fitted = await train(
      nle(noise, { density, network, discrete: { choice: [0, 1] }, replicates: true, members: 2 }),
      quick,
    );
    const files = await expectAnswers(
      fitted,
      [[0.3, 1.2, 1, 0.5, -0.2]],
      ([c = 0, a = 0, b = 0]) => ({
        y: [[a, b]],
        choice: [c],
      }),
    );
    const readme = new TextDecoder().decode(files["README.md"]);
    const answering = (fitted.details.training.members ?? []).filter(({ weight }) => weight > 0);
    for (const { weight } of answering.length > 1 ? answering : []) {
      expect(readme).toContain(`${Number((100 * weight).toPrecision(4))} %`);
    }
    await fitted.release();
    const equal = await train(
      nre(levelled(3), { summary: rawSummary(), hidden: [8], members: 2 }),
      quick,
    );
    const z = [100_000.5, 99_999.25, 100_001, 100_000, 99_998.5, 100_000.75];
    const ratio = await expectAnswers(equal, [[0.25, ...z]], (flat) => ({
      y: [flat.slice(0, 2), flat.slice(2, 4), flat.slice(4, 6)],
    }));
    expect(new TextDecoder().decode(ratio["README.md"])).toContain("the shares 50 %, 50 %");
    await equal.release();
  });

  it("is refused of other answers, of data sets of any size, and of a mixture of whole data sets", async () => {
    const posterior = await load(new URL("../golden-files/files-2/npe.amortis", import.meta.url));
    await expect(exportSingleTrial(posterior)).rejects.toThrow(
      'a single trial is exported of likelihoods and ratios, as nle and nre learn, but this estimator of npe answers with "posterior"',
    );
    await posterior.release();
    const any = await train(nre(noise, { hidden: [8] }), { ...quick, epochs: 1 });
    await expect(exportSingleTrial(any)).rejects.toThrow(/any number of elements of "choice"/u);
    await any.release();
    const fixed = nle(levelled(3), {
      density: gaussian({ hidden: [4] }),
      replicates: true,
      members: 2,
    });
    const mixture = await train(fixed, { ...quick, epochs: 3 });
    // Stacking may have left one: here both answer.
    const { details } = mixture.contents;
    const members = details.training.members?.map((member) => ({ ...member, weight: 0.5 })) ?? [];
    expect(members).toHaveLength(2);
    const { contents, dataSpecs, parameterNames } = mixture;
    const both = { ...details, training: { ...details.training, members } };
    await expect(
      exportSingleTrial({
        contents: { ...contents, details: both },
        dataSpecs,
        parameterNames,
        prior: () => mixture.prior(),
      }),
    ).rejects.toThrow(/data sets of 3 trials/u);
    await mixture.release();
  });
});
