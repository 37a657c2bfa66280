/** The search: what it finds, on what it says so, and how it is stopped and gone on with. */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import {
  defineModel,
  loadPosterior,
  simulate,
  train,
  tune,
  uniform,
  type TrialRecord,
  type TuneOptions,
} from "../../src/index.js";
import { methodOf, readConfiguration, tuneInWords } from "../../src/extend.js";
import { difference, expectedLogDensity } from "../../src/diagnostics/index.js";
import { sliceData } from "../../src/training/examples.js";
import { FULL } from "../../src/tuning/racing.js";
import { splitSimulations } from "../../src/tuning/split.js";
import { runTrial } from "../../src/tuning/trial.js";
import { temporaryFolder } from "../training/quick.js";

const inFolder = temporaryFolder();

/** A size with either sign: a Gaussian of the data given the size has mean 0 for all sizes, and says little of them; a ratio says what there is to say. */
const model = defineModel({
  name: "signs",
  parameters: { theta: uniform(1, 3) },
  data: { x: [1] },
  simulate: ({ theta }, random) => ({
    x: [(random.uniform() < 0.5 ? -1 : 1) * theta + 0.1 * random.normal()],
  }),
});
const data = await simulate(model, { simulations: 600, seed: 3, workers: 0 });

const settings = {
  data,
  trials: 6,
  seed: 1,
  threads: 1,
  configuration: { method: "synthetic-likelihood", training: { epochs: 60 } },
  methods: ["nre"],
} satisfies TuneOptions;

/** What does not depend on the clock. */
const timeless = (trials: readonly TrialRecord[]): readonly TrialRecord[] =>
  trials.map((trial) => ({ ...trial, seconds: 0 }));

describe("a search", () => {
  let tuned: Awaited<ReturnType<typeof search>>;
  const search = () => tune(model, { ...settings, folder: inFolder("whole") });
  beforeAll(async () => {
    tuned = await search();
  });

  test("finds the method that is obviously better", () => {
    const { report } = tuned;
    expect(report.configuration["method"]).toBe("nre");
    // The exact posterior has an sd of 0.1, 1.3 nats from a Gaussian of the data.
    expect(report.gain.value).toBeGreaterThan(0.5);
    expect(report.gain.value).toBeGreaterThan(4 * report.gain.standardError);
    expect(report.trials).toHaveLength(6);
    expect(report.trials[0]).toMatchObject({ contestant: 0, rung: 2 });
    expect(tuneInWords(report)[0]).toMatch(/^chosen: nre/);
  });

  test("says its gain on simulations that nothing was chosen by", async () => {
    const { report } = tuned;
    const test = sliceData(model, data, 540, 600);
    expect(report.simulations).toEqual({ training: 480, selection: 60, test: 60 });
    const usual = await loadPosterior(inFolder("whole/contestant-0.amortis"), { model });
    const best = await loadPosterior(inFolder("whole/best.amortis"), { model });
    const again = difference(
      await expectedLogDensity(best, test),
      await expectedLogDensity(usual, test),
    );
    expect(report.gain).toEqual(again);
    expect(best.details.training).toMatchObject({ simulations: 480, origin: { end: 480 } });
    await Promise.all([usual.release(), best.release()]);
    // With other simulations in their place everything is the same but the gain.
    const other = await simulate(model, { simulations: 60, seed: 99, workers: 0 });
    const parameters = data.parameters.slice();
    parameters.set(other.parameters, 540);
    const x = data.data.x.slice();
    x.set(other.data.x, 540);
    const changed = await tune(model, { ...settings, data: { ...data, parameters, data: { x } } });
    expect(timeless(changed.report.trials)).toEqual(timeless(report.trials));
    expect(changed.report.chosen).toBe(report.chosen);
    expect(changed.report.selectionGain).toEqual(report.selectionGain);
    expect(changed.report.gain.value).not.toBe(report.gain.value);
    await changed.estimator.release();
  });

  test("writes settings that train takes", async () => {
    const { report, estimator } = tuned;
    const json: unknown = JSON.parse(await readFile(inFolder("whole/settings.json"), "utf8"));
    expect(json).toEqual(report.configuration);
    const { training, ...configuration } = readConfiguration(json);
    const fitted = await train(await methodOf(configuration, model), {
      ...training,
      epochs: 1,
      data,
      threads: 1,
    });
    expect(fitted.details.method).toBe("nre");
    expect(JSON.parse(await readFile(inFolder("whole/report.json"), "utf8"))).toEqual(report);
    expect(estimator.details.method).toBe("nre");
    await Promise.all([fitted.release(), estimator.release()]);
  });

  test("is stopped, says what it has, and goes on to the same end", async () => {
    const { report } = tuned;
    const stop = new AbortController();
    const part = await tune(model, {
      ...settings,
      folder: inFolder("part"),
      signal: stop.signal,
      onProgress: ({ trials, training }) => {
        if (trials === 3 && training?.phase === "training") stop.abort();
      },
    });
    expect(part.report.endedBy).toBe("interrupted");
    expect(timeless(part.report.trials)).toEqual(timeless(report.trials.slice(0, 3)));
    expect(part.report).toMatchObject({ chosen: 0, gain: { value: 0 } });
    await part.estimator.release();
    const whole = await tune(model, { ...settings, folder: inFolder("part") });
    expect(timeless(whole.report.trials)).toEqual(timeless(report.trials));
    expect(whole.report.gain).toEqual(report.gain);
    await whole.estimator.release();
  });

  test("goes on with a larger budget, and refuses the folder of another", async () => {
    const [{ report }, folder] = [tuned, inFolder("whole")];
    const more = await tune(model, { ...settings, folder, trials: 7 });
    expect(timeless(more.report.trials.slice(0, 6))).toEqual(timeless(report.trials));
    await more.estimator.release();
    await expect(tune(model, { ...settings, folder, seed: 4 })).rejects.toThrow(
      /holds the search of another model, data, configuration or seed/,
    );
  });
});

test("a time that is over leaves the default, trained in whole", async () => {
  const { report, estimator } = await tune(model, {
    ...settings,
    trials: undefined,
    methods: [],
    minutes: 1e-9,
  });
  expect(report).toMatchObject({ chosen: 0, endedBy: "budget", gain: { value: 0 } });
  expect(report.trials).toHaveLength(1);
  expect(tuneInWords(report)[0]).toMatch(/^the default stays/);
  await estimator.release();
});

test("a stop before the default is trained leaves nothing", async () => {
  const stop = new AbortController();
  const stopped = tune(model, {
    ...settings,
    signal: stop.signal,
    onProgress: ({ training }) => {
      if (training?.phase === "training") stop.abort(new Error("enough"));
    },
  });
  await expect(stopped).rejects.toThrow("enough");
});

test("a contestant whose training fails is passed over, and says why; a default that fails is an error", async () => {
  const split = splitSimulations(model, data, { selection: 0.1, test: 0.1 });
  const context = { model, split, seed: 1, options: { ...settings, onWarning: () => {} } };
  const configuration = { density: "gaussian", training: { learningRate: 1e30, epochs: 9 } };
  const { record, estimator } = await runTrial(
    { contestant: 3, rung: 0 },
    configuration,
    context,
    {},
  );
  expect(record).toMatchObject({ contestant: 3, rung: 0, score: null, configuration });
  expect(record.failed).toMatch(/diverged|not finite|no density/);
  expect(estimator).toBeUndefined();
  const usual = runTrial({ contestant: 0, rung: FULL }, configuration, context, {});
  await expect(usual).rejects.toThrow(/diverged|not finite/);
});

test("bad input is refused before anything is simulated", async () => {
  const refused = async (options: TuneOptions, line: RegExp): Promise<void> => {
    await expect(tune(model, options)).rejects.toThrow(line);
  };
  await refused({}, /say how long it may take: minutes, or trials/);
  await refused({ minutes: 0 }, /minutes must be/);
  await refused({ trials: 1.5 }, /trials must be/);
  await refused({ trials: 2, selection: 1 }, /selection must be/);
  await refused({ trials: 2, methods: ["nbe"] }, /which nbe does not give.*npe, nre/);
  await refused({ trials: 2, methods: ["npee"] }, /method must be one of npe,.*"npee"/);
  await refused(
    { trials: 2, configuration: { densty: "gaussian" } },
    /there is no setting "densty"/,
  );
  await refused(
    { trials: 2, configuration: { training: { onTheFly: true } } },
    /has training.onTheFly, which is the search's own/,
  );
  await refused(
    { trials: 2, configuration: { transform: "model.ts#logs" } },
    /names the transform model.ts#logs, which only the command line finds/,
  );
  await refused(
    { trials: 2, simulations: 100 },
    /100 simulations leave 10 for selection, but 20 are needed/,
  );
  const loose: object = { trials: 2, minuts: 3 };
  await refused(loose, /tune has no option "minuts"/);
  const foreign = { ...data, data: {} };
  await refused({ trials: 2, data: foreign }, /lacks the array "x"/);
});
