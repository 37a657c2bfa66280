import { type Session } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { afterAll, describe, expect, it } from "vitest";
import {
  custom,
  defineModel,
  gaussian,
  load,
  normal,
  npe,
  rawSummary,
  train,
  uniform,
} from "../../src/index.js";
import { blocks } from "../../src/estimators/calls.js";
import { decodeContents, type Contents } from "../../src/estimators/contents.js";
import { encodeContents } from "../../src/estimators/encode-contents.js";
import { PosteriorEstimator } from "../../src/estimators/posterior-estimator.js";
import { conjugateNormal } from "../conjugate.js";

const { model: conjugate } = conjugateNormal(2);
const method = npe(conjugate, { summary: rawSummary(), density: gaussian() });
const quick = { seed: 5, workers: 0, threads: 1, batch: 32, simulations: 200, epochs: 1 } as const;
const fitted = await train(method, quick);
afterAll(() => fitted.release());

async function changed(change: (details: Contents["details"]) => Contents["details"]) {
  const { contents } = fitted;
  return encodeContents({ ...contents, details: change(contents.details) });
}

describe("a stranger's file", () => {
  it("has bounds for each parameter", async () => {
    const file = await changed((details) => ({
      ...details,
      model: {
        ...details.model,
        parameters: details.model.parameters.map((parameter) => ({
          ...parameter,
          support: { lower: [], upper: [null] },
        })),
      },
    }));
    await expect(decodeContents(file, "x.amortis")).rejects.toThrow(
      'x.amortis is damaged: its parameter "theta" has 0 lower bounds for 1 number(s)',
    );
  });

  it("has the programs that its answers need", async () => {
    const file = await changed((details) => ({ ...details, answers: { kind: "ratio" } }));
    await expect(decodeContents(file, "x.amortis")).rejects.toThrow(
      'answers of the kind "ratio" need a program "logRatio", but it has context, sample, logDensity',
    );
  });

  it("answers in a way that is known, and says of its answers what belongs to it", async () => {
    const unknown = await encodeContents({
      ...fitted.contents,
      // @ts-expect-error -- of a version to come
      details: { ...fitted.contents.details, answers: { kind: "oracle" } },
    });
    await expect(decodeContents(unknown, "x.amortis")).rejects.toThrow(
      'x.amortis answers with "oracle", which this version does not know: it knows posterior, point',
    );
    const noise = { normal: -1, uniform: 0 };
    const wrong = await changed((details) => ({
      ...details,
      answers: { kind: "posterior", noise },
    }));
    await expect(decodeContents(wrong, "x.amortis")).rejects.toThrow(
      "in its manifest, answers.noise.normal is wrong",
    );
  });

  it("has programs that take and give what answers are made of", async () => {
    const { context, sample, logDensity } = fitted.contents.programs;
    if (context === undefined || sample === undefined || logDensity === undefined) {
      throw new TypeError("it has programs");
    }
    const swapped = (programs: Record<string, Uint8Array>): Promise<Uint8Array> =>
      encodeContents({
        ...fitted.contents,
        programs: { context, sample, logDensity, ...programs },
      });
    await expect(
      decodeContents(await swapped({ sample: logDensity }), "x.amortis"),
    ).rejects.toThrow(
      'its program "sample" is none that this version writes, and was not loaded: it has no input "normal"',
    );
    await expect(
      decodeContents(await swapped({ logDensity: context }), "x.amortis"),
    ).rejects.toThrow('its program "logDensity" ');
  });

  it("may be of a version that said less", async () => {
    const { endedBy, whereInvalid, ...training } = fitted.details.training;
    expect([endedBy, whereInvalid]).toEqual(["complete", undefined]);
    const loaded = await load(await changed((details) => ({ ...details, training })));
    expect(loaded.details.training).toEqual(training);
  });
});

describe("a model given with a file", () => {
  const withPrior = (theta: ReturnType<typeof normal>) =>
    defineModel({ ...conjugate, parameters: { theta } });

  it("must have its priors", async () => {
    const file = await fitted.toBytes();
    await expect(load(file, { model: withPrior(normal(0, 2)) })).rejects.toThrow(
      /trained with the prior \{"name":"normal","mean":0,"sd":1\} of "theta", but the model "conjugate" has .*"sd":2/,
    );
    await expect(load(file, { model: withPrior(uniform(0, 1)) })).rejects.toThrow(/"uniform"/);
    await load(file, { model: withPrior(normal(0, 1)) });
  });

  it("may have another name for a prior that is code", async () => {
    const prior = (name: string) =>
      custom({ name, sample: (random) => random.normal(), logDensity: () => 0 });
    const file = await changed((details) => ({
      ...details,
      model: {
        ...details.model,
        parameters: [
          {
            name: "theta",
            shape: [],
            prior: { name: "custom", label: "one" },
            support: { lower: [null], upper: [null] },
          },
        ],
      },
    }));
    await load(file, { model: defineModel({ ...conjugate, parameters: { theta: prior("two") } }) });
    await expect(load(file, { model: conjugate })).rejects.toThrow(/but the model .*"normal"/);
  });
});

describe("large answers", () => {
  it("are cut into calls that cover all draws, in order", () => {
    expect([...blocks(2, 5, 4, 8)]).toEqual([
      { from: 2, to: 4, first: 0, last: 4 },
      { from: 4, to: 5, first: 0, last: 4 },
    ]);
    expect([...blocks(0, 2, 10, 8)]).toEqual([
      { from: 0, to: 1, first: 0, last: 8 },
      { from: 0, to: 1, first: 8, last: 10 },
      { from: 1, to: 2, first: 0, last: 8 },
      { from: 1, to: 2, first: 8, last: 10 },
    ]);
  });

  it("are the same bits as smaller ones, and as large as asked for", async () => {
    const runtime = nodeRuntime();
    let largest = 0;
    const watched = new PosteriorEstimator(fitted.contents, {
      runtime: {
        ...runtime,
        createSession: async (model, options): Promise<Session> => {
          const session = await runtime.createSession(model, options);
          return {
            run: (feeds) => {
              const rows = feeds["theta"] ?? feeds["normal"];
              largest = Math.max(largest, rows?.shape[1] ?? 0);
              return session.run(feeds);
            },
            release: () => session.release(),
          };
        },
      },
      threads: 1,
    });
    const y = [
      [0.3, 1.1],
      [-0.2, 0.4],
    ];
    const draws = 70_000;
    const few = await watched.givenBatch({ y }, { samples: 1000, seed: 3 });
    const many = await few.sample(draws, 3);
    for (const i of [0, 1]) {
      // A stream a data set: the first draws are the same, however many there are.
      expect(many.data.slice(i * draws, i * draws + 1000)).toEqual(
        few.draws.slice(i * 1000, (i + 1) * 1000),
      );
    }
    expect(many.data.every((x) => x !== 0)).toBe(true);
    const all = await few.logDensity(many.data);
    const at = [0, 4095, 4096, 16_383, 16_384, 69_999];
    const one = await few
      .at(1)
      .logDensities(Float32Array.from(at, (k) => many.data[draws + k] ?? 0));
    expect(at.map((k) => all[draws + k])).toEqual([...one]);
    // Draws of one number are asked for by as many.
    expect(largest).toBe(16_384);
    await watched.release();
  });
});

it("what failed to open is tried again, and releasing forgets it", async () => {
  const runtime = nodeRuntime();
  let fails = true;
  const estimator = new PosteriorEstimator(fitted.contents, {
    runtime: {
      ...runtime,
      createSession: (model, options) =>
        fails ? Promise.reject(new Error("no memory")) : runtime.createSession(model, options),
    },
  });
  await expect(estimator.given({ y: [0, 0] })).rejects.toThrow("no memory");
  await estimator.release();
  fails = false;
  expect((await estimator.given({ y: [0, 0] })).draws).toHaveLength(1000);
  await estimator.release();
});
