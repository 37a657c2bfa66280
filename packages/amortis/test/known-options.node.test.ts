/**
 * Options that nothing reads: each is one letter off, or meant for something else.
 */
import { expect, it } from "vitest";
import {
  custom,
  defineModel,
  load,
  modelPosterior,
  normal,
  npe,
  readSimulations,
  simulate,
  simulateToDirectory,
  splineCoupling,
  train,
} from "../src/index.js";
import { checkModel, diagnose, slicedWasserstein } from "../src/diagnostics/index.js";
import { readData } from "../src/files/index.js";
import { simulationSource } from "../src/simulation/index.js";
import { quick } from "./training/quick.js";

const model = defineModel({
  name: "m",
  parameters: { theta: normal(0, 1) },
  data: { y: [1] },
  simulate: ({ theta }, random) => ({ y: [theta + random.normal()] }),
  logLikelihood: ({ theta }, { y }) => -0.5 * ((y[0] ?? NaN) - theta) ** 2,
});

/** Options as JavaScript gives them, of which no type is known. */
const loose = (options: Readonly<Record<string, unknown>>): Record<string, never> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as plain JavaScript
  options as Record<string, never>;

it("options that nothing reads are errors, wherever options are taken", async () => {
  const refused = (name: string): RegExp => new RegExp(`no option "${name}"`, "u");
  await expect(train(npe(model), loose({ epoch: 3 }))).rejects.toThrow(refused("epoch"));
  await expect(
    simulate(model, { ...loose({ simulation: 3 }), seed: 1, simulations: 4 }),
  ).rejects.toThrow(refused("simulation"));
  await expect(modelPosterior(model, { y: [1] }, loose({ draws: 3 }))).rejects.toThrow(
    refused("draws"),
  );
  expect(() => splineCoupling(loose({ layer: 3 }))).toThrow(/layer/u);
  expect(() => npe(model, loose({ densty: 3 }))).toThrow(/densty/u);
  expect(() => normal(0, 1, loose({ lnk: "identity" }))).toThrow(/no option but "link".*lnk/u);
  expect(() => custom({ sample: () => 0, logDensity: () => 0, ...loose({ lower: 0 }) })).toThrow(
    refused("lower"),
  );
  expect(() =>
    defineModel({
      name: "m",
      parameters: { theta: normal(0, 1) },
      data: { y: [1] },
      simulate: () => ({ y: [0] }),
      ...loose({ loglikelihood: () => 0 }),
    }),
  ).toThrow(/"loglikelihood", which nothing reads/u);
});

it("another prior is no option of what learned the posterior", async () => {
  const fitted = await train(npe(model), { ...quick, simulations: 200, epochs: 1 });
  const prior = { theta: normal(0, 2) };
  await expect(fitted.given({ y: [1] }, loose({ prior }))).rejects.toThrow(/no option "prior"/u);
  await expect(load(await fitted.toBytes(), loose({ modle: model }))).rejects.toThrow(
    /no option "modle"/u,
  );
  await fitted.release();
});

it("options of files, folders and diagnostics are strict as well", async () => {
  const refused = (name: string): RegExp => new RegExp(`no option "${name}"`, "u");
  const seeded = { simulations: 10, seed: 1 };
  await expect(
    simulateToDirectory(model, "nowhere", { ...seeded, ...loose({ worker: 0 }) }),
  ).rejects.toThrow(refused("worker"));
  expect(() => simulationSource(model, { seed: 1, ...loose({ chunk: 8 }) })).toThrow(
    refused("chunk"),
  );
  await expect(readSimulations(model, "none.npz", loose({ theta: "x" }))).rejects.toThrow(
    refused("theta"),
  );
  await expect(readData("none.csv", loose({ header: true }))).rejects.toThrow(refused("header"));
  await expect(checkModel(model, loose({ simulation: 3 }))).rejects.toThrow(refused("simulation"));
  const rows = Float32Array.of(0, 1, 2);
  expect(() => slicedWasserstein(rows, rows, 1, loose({ direction: 3 }))).toThrow(
    refused("direction"),
  );
  const fitted = await train(npe(model), { ...quick, simulations: 200, epochs: 1 });
  await expect(diagnose(fitted, model, loose({ sample: 30 }))).rejects.toThrow(refused("sample"));
  const posterior = await fitted.given({ y: [1] });
  await expect(posterior.conditional({}, loose({ point: 3 }))).rejects.toThrow(refused("point"));
  // A density of parameters of which one is unknown, or no number.
  const asked = { theta: 1, ...loose({ sigma: 2 }) };
  await expect(posterior.logDensity(asked)).rejects.toThrow(/no parameter "sigma".* are theta/u);
  await expect(posterior.logDensity({ theta: Number.NaN })).rejects.toThrow(/is NaN/u);
  await expect(posterior.logDensity({ theta: 1, ...loose({ theta: 1n }) })).rejects.toThrow(
    /parameter "theta"/u,
  );
  await expect(train(npe(model), { ...quick, threads: 1e9 })).rejects.toThrow(
    /threads must be a whole number from 0 to 1024, but is 1000000000/u,
  );
  await fitted.release();
});
