/**
 * Trains in a worker of its own, and tells the page of each epoch: loss, calibration and a posterior held out.
 */
import { npe, simulate, splineCoupling, stream, train, type AnyModel } from "amortis";
import { fractionalRanks } from "amortis/diagnostics";
import type { Estimator } from "amortis/extend";
import { serve, tell } from "../protocol/rpc.js";
import { modelOfCode } from "../worker/models.js";
import type { TrainerCalls, TrainingNews } from "./types.js";

/** Simulations held out, by which calibration is judged as it goes, and draws of each. */
const [HELD_OUT, DRAWS, SHOWN] = [100, 99, 500];

let stopping = new AbortController();
self.addEventListener("message", ({ data }: MessageEvent<{ readonly stop?: true }>) => {
  if (data.stop === true) stopping.abort(new Error("stopped"));
});

serve<TrainerCalls>({
  train: async ({ javascript, simulations, epochs, seed }) => {
    stopping = new AbortController();
    const model = await modelOfCode(javascript);
    const watch = await watcher(model, seed);
    const trained = await train(npe(model, { density: splineCoupling({ layers: 4 }) }), {
      simulations,
      epochs,
      seed,
      onProgress: (report) => {
        tell({ kind: "progress", report } satisfies TrainingNews);
      },
      onSnapshot: watch,
      signal: stopping.signal,
    });
    return trained.toBytes();
  },
});

/** What an estimator says of simulations that nothing is learned from. */
async function watcher(model: AnyModel, seed: number) {
  const { size, ...held } = await simulate(model, {
    simulations: HELD_OUT,
    seed: `held out ${seed}`,
  });
  const p = model.parameterSize;
  const names = model.parameterNames;
  const truth = [...held.parameters.subarray(0, p)];
  return async (estimator: Estimator, epoch: number): Promise<void> => {
    if (estimator.kind !== "posterior") throw new TypeError("npe answers with posteriors");
    const posteriors = await estimator.givenBatch({ ...held.data }, { samples: DRAWS });
    const ranks = new Float64Array(size * p);
    for (const k of names.keys()) {
      const draws = new Float64Array(size * DRAWS);
      for (let i = 0; i < size; i++) draws.set(posteriors.marginal(k, i), i * DRAWS);
      const own = held.parameters.filter((_, i) => i % p === k);
      for (const [i, rank] of fractionalRanks(draws, own, stream("ranks").split(k)).entries()) {
        ranks[i * p + k] = rank;
      }
    }
    const shown = await posteriors.at(0).sample(SHOWN, 1);
    const last = estimator.history.at(-1);
    tell({
      kind: "epoch",
      epoch,
      trainingLoss: last?.trainingLoss ?? Number.NaN,
      validationLoss: last?.validationLoss ?? Number.NaN,
      ranks,
      draws: Float64Array.from(shown.data),
      names,
      truth,
    } satisfies TrainingNews);
  };
}
