/**
 * Files that earlier versions wrote are read by this one, and mean what they meant: posteriors by ratios and likelihoods, and training that goes on from a
 * checkpoint. `write.ts` made them, and says when; `every-version.test.ts` has what they answer themselves.
 */
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineModel, load, normal, npe, openDataSet, train, uniform } from "../../src/index.js";
import { answersOf, posteriorsOf } from "./answers.js";
import { TRAINING } from "./case.js";
import { CASES } from "./cases.js";
import { expectAnswers, expectClose, SINGLE } from "./expect-close.js";
import { line } from "./models.js";

const folder = join(import.meta.dirname, "files");
const numbers = z.array(z.number());

const schema = z.object({
  question: z.object({ data: z.record(z.string(), numbers), theta: numbers }),
  answers: z.record(z.string(), numbers),
  posteriors: z.object({ mean: numbers, sd: numbers }).optional(),
});

async function keptOf(name: string) {
  return schema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), "utf8")));
}

/** The same after eight steps of training, which pass rounding errors on. */
const TRAINED = 1e-4;

type Posteriors = Awaited<ReturnType<typeof posteriorsOf>>;

/** 4,000 draws of chains are worth some hundred: the means of two runs differ by a tenth of a standard deviation, seldom two. */
function expectPosteriors(found: Posteriors, kept: Posteriors): void {
  for (const [i, mean] of (kept?.mean ?? []).entries()) {
    const sd = kept?.sd[i] ?? NaN;
    expect(Math.abs((found?.mean[i] ?? NaN) - mean) / sd).toBeLessThan(0.3);
    expect(Math.abs((found?.sd[i] ?? NaN) / sd - 1)).toBeLessThan(0.3);
  }
}

describe("estimators of file version 1", () => {
  const targets = CASES.filter(
    ({ name, withoutPosterior }) => /^(nre|synthetic)/.test(name) && !withoutPosterior,
  );
  it.each(targets)("$name has the posteriors that it had", async ({ name, model }) => {
    const { question, posteriors } = await keptOf(name);
    expect(posteriors).toBeDefined();
    const fitted = await load(join(folder, `${name}.amortis`), { model });
    expectPosteriors(await posteriorsOf(fitted, model, question), posteriors);
    await fitted.release();
  });
});

describe("checkpoints of version 1", () => {
  let copies = "";
  beforeAll(async () => {
    copies = await mkdtemp(join(tmpdir(), "amortis-golden-"));
  });
  afterAll(() => rm(copies, { recursive: true }));

  it.each(CASES.filter((one) => one.checkpoint))(
    "$name goes on to the weights that it had",
    async ({ name, model, method, training, freeWeights }) => {
      const { question, answers } = await keptOf(name);
      const checkpoint = join(copies, name);
      await copyFile(join(folder, `${name}.checkpoint`), checkpoint);
      const options = { ...TRAINING, ...training, checkpoint };
      const resumed = await train(await method(folder), options);
      const whole = await load(join(folder, `${name}.amortis`));
      // The first epoch is the checkpoint's own record, the others are made anew.
      expect(resumed.history[0]).toEqual(whole.history[0]);
      expect(resumed.history).toHaveLength(whole.history.length);
      const losses = (history: typeof whole.history) =>
        history.map((epoch) => epoch.validationLoss);
      expectClose(losses(resumed.history), losses(whole.history), TRAINED);
      expectAnswers(await answersOf(resumed, model, question), answers, TRAINED);
      if (!freeWeights) {
        expectClose(resumed.contents.weights, [...whole.contents.weights], TRAINED);
      }
      await resumed.release();
      await whole.release();
    },
  );
});

/** What the same model is by the links of now. */
const mappedAnew = defineModel({
  name: line.name,
  parameters: { slope: normal(0, 1), level: uniform(-2, 2) },
  data: line.data,
  simulate: (values, random) => line.simulate(values, random),
});

describe("models whose priors have other links now", () => {
  it("fit the files, whose answers are theirs, and the simulations", async () => {
    const { question, answers } = await keptOf("npe-affine");
    const fitted = await load(join(folder, "npe-affine.amortis"), { model: mappedAnew });
    expectAnswers(await answersOf(fitted, line, question), answers, SINGLE);
    await fitted.release();
    const data = await (await openDataSet(join(folder, "line-simulations"))).read();
    const onWarning = (): void => undefined;
    const { simulations: _, ...rest } = TRAINING;
    const settings = { ...rest, epochs: 1, onWarning };
    const trained = await train(npe(mappedAnew), { ...settings, data });
    expect(trained.details.training.simulations).toBe(48);
    await trained.release();
  });

  it("do not go on from a checkpoint of another map, and say what would", async () => {
    const copies = await mkdtemp(join(tmpdir(), "amortis-golden-"));
    const checkpoint = join(copies, "npe-affine");
    await copyFile(join(folder, "npe-affine.checkpoint"), checkpoint);
    const one = CASES.find(({ name }) => name === "npe-affine");
    const method = await one?.method(folder);
    if (method === undefined) throw new TypeError("there is such a case");
    const options = { ...TRAINING, ...one?.training, checkpoint };
    // As it is, whatever the number of simulations.
    const fixed = { ...method, sized: () => ({ ...method, model: mappedAnew }) };
    await expect(train({ ...fixed, model: mappedAnew }, options)).rejects.toThrow(
      /mapped parameters by the bounds of their priors alone.*link: "logit"/u,
    );
    await rm(copies, { recursive: true });
  });
});

describe("folders of simulations of version 1", () => {
  it("are read, and trained on", async () => {
    const stored = await openDataSet(join(folder, "line-simulations"));
    const { info } = stored;
    expect(info).toMatchObject({ model: "line", rows: 48, parameterNames: line.parameterNames });
    const { parameters, data } = await stored.read();
    const { theta, y } = z
      .object({ theta: numbers, y: numbers })
      .parse(JSON.parse(await readFile(join(folder, "line-simulations.json"), "utf8")));
    expect([...parameters]).toEqual(theta);
    expect(Array.from(data["y"] ?? [])).toEqual(y);
  });
});
