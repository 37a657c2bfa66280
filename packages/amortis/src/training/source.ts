/**
 * Where training examples come from: a fixed data set gone through again and again, or simulations made on the fly.
 */
import type { HostTensor } from "@amortis/graph";
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { simulationSource, type InvalidPolicy, type SimulatedData } from "../simulation/index.js";
import { InvalidTally, type InvalidRecord } from "../simulation/invalid-tally.js";
import type { StopSignal } from "../stop-signal.js";
import type { TrainSettings } from "../settings/training.js";
import { defaultEpochs } from "./options.js";
import { ValidityRecord } from "./validity-record.js";

/** A stretch of an epoch: arrays, and the rows of each minibatch in them. */
export interface ExampleBlock {
  readonly data: Readonly<Record<string, HostTensor>>;
  /** Steps × batch row numbers. */
  readonly indices: Uint32Array;
}

/** Gives the blocks of an epoch, which depend on the seed and the epoch alone. */
export interface ExampleSource {
  readonly epochs: number;
  /** At most; simulations on the fly may give fewer. */
  readonly stepsPerEpoch: number;
  epoch(epoch: number): AsyncIterable<ExampleBlock>;
  /** An account of the simulations met so far, also by earlier runs; undefined where none are made. */
  readonly invalid?: InvalidTally;
  /** Which of the simulations made on the fly were valid. */
  readonly validity?: ValidityRecord;
  /** Simulations on the fly have numbers below this one, of those begun with on. */
  readonly end?: number;
  close(): Promise<void>;
}

/** Arrays to train on, by name. */
export type Examples = Readonly<Record<string, HostTensor>>;

/**
 * Goes through a data set in a fresh random order each epoch. A last batch that would be short is left to the next epoch's order:
 * every row has the same chance of being in it.
 *
 * @param again the examples of epochs after the first, of the same number, where they are made anew for each; undefined where training is to end.
 * @throws InvalidArgumentError where the data do not fill one batch.
 */
export function fixedSource(
  examples: Examples,
  { batch, epochs }: Pick<TrainSettings, "batch" | "epochs">,
  random: Stream,
  again?: (epoch: number) => Promise<Examples | undefined>,
): ExampleSource {
  const rows = Object.values(examples)[0]?.shape[0] ?? 0;
  requireOneBatch(rows, batch);
  const stepsPerEpoch = Math.floor(rows / batch);
  return {
    epochs: epochs ?? defaultEpochs(stepsPerEpoch),
    stepsPerEpoch,
    async *epoch(epoch) {
      const order = random.split("order").split(epoch).permutation(rows);
      const data = epoch > 0 && again !== undefined ? await again(epoch) : examples;
      if (data === undefined) return;
      yield { data, indices: order.subarray(0, stepsPerEpoch * batch) };
    },
    close: () => Promise.resolve(),
  };
}

/** @throws InvalidArgumentError where a training set does not fill one batch. */
export function requireOneBatch(rows: number, batch: number): void {
  if (rows >= batch) return;
  throw new InvalidArgumentError(
    `train: the training set has ${rows} examples, fewer than one batch of ${batch}: simulate more, or make the batch smaller`,
  );
}

/** Epochs on the fly, where none are given: each ends with a validation. */
const EPOCHS = 20;

/** Simulations in a chunk, about. */
const CHUNK = 4096;

/** How simulations on the fly are cut into epochs, and epochs into chunks. */
export interface OnTheFlyPlan {
  readonly epochs: number;
  readonly chunksPerEpoch: number;
  readonly stepsPerChunk: number;
  /** Simulations of a chunk: a few more than its steps take, where some will be invalid. */
  readonly chunkSize: number;
}

/**
 * Cuts simulations into whole epochs of whole chunks.
 *
 * @param validShare share of simulations that is valid, as far as is known.
 * @throws InvalidArgumentError where there are fewer batches than epochs.
 */
export function planOnTheFly(
  { simulations, batch, epochs }: Pick<TrainSettings, "simulations" | "batch" | "epochs">,
  validShare: number,
): OnTheFlyPlan {
  const steps = Math.floor(simulations / batch);
  if (steps < (epochs ?? 1)) {
    throw new InvalidArgumentError(
      `train: ${simulations} simulations on the fly fill ${steps} batches of ${batch}, but ${epochs ?? 1} are needed, one for each epoch: simulate more, or make the batch smaller`,
    );
  }
  const count = epochs ?? Math.min(EPOCHS, steps);
  const stepsPerEpoch = Math.floor(steps / count);
  const chunksPerEpoch = Math.ceil(stepsPerEpoch / Math.ceil(CHUNK / batch));
  const stepsPerChunk = Math.floor(stepsPerEpoch / chunksPerEpoch);
  const rows = stepsPerChunk * batch;
  // Three standard deviations of the number of valid ones, so that few chunks fall short.
  const margin = 3 * Math.sqrt(rows * (1 - validShare));
  const chunkSize = Math.ceil((rows + margin) / validShare);
  return { epochs: count, chunksPerEpoch, stepsPerChunk, chunkSize };
}

/** What simulations on the fly need. */
export interface OnTheFlyOptions extends InvalidPolicy {
  readonly model: AnyModel;
  readonly seed: number;
  readonly batch: number;
  readonly plan: OnTheFlyPlan;
  readonly firstIndex: number;
  readonly workers?: number;
  /** Account of the simulations that runs before this one met. */
  readonly before?: InvalidRecord | undefined;
  readonly prepare: (data: SimulatedData) => Promise<Examples>;
  readonly signal?: StopSignal;
}

/**
 * Simulates in workers while the network trains; every example is seen once. Epoch e has the same simulations whether training
 * came there in one go or was resumed.
 */
export function onTheFlySource(options: OnTheFlyOptions): ExampleSource {
  const { model, seed, batch, plan, firstIndex, workers, before, prepare, signal } = options;
  const { onInvalid, onWarning } = options;
  const { epochs, chunksPerEpoch, stepsPerChunk, chunkSize } = plan;
  let source: ReturnType<typeof simulationSource> | undefined;
  const invalid = new InvalidTally(model.parameterNames);
  const validity = new ValidityRecord(model);
  if (before !== undefined) invalid.addRecord(before);

  function open(epoch: number): ReturnType<typeof simulationSource> {
    return simulationSource(model, {
      seed,
      chunkSize,
      firstIndex: firstIndex + epoch * chunksPerEpoch * chunkSize,
      ...(workers !== undefined && { workers }),
      ...(signal && { signal }),
      ...(onInvalid !== undefined && { onInvalid }),
      ...(onWarning !== undefined && { onWarning }),
    });
  }

  return {
    epochs,
    stepsPerEpoch: chunksPerEpoch * stepsPerChunk,
    async *epoch(epoch) {
      source ??= open(epoch);
      for (let chunk = 0; chunk < chunksPerEpoch; chunk++) {
        const next = await source.next().catch((error: unknown) => {
          // An interruption ends the epoch; what was learned so far is kept.
          if (signal?.aborted) return { done: true as const, value: undefined };
          throw error;
        });
        if (next.done === true) return;
        const { value } = next;
        invalid.add(value);
        validity.add(value);
        const rows = batch * Math.min(stepsPerChunk, Math.floor(value.size / batch));
        if (rows === 0) continue;
        const data = await prepare(value);
        yield { data, indices: Uint32Array.from({ length: rows }, (_, i) => i) };
      }
    },
    invalid,
    validity,
    end: firstIndex + epochs * chunksPerEpoch * chunkSize,
    close: async () => {
      await source?.close();
    },
  };
}
