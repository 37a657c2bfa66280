/**
 * Data unlike anything that was simulated are said to be (see "feature constant in training" among the cases).
 */
import { describe, expect, it } from "vitest";
import {
  custom,
  defineModel,
  load,
  modelPosterior,
  nbe,
  normal,
  npe,
  rankPosterior,
  rawSummary,
  gaussian,
  simulate,
  stream,
  train,
  type DataInput,
} from "../../src/index.js";
import { vector } from "../../src/data/array-spec.js";
import { describeLostDigits } from "../../src/data/precision.js";
import { DataSets } from "../../src/data/data-sets.js";
import { learnMoments } from "../../src/data/moments.js";
import { findUnlike } from "../../src/data/unlike.js";

const spikes = defineModel({
  name: "spikes",
  parameters: { current: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ current }, random) => ({ y: [current + random.normal(), 0] }),
});

const method = npe(spikes, { summary: rawSummary(), density: gaussian({ hidden: [8] }) });
const quick = { simulations: 1000, epochs: 1, seed: 1, workers: 0, threads: 1 };

describe("a number that never varied", () => {
  it("is said in training, and wherever an answer depends on it, also from the file", async () => {
    const said: string[] = [];
    const onWarning = (message: string): number => said.push(message);
    const trained = await train(method, { ...quick, onWarning });
    expect(said).toEqual([expect.stringMatching(/^y\[1\] \(always 0\) never varied in training/)]);
    said.length = 0;
    await trained.given({ y: [0.5, 0] });
    expect(said).toEqual([]);
    const loaded = await load(await trained.toBytes(), { onWarning });
    if (loaded.kind !== "posterior") throw new Error("npe answers with posteriors");
    for (const estimator of [trained, loaded]) {
      await estimator.given({ y: [0, 30] });
      expect(said.pop()).toMatch(
        /^the data are unlike anything that was simulated.*y\[1\] is 30, where every simulation had 0/,
      );
    }
    await loaded.givenBatch({ y: Float64Array.of(0, 0, 50, 0, 0, 0, -80, 0) });
    expect(said.pop()).toMatch(
      /^2 of 4 data sets are unlike.*y\[0\] of data set 1 is 50, where simulations ran from -[\d.]+ to [\d.]+; y\[0\] of data set 3 is -80/,
    );
    await trained.release();
    await loaded.release();
  });
});

it("fresh simulations are hardly ever said to be unlike the others", async () => {
  const said: string[] = [];
  const trained = await train(method, { ...quick, onWarning: (message) => said.push(message) });
  said.length = 0;
  const { data } = await simulate(spikes, { simulations: 5000, seed: 2, workers: 0 });
  await trained.givenBatch({ y: data.y }, { samples: 1 });
  // The range of 900 normal numbers is 6.4 sd; a quarter of it beyond, at 4.8 sd, lie 2 in a million.
  expect(said).toEqual([]);
  await trained.release();
});

it("what sits on an offset that single precision cannot bear is said, with what to do", async () => {
  expect(describeLostDigits("parameters", ["day"], { mean: [2_459_005], sd: [2.887] })).toMatch(
    /single precision.*near 245900.* steps of about 0.293.*"day" varies by 2.89.*difference from a fixed number, such as 24590/,
  );
  // A prior of code, on an offset that is taken off: nothing is lost.
  const said: string[] = [];
  const onWarning = (message: string): number => said.push(message);
  const date = defineModel({
    name: "date",
    parameters: {
      day: custom({
        shape: [],
        sample: (random) => 2_459_000 + 10 * random.uniform(),
        logDensity: () => -Math.log(10),
        support: { lower: 2_459_000, upper: 2_459_010 },
      }),
    },
    data: { y: [2] },
    simulate: ({ day }, random) => ({
      y: [day - 2_459_000 + random.normal(), day - 2_459_000 + random.normal()],
    }),
    logLikelihood: ({ day }, { y }) => -0.5 * ((y[0] ?? 0) - (day - 2_459_000)) ** 2,
  });
  const own = npe(date, { summary: rawSummary(), density: gaussian({ hidden: [8] }) });
  await (await train(own, { ...quick, onWarning })).release();
  await modelPosterior(date, { y: [3, 3] }, { method: "importance", onWarning });
  expect(said).toEqual([]);
});

it("numbers of one sign over decades are compared by their logarithms, on either side", () => {
  const random = stream("decades");
  const simulated = Float64Array.from({ length: 1000 }, () => Math.exp(2 * random.normal()));
  for (const sign of [1, -1]) {
    const x = learnMoments(
      simulated.map((value) => sign * value),
      vector(1),
      true,
    );
    const found = (value: number): number => {
      const sets = new DataSets({ x: vector(1) }, 1, { x: Float64Array.of(sign * value) });
      return findUnlike(sets, { data: { x } }).length;
    };
    // Logarithms run from about -6.5 to 6.5; each decade is near one that was met, however small beside the largest.
    expect([1e-4, 1, 1e4].map(found)).toEqual([0, 0, 0]);
    expect([1e-8, 0, -1, 1e8].map(found)).toEqual([1, 1, 1, 1]);
  }
});

describe("numbers that were met, but not together", () => {
  // In training x₁ and x₂ differ by .05; data where they differ by 3 are far from all of them, and each alone is an everyday value.
  const twins = defineModel({
    name: "twins",
    parameters: { difference: normal(0, 1) },
    data: { x: [2] },
    simulate: ({ difference }, random) => {
      const level = 2 * random.normal();
      return { x: [level, level + 0.05 * difference] };
    },
  });

  it("have a learned summary that is unlike those of training, also from the file", async () => {
    const said: string[] = [];
    // The parameter follows from the data, so that any posterior is too wide, which is said as well.
    const onWarning = (message: string): void => {
      if (!/times too wide/u.test(message)) said.push(message);
    };
    const trained = await train(npe(twins, { members: 1 }), {
      ...quick,
      simulations: 4000,
      epochs: 30,
      learningRate: 3e-3,
      onWarning,
    });
    said.length = 0;
    const loaded = await load(await trained.toBytes(), { onWarning });
    if (loaded.kind !== "posterior") throw new Error("npe answers with posteriors");
    for (const estimator of [trained, loaded]) {
      await estimator.given({ x: [2.5, -2.5] });
      expect(said).toEqual([
        expect.stringMatching(
          /^the data, each of which alone was met in training, have a summary unlike .* number \d+ of \d+ is -?[\d.]+, where simulations ran from/,
        ),
      ]);
      said.length = 0;
    }
    const { data } = await simulate(twins, { simulations: 500, seed: "others", workers: 0 });
    await loaded.givenBatch(data, { samples: 1 });
    // The range of 3,600 with half its length to either side is left by hardly one in ten thousand.
    expect(said).toEqual([]);
    await trained.release();
    await loaded.release();
  });

  it.each([
    ["nbe", nbe(twins, { interval: 0.9 })],
    ["rankPosterior", rankPosterior(twins)],
  ] as const)("and so for %s, whose networks answer in one go", async (_, own) => {
    const said: string[] = [];
    const onWarning = (message: string): number => said.push(message);
    const trained = await train<typeof twins, "point" | "rank">(own, {
      ...quick,
      simulations: 4000,
      epochs: 30,
      learningRate: 3e-3,
      onWarning,
    });
    const { data } = await simulate(twins, { simulations: 500, seed: "others", workers: 0 });
    said.length = 0;
    const loaded = await load(await trained.toBytes(), { onWarning });
    const ask = async (asked: DataInput): Promise<unknown> => {
      if (loaded.kind === "point") return loaded.intervalBatch(0.9, asked);
      if (loaded.kind === "rank") return loaded.ranksBatch(asked);
      throw new Error("they answer with points and ranks");
    };
    await ask({ x: [2.5, -2.5] });
    expect(said).toEqual([
      expect.stringMatching(
        /^the data, each of which alone was met in training, have a summary unlike/,
      ),
    ]);
    expect((await loaded.typicality({ x: [2.5, -2.5] }))?.[0]).toBeLessThan(0.01);
    said.length = 0;
    await ask(data);
    expect(said).toEqual([]);
    await trained.release();
    await loaded.release();
  });
});
