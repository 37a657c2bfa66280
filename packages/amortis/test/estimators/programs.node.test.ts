/**
 * Programs of estimator files: all that methods write is let in, and a program that is not what answers ask is refused. (That files of
 * version 0.1 are let in, golden-files/ shows.)
 */
import { encodeProgram, input, mul, sum, type Tensor } from "@amortis/graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  affineCoupling,
  cnn,
  defineModel,
  dirichlet,
  gaussian,
  gaussianMixture,
  mlp,
  mutualInformationSummary,
  nbe,
  normal,
  npe,
  nle,
  nre,
  distanceCorrelationSummary,
  fisherInformationSummary,
  posteriorMomentsSummary,
  rawSummary,
  splineCoupling,
  syntheticLikelihood,
  train,
  uniform,
} from "../../src/index.js";
import type { AnswerKind } from "../../src/estimators/kinds.js";
import type { AnyModel } from "../../src/model/index.js";
import { decodeContents, type Contents } from "../../src/estimators/contents.js";
import { encodeContents } from "../../src/estimators/encode-contents.js";

const quick = { seed: 5, workers: 0, threads: 1, batch: 16, simulations: 64, epochs: 1 } as const;

const model = defineModel({
  name: "two",
  parameters: { a: normal(0, 1), b: uniform(0, 2, { link: "probit" }), p: dirichlet([1, 1, 2]) },
  data: { x: [4], z: [4, 4] },
  simulate: ({ a, b }, random) => ({
    x: Float64Array.from({ length: 4 }, () => a + b * random.normal()),
    z: Float64Array.from({ length: 16 }, () => b * random.normal()),
  }),
});
const field = defineModel({
  name: "field",
  parameters: { range: uniform(0, 1) },
  data: { z: [8, 8] },
  simulate: ({ range }, random) => ({
    z: Float64Array.from({ length: 64 }, () => range * random.normal()),
  }),
});
const hidden = [8];
const small = { summary: rawSummary() };

describe("every program that a method writes is let in, as it is:", () => {
  test.each([
    [
      "npe, splines",
      () => npe(model, { ...small, density: splineCoupling({ layers: 2, hidden }) }),
    ],
    [
      "npe, sharp splines",
      () => npe(field, { ...small, density: splineCoupling({ hidden, knots: "sharp" }) }),
    ],
    ["npe, affine", () => npe(model, { ...small, density: affineCoupling({ layers: 2, hidden }) })],
    ["npe, Gaussian", () => npe(model, { ...small, density: gaussian({ hidden }) })],
    ["npe, mixture", () => npe(model, { ...small, density: gaussianMixture({ hidden }) })],
    [
      "npe, images",
      () => npe(field, { summary: cnn({ filters: [4] }), density: gaussian({ hidden }) }),
    ],
    ["nbe", () => nbe(model, { interval: 0.9 })],
    ["nbe, images", () => nbe(field, { summary: cnn({ filters: [4], pooling: "average" }) })],
    ["nre", () => nre(model, { ...small, hidden })],
    ["nle", () => nle(model)],
    ["synthetic likelihood", () => syntheticLikelihood(field, { network: mlp({ hidden }) })],
    ["mutual information", () => mutualInformationSummary(model, { size: 2 })],
    ["posterior moments", () => posteriorMomentsSummary(field)],
    ["Fisher information", () => fisherInformationSummary(field)],
    ["distance correlation", () => distanceCorrelationSummary(model)],
  ])("%s", async (_, method) => {
    const fitted = await train<AnyModel, AnswerKind>(method(), quick);
    const bytes = await fitted.toBytes();
    await fitted.release();
    const { programs } = await decodeContents(bytes, "x.amortis");
    const same = Object.entries(fitted.contents.programs).map(([name, program]) => [
      name,
      Buffer.compare(program, programs[name] ?? new Uint8Array()),
    ]);
    expect(same).toEqual(Object.keys(programs).map((name) => [name, 0]));
  });
});

describe("a program that is not what answers ask is refused:", () => {
  let contents: Contents;
  let release: () => Promise<void>;
  beforeAll(async () => {
    const fitted = await train(npe(field, { ...small, density: gaussian({ hidden }) }), quick);
    ({ contents } = fitted);
    release = () => fitted.release();
  });
  afterAll(() => release());

  /** What is said of the file with other programs. */
  async function refusal(programs: Readonly<Record<string, Uint8Array>>): Promise<string> {
    const bytes = await encodeContents({
      ...contents,
      details: {
        ...contents.details,
        programs: Object.keys({ ...contents.programs, ...programs }),
      },
      programs: { ...contents.programs, ...programs },
    });
    return decodeContents(bytes, "x.amortis").then(
      () => "none",
      (error: Error) => error.message,
    );
  }

  const z = input("z", ["batch", 8, 8]);
  const program = (inputs: Readonly<Record<string, Tensor>>, context: Tensor) =>
    encodeProgram({ inputs, outputs: { context } });

  test.each([
    [
      "an input of another size",
      () => {
        const y = input("z", ["batch", 4]);
        return program({ z: y }, y);
      },
      'its input "z" is float32 [batch, 4], where float32 [batch, 8, 8] is expected',
    ],
    [
      "an input of another type",
      () => {
        const y = input("z", ["batch", 8, 8], "float64");
        return program({ z: y }, sum(y, { axes: [1] }));
      },
      'its input "z" is float64',
    ],
    [
      "an input that nobody feeds",
      () => {
        const w = input("w", ["batch", 8]);
        return program({ z, w }, mul(sum(z, { axes: [1] }), w));
      },
      'it has an input "w" that is not asked of it',
    ],
    [
      "an input whose name is no line",
      () => {
        const w = input("w\n\tx", ["batch", 8]);
        return program({ z, [w.name ?? ""]: w }, mul(sum(z, { axes: [1] }), w));
      },
      'it has an input "w\\n\\tx" that is not asked of it',
    ],
    [
      "an output of another rank",
      () => program({ z }, z),
      'its output "context" is float32 [batch, 8, 8], where float32 [batch, any] is expected',
    ],
    [
      "no output of the name",
      () => encodeProgram({ inputs: { z }, outputs: { other: z } }),
      'it has no output "context"',
    ],
  ])("%s", async (_, make, rule) => {
    expect(await refusal({ context: make() })).toContain(
      `x.amortis: its program "context" is none that this version writes, and was not loaded: `,
    );
    expect(await refusal({ context: make() })).toContain(rule);
  });

  test("a program that such answers do not have", async () => {
    expect(await refusal({ extra: program({ z }, sum(z, { axes: [1] })) })).toContain(
      'x.amortis has a program "extra", which answers of the kind "posterior" do not have: they have context, sample, logDensity',
    );
  });
});
