/**
 * Where training examples come from: a fixed data set gone through again and again, or simulations made on the fly.
 */
import type { HostTensor } from "@amortis/graph";
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { simulationSource, type SimulatedData } from "../simulation/index.js";
import { prepareExamples } from "./examples.js";
import type { Standardization } from "./standardization.js";

/** A stretch of an epoch: arrays, and the rows of each minibatch in them. */
export interface ExampleBlock {
  readonly data: Readonly<Record<string, HostTensor>>;
  /** Steps × batch row numbers. */
  readonly indices: Uint32Array;
}

/** Gives the blocks of an epoch, in an order that depends on the seed alone. */
export interface ExampleSource {
  readonly stepsPerEpoch: number;
  epoch(epoch: number): AsyncIterable<ExampleBlock>;
  close(): Promise<void>;
}

/**
 * Goes through a data set in a fresh random order each epoch. A last batch that would be short is left to the next epoch's order:
 * every row has the same chance of being in it.
 *
 * @throws InvalidArgumentError where the data do not fill one batch.
 */
export function fixedSource(
  examples: Readonly<Record<string, HostTensor>>,
  batch: number,
  random: Stream,
): ExampleSource {
  const rows = Object.values(examples)[0]?.shape[0] ?? 0;
  const stepsPerEpoch = Math.floor(rows / batch);
  if (stepsPerEpoch < 1) {
    throw new InvalidArgumentError(
      `the training set has ${rows} examples, fewer than one batch of ${batch}: simulate more, or make the batch smaller`,
    );
  }
  return {
    stepsPerEpoch,
    async *epoch(epoch) {
      const order = random.split("order").split(epoch).permutation(rows);
      yield await Promise.resolve({
        data: examples,
        indices: order.subarray(0, stepsPerEpoch * batch),
      });
    },
    close: () => Promise.resolve(),
  };
}

/** What simulations on the fly need. */
export interface OnTheFlyOptions {
  readonly model: AnyModel;
  readonly seed: number;
  readonly batch: number;
  readonly stepsPerEpoch: number;
  readonly firstIndex: number;
  readonly workers?: number;
  readonly standardization: Standardization;
  readonly select: (
    examples: Readonly<Record<string, HostTensor>>,
  ) => Readonly<Record<string, HostTensor>>;
  readonly signal?: AbortSignal;
}

/** Simulates in workers while the network trains; every example is seen once. */
export function onTheFlySource(options: OnTheFlyOptions): ExampleSource {
  const { model, seed, batch, stepsPerEpoch, firstIndex, workers, standardization, select } =
    options;
  const chunkSize = batch * Math.max(1, Math.min(stepsPerEpoch, Math.ceil(4096 / batch)));
  const perEpoch = stepsPerEpoch * batch;
  let source: ReturnType<typeof simulationSource> | undefined;

  async function* chunksFrom(epoch: number): AsyncGenerator<SimulatedData> {
    // Resuming at a later epoch starts where its simulations do.
    source ??= simulationSource(model, {
      seed,
      chunkSize,
      firstIndex: firstIndex + epoch * perEpoch,
      ...(workers !== undefined && { workers }),
      ...(options.signal && { signal: options.signal }),
    });
    for (;;) {
      const { value, done } = await source.next();
      if (done === true) return;
      yield value;
    }
  }

  return {
    stepsPerEpoch,
    async *epoch(epoch) {
      let steps = 0;
      for await (const chunk of chunksFrom(epoch)) {
        const count = Math.min(Math.floor(chunk.size / batch), stepsPerEpoch - steps);
        const data = select(prepareExamples(model, chunk, standardization));
        yield { data, indices: Uint32Array.from({ length: count * batch }, (_, i) => i) };
        steps += count;
        if (steps >= stepsPerEpoch) return;
      }
    },
    close: async () => {
      await source?.close();
    },
  };
}
