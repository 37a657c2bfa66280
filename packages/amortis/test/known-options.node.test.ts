/**
 * Options that nothing reads: each is one letter off, or meant for something else.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  custom,
  defineModel,
  discreteUniform,
  gaussian,
  load,
  mlp,
  modelPosterior,
  nbe,
  nle,
  normal,
  npe,
  readSimulations,
  simulate,
  simulateToDirectory,
  splineCoupling,
  train,
  tune,
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

it("options that a model or another option leaves without anything to say are errors", async () => {
  const unread = (names: string, beside: string): RegExp =>
    new RegExp(`${names} would be read by nothing beside ${beside}`, "u");
  const counted = defineModel({
    name: "counted",
    parameters: { theta: discreteUniform(0, 3) },
    data: { y: [1] },
    simulate: ({ theta }, random) => ({ y: [theta + random.normal()] }),
  });
  expect(() => npe(counted, { mmd: 1 })).toThrow(unread("mmd", "parameters that are discrete"));
  expect(() => npe(counted, { trend: "linear" })).toThrow(unread("trend", "parameters that are"));
  expect(npe(counted, { trend: "none" }).name).toBe("npe");
  const network = mlp({ hidden: [8] });
  expect(() => nle(model, { network })).toThrow(unread("network", "data of continuous numbers"));
  const discrete = { y: "counts" } as const;
  expect(() => nle(model, { discrete, density: gaussian() })).toThrow(
    unread("density", "data of discrete numbers"),
  );
  expect(() => nle(model, { replicates: true, trend: "linear" })).toThrow(
    unread("trend", "replicates"),
  );
  const data = await simulate(model, { simulations: 64, seed: 1, workers: 0 });
  await expect(train(npe(model), { ...quick, data, onTheFly: true })).rejects.toThrow(
    unread("data", "onTheFly"),
  );
  const fly = { ...quick, simulations: 640, onTheFly: true, validation: 0.2 } as const;
  await expect(train(npe(model), fly)).rejects.toThrow(unread("validation", "onTheFly"));
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

/** Options of functions that only this library calls, or that are checked by the functions that users call. */
const WITHIN = new Set([
  "ArchiveOptions",
  "AttentionOptions",
  "AutoregressiveOptions",
  "ClassifyOptions",
  "CompositionOptions",
  "ConditionerOptions",
  "CouplingOptions",
  "FlowOptions",
  "GatherOptions",
  "LinkOptions",
  "OnTheFlyOptions",
  "OpenOptions",
  "PermutationOptions",
  "ProbabilityFlowOptions",
  "ProgramOptions",
  "ScheduleOptions",
  "SettingsOptions",
  "VariationalOptions",
]);

it("whatever takes options refuses those that it does not know", async () => {
  const root = new URL("../src/", import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(200);
  const loose: string[] = [];
  for (const file of files) {
    const source = await readFile(new URL(file.replaceAll("\\", "/"), root), "utf8");
    for (const [, name = ""] of source.matchAll(/export interface (\w+Options)\b/gu)) {
      const isChecked = new RegExp(`KnownOptions<(Omit<)?${name}\\b`, "u").test(source);
      if (!isChecked && !WITHIN.has(name)) loose.push(`${file}: ${name}`);
    }
  }
  expect(loose).toEqual([]);
});

it("options that say nothing beside others are errors", async () => {
  const data = await simulate(model, { simulations: 200, seed: 1, workers: 0 });
  const unread = (names: string, beside: string): RegExp =>
    new RegExp(`: ${names} would be read by nothing beside ${beside}`, "u");
  await expect(train(npe(model), { data, simulations: 100 })).rejects.toThrow(
    unread("simulations", "data"),
  );
  await expect(train(npe(model), { simulations: 100, allowOtherPrior: true })).rejects.toThrow(
    /allowOtherPrior is of simulations made before/u,
  );
  await expect(tune(model, { data, simulations: 100, trials: 1 })).rejects.toThrow(
    unread("simulations", "data"),
  );
  expect(() => nbe(model, { modeWidth: 0.2 })).toThrow(unread("modeWidth", 'the loss "squared"'));
  const fitted = await train(npe(model), { ...quick, simulations: 200, epochs: 1 });
  for (const option of [{ simulations: 100 }, { seed: 3 }, { workers: 0 }]) {
    await expect(diagnose(fitted, model, { data, ...option })).rejects.toThrow(
      unread(Object.keys(option).join(), "data"),
    );
  }
  await fitted.release();
  for (const method of ["mcmc", "importance"] as const) {
    await expect(modelPosterior(model, { y: [1] }, { method, points: 100 })).rejects.toThrow(
      /points are the cells of a grid/u,
    );
  }
});

it("a folder's invalid simulations are fatal where that is said", async () => {
  const failing = defineModel({
    name: "failing",
    parameters: { theta: normal(0, 1) },
    data: { y: [1] },
    simulate: ({ theta }) => ({ y: [theta > 0 ? Number.NaN : theta] }),
  });
  const folder = await mkdtemp(join(tmpdir(), "amortis-fatal-"));
  try {
    await simulateToDirectory(failing, folder, {
      simulations: 50,
      seed: 1,
      workers: 0,
      onWarning: () => {},
    });
    expect((await readSimulations(failing, folder)).size).toBeLessThan(50);
    await expect(readSimulations(failing, folder, { onInvalid: "fatal" })).rejects.toThrow(
      /of 50 simulations/u,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
