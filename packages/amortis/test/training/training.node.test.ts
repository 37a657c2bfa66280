import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Session, SessionOptions } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { webRuntime } from "@amortis/graph/web";
import {
  defineModel,
  grid,
  gaussian,
  load,
  nbe,
  normal,
  npe,
  rawSummary,
  simulate,
  SimulationError,
  train,
  uniform,
  type TrainingReport,
  type TrainOptions,
} from "../../src/index.js";
import { answeringWeights } from "../../src/training/loops.js";
import { resolveSettings } from "../../src/training/options.js";
import { conjugate, method, quick, temporaryFolder } from "./quick.js";
import { stopAfter } from "./stop-after.js";

const inFolder = temporaryFolder();

describe("standardisation", () => {
  test("is learned from the training set alone, and stored", async () => {
    const model = defineModel({
      name: "scales",
      parameters: { a: uniform(10, 30) },
      data: { v: [2], field: grid(3, 3) },
      simulate: ({ a }, random) => ({
        v: [a, 1000 * random.normal()],
        field: Array.from({ length: 9 }, (_, i) => i + random.normal()),
      }),
    });
    const data = await simulate(model, { simulations: 400, seed: 2, workers: 0 });
    const fitted = await train(nbe(model), { ...quick, data, validation: 0.25, epochs: 1 });
    const { standardization } = fitted.details;
    const first = data.parameters.subarray(0, 300);
    const mean = first.reduce((a, b) => a + b, 0) / 300;
    const sd = Math.sqrt(first.reduce((total, x) => total + (x - mean) ** 2, 0) / 299);
    expect(standardization.parameters.mean[0]).toBeCloseTo(mean, 9);
    expect(standardization.parameters.sd[0]).toBeCloseTo(sd, 9);
    // Vectors element by element, grids by one location and scale: 0..8 with unit noise.
    expect(standardization.data["v"]?.sd).toHaveLength(2);
    expect(standardization.data["v"]?.sd[1]).toBeGreaterThan(800);
    expect(standardization.data["field"]?.mean).toHaveLength(1);
    expect(standardization.data["field"]?.mean[0]).toBeCloseTo(4, 0);
  });
});

describe("stopping", () => {
  test("comes after as many epochs without improvement as were asked for, and keeps the best", async () => {
    // Without the trend, which says all here; a hot learning rate that never falls: the validation loss goes up and down.
    const without = npe(conjugate, { summary: rawSummary(), density: gaussian(), trend: "none" });
    const settings = { learningRate: 0.1, schedule: "constant", warmUp: 0, patience: 3 } as const;
    const fitted = await train(without, { ...quick, ...settings, simulations: 400, epochs: 60 });
    const losses = fitted.history.map((record) => record.validationLoss);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(fitted.details.training.bestEpoch).toBe(best);
    expect(losses).toHaveLength(best + 3);
    expect(fitted.details.training.bestValidationLoss).toBe(Math.min(...losses));
    // The weights are the best epoch's: training for just as long ends with the same ones.
    const shorter = await train(without, { ...quick, ...settings, simulations: 400, epochs: best });
    expect(shorter.contents.weights).toEqual(fitted.contents.weights);
  });

  test("at a loss that is not a number says so", async () => {
    const wild = { learningRate: 1e20, schedule: "constant", warmUp: 0, clipNorm: 1e30 } as const;
    await expect(train(method, { ...quick, ...wild, simulations: 400, epochs: 3 })).rejects.toThrow(
      /training diverged in epoch 1.*lower the learning rate/,
    );
  });

  test("before the first epoch is over still gives a file that loads", async () => {
    const stop = new AbortController();
    const fitted = await train(method, {
      ...quick,
      simulations: 400,
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === "compiling") stop.abort();
      },
    });
    expect(fitted.history).toEqual([]);
    const loaded = await load(await fitted.toBytes());
    // That of the linear trend, from which it starts.
    expect(loaded.details.training.bestValidationLoss).toBeLessThan(2);
  });
});

describe("simulations on the fly", () => {
  const fly = { ...quick, onTheFly: true, simulations: 4000, epochs: 4 } as const;

  test("are as many as asked for, each seen once, and give the same weights again", async () => {
    const reports: TrainingReport[] = [];
    const fitted = await train(method, { ...fly, onProgress: (report) => reports.push(report) });
    expect(fitted.history).toHaveLength(4);
    // 4,000 simulations fill 125 batches: four epochs of 31.
    expect(fitted.history.at(-1)?.step).toBe(124);
    expect(reports.at(-1)?.phase).toBe("done");
    const again = await train(method, fly);
    expect(again.contents.weights).toEqual(fitted.contents.weights);
  });

  test("go on from a checkpoint to the same weights", async () => {
    const checkpoint = inFolder("fly.checkpoint");
    await train(method, { ...fly, checkpoint, ...stopAfter(2) });
    const resumed = await train(method, { ...fly, checkpoint });
    const whole = await train(method, fly);
    expect(resumed.contents.weights).toEqual(whole.contents.weights);
  });

  test("leave invalid ones out, and count them", async () => {
    const model = defineModel({
      name: "sometimes",
      parameters: { theta: normal(0, 1) },
      data: { y: [] },
      simulate: ({ theta }, random) => ({
        y: random.uniform() < 0.2 ? Number.NaN : theta + random.normal(),
      }),
    });
    const fitted = await train(npe(model, { summary: rawSummary(), density: gaussian() }), fly);
    const { invalidSimulations, whereInvalid } = fitted.details.training;
    expect(whereInvalid).toMatch(
      /^\d+ of \d+ simulations .* were invalid: \d+ × y is NaN; they lie \(and the valid ones\) within theta -\d.* to \d.* \(-\d/,
    );
    expect(Number(whereInvalid?.split(" ")[0])).toBe(invalidSimulations);
    // The account goes on after a stop.
    const checkpoint = inFolder("sometimes.checkpoint");
    const method = npe(model, { summary: rawSummary(), density: gaussian() });
    await train(method, { ...fly, checkpoint, ...stopAfter(2) });
    const resumed = await train(method, { ...fly, checkpoint });
    expect(resumed.details.training.whereInvalid).toBe(whereInvalid);
    // A fifth of about 5,800 that were simulated, five standard deviations either way.
    expect(invalidSimulations).toBeGreaterThan(900);
    expect(invalidSimulations).toBeLessThan(1400);
    expect(fitted.history.every((record) => Number.isFinite(record.validationLoss))).toBe(true);
  });

  test("stop at an invalid one where asked", async () => {
    // Valid at first, so that the one that stops it is met while the network trains.
    const late = (count: number) => {
      let simulated = 0;
      return defineModel({
        ...conjugate,
        simulate: ({ theta }) => ({ y: [theta, ++simulated > count ? Number.NaN : 0] }),
      });
    };
    const stopped = (count: number, options: TrainOptions) =>
      train(npe(late(count), { summary: rawSummary(), density: gaussian() }), {
        ...options,
        onInvalid: "fatal",
      });
    await expect(stopped(2000, fly)).rejects.toThrow(SimulationError);
    await expect(stopped(2000, fly)).rejects.toThrow(/were invalid: \d+ × y is NaN; they lie/);
    await expect(stopped(100, { ...quick, simulations: 400 })).rejects.toThrow(SimulationError);
    const data = await simulate(late(100), { simulations: 200, seed: 1, workers: 0 });
    await expect(stopped(0, { ...quick, data })).rejects.toThrow("100 of 200 simulations");
  });

  test("are counted while they are made", async () => {
    const reports: TrainingReport[] = [];
    const half = defineModel({
      ...conjugate,
      simulate: ({ theta }) => ({ y: [theta, theta > 0 ? 0 : Number.NaN] }),
    });
    await train(npe(half, { summary: rawSummary(), density: gaussian() }), {
      ...quick,
      simulations: 400,
      epochs: 1,
      onWarning: () => {},
      onProgress: (report) => reports.push(report),
    });
    const last = reports.findLast(({ phase }) => phase === "simulating")?.simulated;
    expect(last).toMatchObject({ done: 400, total: 400 });
    expect(last?.invalid).toBeGreaterThan(150);
  });

  test("need a batch for every epoch", async () => {
    await expect(train(method, { ...fly, simulations: 100, epochs: 10 })).rejects.toThrow(
      "100 simulations on the fly fill 3 batches of 32, but 10 are needed",
    );
  });
});

test("averages answer where they are asked for, beside states that are not learned", async () => {
  const state = {
    step: 3,
    weights: Float32Array.of(1, 2, 9),
    slots: [
      [0, 0],
      [0, 0],
      [4, 5],
    ].map((slot) => Float32Array.from(slot)),
  };
  const averaging = resolveSettings({ averaging: 0.99 });
  expect([...answeringWeights(state, averaging)]).toEqual([4, 5, 9]);
  expect([...answeringWeights(state, resolveSettings({ averaging: 0 }))]).toEqual([1, 2, 9]);
  expect(() => resolveSettings({ averaging: 1 })).toThrow(
    "train: averaging must be below 1, but is 1",
  );
  const data = await simulate(conjugate, { simulations: 600, seed: 1, workers: 0 });
  const [plain, averaged] = await Promise.all(
    [0, 0.9].map((share) =>
      train(method, { ...quick, data, epochs: 1, schedule: "constant", averaging: share }),
    ),
  );
  const [last, mean] = [plain, averaged].map((fitted) => fitted?.details.training.history[0]);
  expect(mean?.trainingLoss).toBe(last?.trainingLoss);
  expect(mean?.validationLoss).not.toBe(last?.validationLoss);
});

test("data of another model are refused", async () => {
  const data = await simulate(conjugate, { simulations: 100, seed: 1, workers: 0 });
  const y = data.data.y.slice();
  y[7] = Number.NaN;
  await expect(train(method, { ...quick, data: { ...data, data: { y } } })).rejects.toThrow(
    "in simulation 3, y[1] is NaN",
  );
  await expect(
    train(method, { ...quick, data: { ...data, data: { y: y.subarray(1) } } }),
  ).rejects.toThrow('its array "y" has 199 values for 100 simulations of shape [2]');
});

test("data that the prior cannot have given are refused", async () => {
  // Of simulations that do not say where they come from, the parameters tell.
  const { origin: _, ...data } = await simulate(conjugate, {
    simulations: 100,
    seed: 1,
    workers: 0,
  });
  const narrow = defineModel({ ...conjugate, parameters: { theta: uniform(-10, 0.5) } });
  const refused = train(npe(narrow), { ...quick, data });
  const row = data.parameters.findIndex((theta) => theta > 0.5);
  await expect(refused).rejects.toThrow(
    `simulation ${row}, at theta = ${Number(data.parameters[row]?.toPrecision(6))}, lies outside the support of its prior: simulate with the priors of the model`,
  );
  const { origin: __, ...validation } = await simulate(conjugate, {
    simulations: 50,
    seed: 2,
    workers: 0,
  });
  await expect(train(npe(narrow), { ...quick, validation })).rejects.toThrow(
    /train: validation must be simulations of the model "conjugate", but simulation \d+, at theta/,
  );
});

describe("sessions", () => {
  test("do not stay behind where a later one cannot be opened", async () => {
    const runtime = nodeRuntime();
    const open = new Set<Session>();
    let left = 1;
    const failing = {
      ...runtime,
      createSession: async (model: Uint8Array, options?: SessionOptions) => {
        if (left-- === 0) throw new Error("no memory");
        const session = await runtime.createSession(model, options);
        const watched: Session = {
          run: (feeds) => session.run(feeds),
          release: async () => {
            open.delete(watched);
            await session.release();
          },
        };
        open.add(watched);
        return watched;
      },
    };
    await expect(train(method, { ...quick, simulations: 400, runtime: failing })).rejects.toThrow(
      "no memory",
    );
    expect(left).toBe(-1);
    expect(open.size).toBe(0);
  });
});

describe("an estimator's file", () => {
  test("gives the same draws in a fresh process", async () => {
    const fitted = await train(method, { ...quick, simulations: 600, epochs: 2 });
    const file = inFolder("conjugate.amortis");
    await fitted.save(file);
    const here = await fitted.given({ y: [0.3, 1.1] }, { samples: 50 });
    const script = inFolder("answer.mjs");
    const library = import.meta.resolve("amortis");
    await writeFile(
      script,
      `import { load } from ${JSON.stringify(library)};
const fitted = await load(${JSON.stringify(file)});
const posterior = await fitted.given({ y: [0.3, 1.1] }, { samples: 50 });
console.log(JSON.stringify([...posterior.draws]));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(JSON.parse(stdout)).toEqual([...here.draws]);
  });

  test("gives the same draws on WebAssembly, to rounding", async () => {
    const fitted = await train(method, { ...quick, simulations: 600, epochs: 2 });
    const web = await load(await fitted.toBytes(), { runtime: webRuntime({ threads: 1 }) });
    if (web.kind !== "posterior") throw new Error("npe answers with posteriors");
    const here = await fitted.given({ y: [0.3, 1.1] }, { samples: 50 });
    const there = await web.given({ y: [0.3, 1.1] }, { samples: 50 });
    const worst = Array.from(here.draws).reduce(
      (most, x, i) => Math.max(most, Math.abs(x - (there.draws[i] ?? Number.NaN))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });
});
