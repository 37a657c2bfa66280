/** How training ends, and how it goes on after a stop. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { HostTensor, Runtime } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineModel,
  gaussian,
  load,
  normal,
  npe,
  rawSummary,
  simulate,
  train,
  UnsavedError,
  type TrainingReport,
} from "../../src/index.js";
import { readBytes, writeBytes } from "../../src/files/index.js";
import { readContainer, writeContainer } from "../../src/files/container.js";
import { fingerprintOf } from "../../src/training/checkpoint.js";
import { resolveSettings } from "../../src/training/options.js";
import { conjugate, method, quick, temporaryFolder } from "./quick.js";
import { stopAfter } from "./stop-after.js";

const inFolder = temporaryFolder();

/** A runtime that spoils losses: of validations, or of training from some call on. */
function spoiling(
  which: "validation" | "training",
  spoil: (losses: Float32Array) => void,
): Runtime {
  const runtime = nodeRuntime();
  return {
    ...runtime,
    createSession: async (model, options) => {
      const session = await runtime.createSession(model, options);
      return {
        run: async (feeds) => {
          const results: Record<string, HostTensor> = await session.run(feeds);
          const { losses, norms } = results;
          const kind = norms === undefined ? "validation" : "training";
          if (losses?.data instanceof Float32Array && kind === which) spoil(losses.data);
          return results;
        },
        release: () => session.release(),
      };
    },
  };
}

describe("an interruption within an epoch", () => {
  // 512 batches: each of the two epochs has two chunks.
  const fly = { ...quick, onTheFly: true, simulations: 16_384, epochs: 2 } as const;

  test("on the fly leaves no part of an epoch in the checkpoint", async () => {
    const checkpoint = inFolder("part.checkpoint");
    const stop = new AbortController();
    let stopped = 0;
    const part = await train(method, {
      ...fly,
      checkpoint,
      signal: stop.signal,
      onProgress: ({ phase, epoch, step, steps }) => {
        // After the first chunk of the second epoch, while the second is awaited.
        if (phase !== "training" || epoch !== 1 || step !== (3 * steps) / 4) return;
        stopped = step;
        stop.abort();
      },
    });
    expect(stopped).toBe(384);
    expect(part.details.training.endedBy).toBe("interrupted");
    expect(part.history.map(({ step }) => step)).toEqual([256, 384]);
    const resumed = await train(method, { ...fly, checkpoint });
    const whole = await train(method, fly);
    expect(resumed.history.map(({ step }) => step)).toEqual([256, 512]);
    expect(resumed.contents.weights).toEqual(whole.contents.weights);
    expect(whole.details.training.endedBy).toBe("complete");
  });
});

describe("training that stopped early", () => {
  const settings = {
    ...quick,
    simulations: 400,
    epochs: 60,
    learningRate: 0.1,
    schedule: "constant",
    warmUp: 0,
    patience: 3,
  } as const;

  test("is over when it is asked for again, and has taken its time", async () => {
    const checkpoint = inFolder("patience.checkpoint");
    const reports: TrainingReport[] = [];
    const first = await train(method, {
      ...settings,
      checkpoint,
      onProgress: (report) => reports.push(report),
    });
    expect(first.details.training.endedBy).toBe("patience");
    expect(reports.at(-1)).toMatchObject({ phase: "done", endedBy: "patience" });
    const again = await train(method, { ...settings, checkpoint });
    expect(again.history).toEqual(first.history);
    expect(again.contents.weights).toEqual(first.contents.weights);
    const epochs = first.history.reduce((total, { seconds }) => total + seconds, 0);
    expect(again.details.training.seconds).toBeGreaterThan(epochs);
    expect((await load(await again.toBytes())).details.training.endedBy).toBe("patience");
  });
});

describe("losses that are no numbers", () => {
  // What starts from the trend of this model has nothing to learn: no epoch is better than the start.
  const plain = npe(conjugate, { summary: rawSummary(), density: gaussian(), trend: "none" });

  test("in every validation are an error, and say of how many examples", async () => {
    const runtime = spoiling("validation", (losses) => losses.fill(Infinity, 3, 10));
    const failed = train(method, { ...quick, simulations: 400, epochs: 2, runtime });
    await expect(failed).rejects.toThrow(
      /no weights to keep: the validation loss is not finite after any of 2 epoch\(s\) \(in the last, that of 7 of 40 validation examples\)/,
    );
    await expect(failed).rejects.toMatchObject({ code: "training" });
  });

  test("are no best, where they are less than all others", async () => {
    let validations = 0;
    const runtime = spoiling("validation", (losses) => {
      if (++validations > 1) losses.fill(-Infinity, 0, 1);
    });
    // Without a trend to start from, the first validation is that of the first epoch.
    const fitted = await train(plain, { ...quick, simulations: 400, epochs: 3, runtime });
    expect(fitted.details.training.bestEpoch).toBe(1);
    expect(fitted.details.training.bestValidationLoss).toBe(fitted.history[0]?.validationLoss);
  });

  test("after an epoch end training, which says so", async () => {
    let stretches = 0;
    const runtime = spoiling("training", (losses) => {
      // The first epoch, of 11 steps, takes two.
      if (++stretches > 4) losses.fill(Number.NaN);
    });
    const fitted = await train(plain, { ...quick, simulations: 400, epochs: 60, runtime });
    expect(fitted.details.training.endedBy).toBe("diverged");
    expect(fitted.history.length).toBeGreaterThan(0);
    expect(fitted.history.length).toBeLessThan(60);
  });
});

describe("a checkpoint", () => {
  const checked = { ...quick, epochs: 3 } as const;
  /** As all methods were trained then. */
  const { learningRate, averaging, weightDecay, patience } = resolveSettings({});
  const GENERAL = { learningRate, averaging, weightDecay, patience };

  test("is not gone on from with other data, or other priors", async () => {
    const checkpoint = inFolder("other.checkpoint");
    const data = await simulate(conjugate, { simulations: 200, seed: 1, workers: 0 });
    await train(method, { ...checked, data, checkpoint, ...stopAfter(1) });
    const y = data.data.y.with(0, 7);
    await expect(
      train(method, { ...checked, data: { ...data, data: { y } }, checkpoint }),
    ).rejects.toThrow("is a checkpoint of other training");
    const wider = defineModel({ ...conjugate, parameters: { theta: normal(0, 2) } });
    const other = npe(wider, { summary: rawSummary(), density: gaussian() });
    await expect(
      train(other, { ...checked, data, checkpoint, allowOtherPrior: true }),
    ).rejects.toThrow("is a checkpoint of other training");
    expect((await train(method, { ...checked, data, checkpoint })).history).toHaveLength(3);
  });

  test("of the first version, whose fingerprint knew of neither, is gone on from", async () => {
    const checkpoint = inFolder("first.checkpoint");
    const data = await simulate(conjugate, { simulations: 200, seed: 1, workers: 0 });
    const general = { ...checked, data, ...GENERAL };
    const stopped = await train(method, { ...general, checkpoint, ...stopAfter(1) });
    const { content, parts } = await readContainer(
      await readBytes(checkpoint),
      "amortis-checkpoint",
      1,
      checkpoint,
    );
    const settings = resolveSettings({ ...checked, data });
    const parameters = Array.from(data.parameters.subarray(0, 16));
    const fingerprint = await fingerprintOf([
      method.description,
      "conjugate",
      settings,
      180,
      parameters,
    ]);
    const older = { ...z.looseObject({}).parse(content), fingerprint };
    await writeBytes(
      checkpoint,
      await writeContainer("amortis-checkpoint", 1, { content: older, parts }),
    );
    const resumed = await train(method, { ...checked, data, checkpoint });
    expect(resumed.history[0]).toEqual(stopped.history[0]);
    const whole = await train(method, general);
    expect(resumed.contents.weights).toEqual(whole.contents.weights);
  });
});

describe("what took long to make", () => {
  test("is kept among the temporary files where it cannot be saved in its place", async () => {
    const fitted = await train(method, { ...quick, simulations: 100, epochs: 1 });
    const file = inFolder("a-file");
    await writeBytes(file, new Uint8Array(3));
    const failure: unknown = await fitted
      .save(`${file}/x.amortis`)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnsavedError);
    const [, kept = ""] = /cannot write .*x\.amortis: .*; it is kept in (.*x\.amortis): move/.exec(
      String(failure),
    ) ?? [""];
    const loaded = await load(kept);
    expect(loaded.details).toEqual(fitted.details);
    await Promise.all([loaded.release(), fitted.release(), rm(dirname(kept), { recursive: true })]);
  });

  test("is trained to its end where its checkpoint cannot be written", async () => {
    const file = inFolder("no-folder");
    await writeBytes(file, new Uint8Array(3));
    const warnings: string[] = [];
    const fitted = await train(method, {
      ...quick,
      simulations: 100,
      epochs: 2,
      checkpoint: `${file}/x.checkpoint`,
      onWarning: (text) => warnings.push(text),
    });
    expect(fitted.history).toHaveLength(2);
    expect(warnings).toEqual(
      Array(2).fill(expect.stringMatching(/its checkpoint is not kept: cannot write/)),
    );
    await fitted.release();
  });
});
