/** Ensembles: networks trained apart, whose mixture answers. */
import { add, mean, mul, relu, type Tensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import type { TrainingContext } from "../../src/methods/method.js";
import { gaussian, load, npe, rawSummary, simulate, train } from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";
import { kolmogorovSmirnov, RARE } from "../goodness-of-fit.js";
import { quick, temporaryFolder } from "./quick.js";

const inFolder = temporaryFolder();
const { model, exactSd, fresh } = conjugateNormal(2);
const small = { summary: rawSummary(), density: gaussian({ hidden: [8] }) } as const;
const method = npe(model, { ...small, members: 3 });
const settings = { ...quick, simulations: 2_000, epochs: 6 } as const;

describe("an ensemble", async () => {
  const fitted = await train(method, settings);
  const { members = [] } = fitted.details.training;
  const sets = await fresh(20);

  test("is near the exact posterior, and says what it is made of", async () => {
    const posteriors = await fitted.givenBatch({ y: sets.y }, { samples: 4_000 });
    const means = posteriors.mean().theta;
    for (const [i, exact] of sets.exactMeans.entries()) {
      expect(Math.abs((means[i] ?? Infinity) - exact)).toBeLessThan(0.25 * exactSd);
    }
    expect(members.map(({ epochs }) => epochs)).toEqual([6, 6, 6]);
    expect(members.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 12);
    expect(fitted.history.map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: 18 }, (_, i) => i + 1),
    );
    const best = Math.min(...members.map(({ bestValidationLoss }) => bestValidationLoss));
    expect(fitted.details.training.bestValidationLoss).toBeLessThan(best + 0.01);
  });

  test("draws from the mixture whose density it says", async () => {
    const posteriors = await fitted.givenBatch({ y: [0.5, 2] }, { samples: 4_000, seed: 3 });
    const grid = Float32Array.from({ length: 2_001 }, (_, i) => -4 + 0.004 * i);
    const density = (await posteriors.logDensity(grid)).map(Math.exp);
    const total = density.reduce((a, b) => a + 0.004 * b, 0);
    expect(total).toBeCloseTo(1, 3);
    const cdf = new Float64Array(grid.length);
    for (let i = 1; i < grid.length; i++) {
      cdf[i] = (cdf[i - 1] ?? 0) + 0.002 * ((density[i - 1] ?? 0) + (density[i] ?? 0));
    }
    const at = (x: number): number => {
      const place = (x + 4) / 0.004;
      const below = Math.min(1_999, Math.max(0, Math.floor(place)));
      const left = cdf[below] ?? 0;
      return left + (place - below) * ((cdf[below + 1] ?? 1) - left);
    };
    expect(kolmogorovSmirnov(posteriors.at(0).draws, at)).toBeGreaterThan(RARE);
  });

  test("answers alone as in a batch, and from a file as before", async () => {
    const batch = await fitted.givenBatch({ y: sets.y }, { samples: 50 });
    const again = await load(await fitted.toBytes(), { model });
    if (again.kind !== "posterior") throw new Error("a posterior is expected");
    const same = await again.givenBatch({ y: sets.y }, { samples: 50 });
    expect(same.at(3).draws).toEqual(batch.at(3).draws);
    const first = await again.given({ y: sets.rows[0] ?? [] }, { samples: 50 });
    expect(first.draws).toEqual(batch.at(0).draws);
    await again.release();
  });

  test("goes on after a stop within any of its networks", async () => {
    const checkpoint = inFolder("ensemble.checkpoint");
    const stop = new AbortController();
    const part = await train(method, {
      ...settings,
      checkpoint,
      signal: stop.signal,
      onProgress: ({ network, epoch }) => {
        if (network === 2 && epoch === 4) stop.abort();
      },
    });
    expect(part.details.training.endedBy).toBe("interrupted");
    expect(part.details.training.members?.map(({ epochs }) => epochs)).toEqual([6, 4]);
    const resumed = await train(method, { ...settings, checkpoint });
    expect(resumed.contents.weights).toEqual(fitted.contents.weights);
    expect(resumed.details.training.members?.map(({ weight }) => weight)).toEqual(
      members.map(({ weight }) => weight),
    );
  });

  test("is the same, trained side by side in threads, and each epoch says whose it is", async () => {
    const epochs: string[] = [];
    const reported = new Set<number | undefined>();
    const beside = await train(method, {
      ...settings,
      threads: 3,
      onEpoch: ({ network, epoch }) => {
        epochs.push(`${network} ${epoch}`);
      },
      onProgress: ({ phase, network }) => {
        if (phase === "training") reported.add(network);
      },
    });
    expect(beside.contents.weights).toEqual(fitted.contents.weights);
    expect(beside.history.map(({ validationLoss }) => validationLoss)).toEqual(
      fitted.history.map(({ validationLoss }) => validationLoss),
    );
    const all = [1, 2, 3].flatMap((k) => [1, 2, 3, 4, 5, 6].map((epoch) => `${k} ${epoch}`));
    expect(epochs.toSorted()).toEqual(all);
    expect(reported.has(1)).toBe(true);
  });

  test("that is stopped while several networks are trained has what each had come to", async () => {
    const stop = new AbortController();
    const reached = [0, 0, 0];
    const part = await train(method, {
      ...settings,
      epochs: 10_000,
      patience: 10_000,
      threads: 3,
      signal: stop.signal,
      onEpoch: ({ network = 0, epoch }) => {
        reached[network - 1] = epoch;
        if (reached.every((epochs) => epochs >= 2)) stop.abort();
      },
    });
    expect(part.details.training.endedBy).toBe("interrupted");
    expect(part.details.training.members?.map(({ epochs }) => epochs)).toEqual(reached);
  });

  test("that is stopped within its first network answers by that one", async () => {
    const stop = new AbortController();
    const part = await train(method, {
      ...settings,
      signal: stop.signal,
      onProgress: ({ epoch }) => {
        if (epoch === 3) stop.abort();
      },
    });
    expect(part.details.training).toMatchObject({ endedBy: "interrupted", bestEpoch: 3 });
    const posterior = await part.given({ y: [0.5, 2] });
    expect(Number.isFinite(posterior.mean().theta)).toBe(true);
  });

  test("is not trained on simulations made on the fly", async () => {
    const failed = train(method, { ...quick, simulations: 20_000, onTheFly: true });
    await expect(failed).rejects.toThrow(/3 members are trained on the same simulations/);
  });
});

test("by default, few numbers are given to networks as they are, two of which have emulators", async () => {
  const data = await simulate(model, { simulations: 300, seed: 4, workers: 0 });
  const fitted = await train(npe(model), { ...quick, data, epochs: 1 });
  const { members = [] } = fitted.details.training;
  expect(members).toHaveLength(4);
  expect(members.slice(2).map(({ settings: used }) => used)).toMatchObject([
    { emulations: 60_000, emulator: "normal" },
    { emulations: 60_000, emulator: "flows" },
  ]);
  expect(fitted.details.description).toMatchObject({ summary: { kind: "rawSummary" }, members: 4 });
});

function raw({ raw: { y } }: TrainingContext): Tensor {
  if (y === undefined) throw new Error("the model has an array y");
  return y;
}

test.each([
  { left: 2, trained: [0, 2] },
  { left: 1, trained: [2] },
])(
  "members of next to no weight are in no file: $left of three left",
  async ({ left, trained }) => {
    const data = await simulate(model, { simulations: 2_000, seed: 6, workers: 0 });
    const unlike = npe(model, { ...small, trend: "none", members: 3 });
    const { ensemble } = unlike;
    if (ensemble === undefined) throw new Error("three members are an ensemble");
    // As if the first were bad where y is high, the last where it is low, and the one between them everywhere.
    const members = ensemble.members.map((member, k) => ({
      ...member,
      losses: (context: TrainingContext) => {
        const level = mul(mean(raw(context), { axes: [1] }), k === 0 ? 10 : -10);
        const worse = k === 1 ? 10 : trained.length === 2 ? relu(level) : 0;
        return add(member.losses(context), worse);
      },
      settings: trained.includes(k)
        ? { epochs: 20, learningRate: 2e-3 }
        : { epochs: 1, learningRate: 1e-9 },
    }));
    const uneven = { ...unlike, sized: () => ({ ...unlike, ensemble: { ...ensemble, members } }) };
    const fitted = await train(uneven, { ...quick, data });
    const { members: found = [] } = fitted.details.training;
    expect(found.map(({ weight }) => weight > 0)).toEqual(
      [0, 1, 2].map((k) => trained.includes(k)),
    );
    const { answers } = fitted.details;
    expect("members" in answers ? answers.members : [answers]).toHaveLength(left);
    const posterior = await fitted.given({ y: [0.5, 2] }, { samples: 4_000, seed: 1 });
    expect(posterior.draws).toHaveLength(4_000);
    const again = await load(await fitted.toBytes(), { model });
    if (again.kind !== "posterior") throw new Error("a posterior is expected");
    const same = await again.given({ y: [0.5, 2] }, { samples: 4_000, seed: 1 });
    expect(same.draws).toEqual(posterior.draws);
    await again.release();
  },
);
