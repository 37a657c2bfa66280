/** Where simulations come from: what was drawn from another prior is not learned from unawares, nor scored on what was learned from. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  defineModel,
  load,
  nbe,
  normal,
  npe,
  nre,
  openDataSet,
  saveDataSet,
  simulate,
  syntheticLikelihood,
  train,
  uniform,
  type SimulatedData,
} from "../../src/index.js";
import { sharedSimulations, simulationSource } from "../../src/extend.js";
import { pair } from "../simulation/models.js";
import { temporaryFolder } from "./quick.js";

const inFolder = temporaryFolder();

const shiftTo = (mean: number) =>
  defineModel({
    name: "shift",
    parameters: { theta: normal(mean, 1) },
    data: { z: [] },
    simulate: ({ theta }, random) => ({ z: theta + random.normal() }),
  });
const model = shiftTo(4);
const quick = { seed: 5, workers: 0, threads: 1, batch: 32, epochs: 1 } as const;

function listen(): { readonly warnings: string[]; readonly onWarning: (text: string) => void } {
  const warnings: string[] = [];
  return { warnings, onWarning: (text) => void warnings.push(text) };
}

describe("simulations under another prior", () => {
  const OTHER =
    /train: data was simulated under another prior: theta was drawn from {"name":"normal","mean":0,"sd":1}, but the model has {"name":"normal","mean":4,"sd":1}/;

  test.each([npe, nbe, nre, syntheticLikelihood])("are refused", async (method) => {
    const data = await simulate(shiftTo(0), { simulations: 100, seed: 1 });
    await expect(train(method(model), { ...quick, data })).rejects.toThrow(OTHER);
    const own = await simulate(model, { simulations: 100, seed: 1 });
    await expect(train(method(model), { ...quick, data: own, validation: data })).rejects.toThrow(
      /train: validation was simulated under another prior/,
    );
  });

  test("are taken by those who know what they do, with a word on what the answer is", async () => {
    const data = await simulate(shiftTo(0), { simulations: 100, seed: 1 });
    const { warnings, onWarning } = listen();
    const options = { ...quick, data, allowOtherPrior: true, onWarning };
    const [posterior, ratio] = [await train(npe(model), options), await train(nre(model), options)];
    expect(warnings[0]).toMatch(/: the answer is under the prior of the simulations/);
    expect(warnings[1]).toMatch(/: the answer is under the prior of the model/);
    expect(posterior.details.training.origin?.priors).toEqual({
      theta: { name: "normal", mean: 0, sd: 1 },
    });
    await Promise.all([posterior.release(), ratio.release()]);
  });

  test("are known on disk as well, and in files of version 1", async () => {
    const folder = inFolder("other-prior");
    await saveDataSet(
      folder,
      shiftTo(0),
      await simulate(shiftTo(0), { simulations: 100, seed: 1 }),
    );
    const data = await (await openDataSet(folder)).read();
    expect(data.origin?.seed).toEqual({ kind: "number", value: "1" });
    await expect(train(npe(model), { ...quick, data })).rejects.toThrow(OTHER);
    const old = fileURLToPath(new URL("../fixtures/data-set-v1", import.meta.url));
    const { origin } = await (await openDataSet(old)).read();
    expect(origin).toEqual((await simulate(pair, { simulations: 2, seed: 9 })).origin);
  });

  test("are not those with another link", async () => {
    const field = (link: "logit" | "probit") =>
      defineModel({
        name: "field",
        parameters: { range: uniform(0, 1, { link }) },
        data: { z: [] },
        simulate: ({ range }, random) => ({ z: range + random.normal() }),
      });
    const data = await simulate(field("logit"), { simulations: 100, seed: 1 });
    const { warnings, onWarning } = listen();
    await (await train(npe(field("probit")), { ...quick, data, onWarning })).release();
    expect(warnings).toEqual([]);
  });
});

describe("simulations at parameters that were given", () => {
  async function atGiven(): Promise<SimulatedData> {
    const parameters = Float64Array.from({ length: 100 }, (_, i) => i / 25);
    return simulate(model, { parameters, seed: 1 });
  }

  test.each([npe, nbe])("are refused where the prior is learned with them", async (method) => {
    await expect(train(method(model), { ...quick, data: await atGiven() })).rejects.toThrow(
      /data was simulated at parameters that were given, and are no draws of the prior, which for theta is/,
    );
  });

  test.each([nre, syntheticLikelihood])(
    "are good for a likelihood, which is noted",
    async (method) => {
      const { warnings, onWarning } = listen();
      const fitted = await train(method(model), { ...quick, data: await atGiven(), onWarning });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/that were given.*: the answer is under the prior of the model/);
      await fitted.release();
    },
  );

  test("are known on disk as well", async () => {
    const folder = inFolder("given");
    const data = await atGiven();
    await saveDataSet(folder, model, data);
    const stored = await openDataSet(folder);
    expect(await stored.read()).toEqual(data);
    for await (const { origin } of stored.shards()) expect(origin?.priors).toBe("given");
  });
});

describe("simulations that were trained on", () => {
  test("are known by the estimator, also from its file", async () => {
    const fitted = await train(npe(model), { ...quick, simulations: 100 });
    const { details } = await load(await fitted.toBytes());
    const shared = async (simulations: number, seed: number, firstIndex = 0) =>
      sharedSimulations(
        details.training.origin,
        await simulate(model, { simulations, seed, firstIndex }),
      );
    expect(await shared(120, 5)).toBe(100);
    expect(await shared(120, 5, 90)).toBe(10);
    expect(await shared(120, 5, 100)).toBe(0);
    expect(await shared(120, 6)).toBe(0);
    const { origin, ...unknown } = await simulate(model, { simulations: 9, seed: 5 });
    expect(origin?.model).toBe("shift");
    expect(sharedSimulations(details.training.origin, unknown)).toBe(0);
    await fitted.release();
  });

  test("are all of those made on the fly", async () => {
    const options = { ...quick, onTheFly: true, simulations: 640 } as const;
    const fitted = await train(npe(model), options);
    const { origin } = fitted.details.training;
    expect(origin).toMatchObject({ seed: { kind: "number", value: "5" }, first: 0 });
    // Half of those that come first, for validation and the standardisation, and 640 more.
    expect(origin?.end).toBeGreaterThanOrEqual(640 + 2 * 64);
    const source = simulationSource(model, { seed: 5, chunkSize: 10, workers: 0 });
    expect(sharedSimulations(origin, (await source.next()).value)).toBe(10);
    await Promise.all([source.close(), fitted.release()]);
  });

  test("are no validation", async () => {
    const [data, same, other] = await Promise.all([
      simulate(model, { simulations: 100, seed: 1 }),
      simulate(model, { simulations: 50, seed: 1, firstIndex: 80 }),
      simulate(model, { simulations: 50, seed: 2 }),
    ]);
    const { warnings, onWarning } = listen();
    const fitted = await train(npe(model), { ...quick, data, validation: same, onWarning });
    expect(warnings).toEqual([
      expect.stringMatching(/20 of the 50 simulations of validation are among those .* \(seed 1\)/),
    ]);
    await (await train(npe(model), { ...quick, data, validation: other, onWarning })).release();
    expect(warnings).toHaveLength(1);
    await fitted.release();
  });
});

describe("simulations that were left out", () => {
  const failing = defineModel({
    name: "failing",
    parameters: { theta: uniform(0, 1) },
    data: { z: [] },
    simulate: ({ theta }, random) => ({ z: random.uniform() < theta / 4 ? Number.NaN : theta }),
  });

  test.each([
    [npe, "learns from the others: its answers are those given that the data are valid"],
    [nre, "p(valid | parameters) beside"],
    [syntheticLikelihood, "p(valid | parameters) beside"],
  ] as const)("are spoken of at any share, by method", async (method, words) => {
    const { warnings, onWarning } = listen();
    await (await train(method(failing), { ...quick, simulations: 100, onWarning })).release();
    const of = warnings.filter((text) => text.includes("were invalid and are left out"));
    expect(of).toEqual([expect.stringContaining(words)]);
  });
});
