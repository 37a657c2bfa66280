/**
 * Data unlike anything that was simulated are said to be (see "feature constant in training" among the cases).
 */
import { describe, expect, it } from "vitest";
import {
  defineModel,
  load,
  normal,
  npe,
  rawSummary,
  gaussian,
  simulate,
  train,
} from "../../src/index.js";

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
