/**
 * Training examples from disk: shards in a fresh random order each epoch, a buffer of them at a time, whose simulations are shuffled.
 *
 * While the network learns from one buffer, the next is read. So two are held, whatever there is on disk. Simulations are independent of their numbers, so that
 * shuffling within a few shards is as good as shuffling all.
 */
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import type { TrainSettings } from "../settings/training.js";
import { defaultEpochs } from "./options.js";
import { requireOneBatch, type ExampleBlock, type Examples, type ExampleSource } from "./source.js";
import { readShards, takeSimulations, type StoredTraining } from "./stored.js";

/** Simulations of a buffer, and the rows of its minibatches. */
interface Buffered {
  readonly block: ExampleBlock;
  /** Rows that no minibatch has: too few for one. */
  readonly rest: SimulatedData;
}

/**
 * Goes through simulations on disk. What an epoch has, and in which order, follows from the seed and the epoch alone. A last batch that would be short is left
 * out.
 *
 * @param prepare makes examples of simulations.
 * @throws InvalidArgumentError where there are too few for one batch.
 */
export function storedSource(
  model: AnyModel,
  training: StoredTraining,
  { batch, epochs }: Pick<TrainSettings, "batch" | "epochs">,
  random: Stream,
  prepare: (simulated: SimulatedData, epoch: number) => Promise<Examples>,
): ExampleSource {
  const { stored, shards, size, buffered } = training;
  requireOneBatch(size, batch);
  const stepsPerEpoch = Math.floor(size / batch);
  const count = Math.ceil(shards / buffered);

  async function fill(epoch: number, k: number, before: SimulatedData[]): Promise<Buffered> {
    const own = random.split("order").split(epoch);
    const order = own.split("shards").permutation(shards);
    const numbers = Array.from(order.subarray(k * buffered, (k + 1) * buffered));
    const simulated = await readShards(model, stored, numbers, before);
    const rows = own.split("rows").split(k).permutation(simulated.size);
    const full = Math.floor(simulated.size / batch) * batch;
    return {
      block: { data: await prepare(simulated, epoch), indices: rows.subarray(0, full) },
      rest: takeSimulations(model, simulated, rows.subarray(full)),
    };
  }

  return {
    epochs: epochs ?? defaultEpochs(stepsPerEpoch),
    stepsPerEpoch,
    async *epoch(epoch) {
      let next: Promise<Buffered> | undefined = fill(epoch, 0, []);
      for (let k = 0; next !== undefined; k++) {
        const { block, rest }: Buffered = await next;
        next = k + 1 < count ? fill(epoch, k + 1, [rest]) : undefined;
        // It is awaited in its turn; a failure before that must not count as unheard.
        next?.catch(() => {});
        if (block.indices.length > 0) yield block;
      }
    },
    close: () => Promise.resolve(),
  };
}
