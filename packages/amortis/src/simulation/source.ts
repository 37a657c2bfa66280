/**
 * Simulations on the fly: workers stay a few chunks ahead of whoever takes them.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { availableParallelism } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import type { DataSpec } from "../data/array-spec.js";
import type { AnyModel, Model, ParameterSpec } from "../model/index.js";
import { anySignal, type StopSignal } from "../stop-signal.js";
import { dataOf, type Chunk } from "./chunk.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import { originOf } from "./origin.js";
import { canUseWorkers, createRunner } from "./runner.js";
import { closeOnAbort } from "./schedule.js";
import { requireChunkSize, requireFirstIndex } from "./simulate.js";
import type { SimulatedData } from "./simulated-data.js";
import { refuseInWorker } from "./worker-flag.js";

/** How to simulate on the fly. */
export interface SourceOptions extends InvalidPolicy {
  readonly seed: number | bigint | string;
  /** Worker threads; 0 is this thread. By default all of the machine's but one, which is left to whoever takes the chunks. */
  readonly workers?: number;
  /** Simulations a chunk, 1,024 by default. Invalid ones leave a chunk with fewer rows. */
  readonly chunkSize?: number;
  /** Chunks in the making or waiting, at most; by default one more than there are workers. */
  readonly ahead?: number;
  /** Number of the first simulation. */
  readonly firstIndex?: number;
  /** Stops it: `next` rejects with the signal's reason. */
  readonly signal?: StopSignal;
}

const KNOWN: KnownOptions<SourceOptions> = {
  seed: true,
  workers: true,
  chunkSize: true,
  ahead: true,
  firstIndex: true,
  signal: true,
  onInvalid: true,
  onWarning: true,
};

/** Chunks of simulations without end, in the order of their numbers. */
export interface SimulationSource<D = DataSpec> extends AsyncIterableIterator<SimulatedData<D>> {
  /** Ends the workers. Nothing comes afterwards; closing twice is harmless. */
  close(): Promise<void>;
}

/**
 * Simulates chunk after chunk, ahead of whoever takes them, and in a bounded number.
 *
 * Chunk k has the simulations firstIndex + k chunkSize and on, whatever the number of workers: the same as `simulate` gives.
 *
 * @throws InvalidArgumentError for options out of their range; `next` rejects with a SimulationError where all of a chunk's
 *   simulations are invalid, or any with `onInvalid: "fatal"`.
 * @example
 * const source = simulationSource(field, { seed: 1, chunkSize: 4_096 });
 * for await (const { parameters, data } of source) if (enough(data)) break;   // leaving the loop closes it
 */
export function simulationSource<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  options: SourceOptions,
): SimulationSource<D> {
  refuseInWorker("simulates");
  requireKnown("simulationSource", options, KNOWN);
  const { chunkSize = 1_024, firstIndex = 0, ahead = 1 } = options;
  requireChunkSize(chunkSize);
  requireFirstIndex(firstIndex);
  if (!Number.isInteger(ahead) || ahead < 1) {
    throw new InvalidArgumentError(`ahead must be a whole number from 1 on, but is ${ahead}`);
  }
  const closing = new AbortController();
  const chunks = produce(model, { ...options, chunkSize, firstIndex }, closing.signal);
  const source: SimulationSource = {
    next: () => chunks.next(),
    return: () => chunks.return(undefined),
    [Symbol.asyncIterator]: () => source,
    close: async () => {
      closing.abort();
      await chunks.return(undefined);
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the arrays are named by the model's own data shapes
  return source as SimulationSource<D>;
}

async function* produce(
  model: AnyModel,
  options: SourceOptions & { readonly chunkSize: number; readonly firstIndex: number },
  closed: StopSignal,
): AsyncGenerator<SimulatedData, undefined> {
  const { seed, chunkSize: count, signal, onInvalid, onWarning } = options;
  const workers = options.workers ?? (canUseWorkers(model) ? sparedThreads() : 0);
  const runner = await createRunner(model, seed, workers, closed);
  // In this thread, running ahead would only take time from whoever waits for the chunk.
  const ahead = workers === 0 ? 1 : (options.ahead ?? workers + 1);
  const undo = closeOnAbort(runner, signal ? anySignal(signal, closed) : closed);
  const queue: Promise<Chunk>[] = [];
  let warned = false;
  const policy: InvalidPolicy = {
    ...(onInvalid !== undefined && { onInvalid }),
    // Chunk after chunk would say the same.
    onWarning: (message) => {
      if (!warned) (onWarning ?? console.warn)(message);
      warned = true;
    },
  };
  const origin = originOf(model, seed, false);
  let first = options.firstIndex;
  const fill = (): void => {
    while (queue.length < ahead) {
      const chunk = runner.run({ first, count });
      // It is awaited in its turn; a failure before that must not count as unheard.
      chunk.catch(() => {});
      queue.push(chunk);
      first += count;
    }
  };
  try {
    for (;;) {
      signal?.throwIfAborted();
      fill();
      const [next] = queue.splice(0, 1);
      if (next === undefined) return;
      const chunk = await next;
      if (workers > 0) fill();
      const data = { ...dataOf(model, chunk), origin };
      judgeInvalid(new InvalidTally(model.parameterNames).add(data), policy);
      yield data;
    }
  } catch (error) {
    if (closed.aborted) return;
    // Chunks fail because their runner was closed: the reason is the signal's.
    signal?.throwIfAborted();
    throw error;
  } finally {
    undo();
    await runner.close();
  }
}

/** All threads of the machine but one. */
function sparedThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}
