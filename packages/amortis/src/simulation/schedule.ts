/**
 * Which chunk next: large enough that handing it out costs little, small enough to stop, report and share out evenly.
 */
import type { StopSignal } from "../stop-signal.js";
import type { Chunk, ChunkRequest, ChunkRunner } from "./chunk.js";

/** A stretch of simulations that a chunk does not cross. */
export interface Segment {
  readonly first: number;
  readonly count: number;
}

/** How chunks are cut. */
export interface ScheduleOptions {
  /** Simulations a chunk; by default as many as take about 0.1 s. */
  readonly chunkSize?: number | undefined;
  readonly signal?: StopSignal | undefined;
  /** θ of simulation i, where it is given. */
  readonly parametersOf?: ((segment: Segment) => Float64Array<ArrayBuffer>) | undefined;
}

/** Seconds that a chunk should take. */
const CHUNK_SECONDS = 0.1;
/** Simulations of the first chunks, while the speed is not known. */
const FIRST_CHUNK = 8;
/** Chunks waiting at a runner for each that it runs, so that it never idles. */
const QUEUED = 2;

/**
 * Runs all simulations of the segments, and yields chunks as they are finished, in whatever order.
 *
 * @throws whatever the runner throws; the signal's reason where it is aborted.
 */
export async function* schedule(
  runner: ChunkRunner,
  segments: Iterable<Segment>,
  { chunkSize, signal, parametersOf }: ScheduleOptions,
): AsyncGenerator<Chunk> {
  const running = new Map<Segment, Promise<{ readonly chunk: Chunk; readonly of: Segment }>>();
  let size = chunkSize ?? FIRST_CHUNK;
  const requests = cut(segments, () => size);
  const start = (of: Segment): void => {
    const request: ChunkRequest = {
      ...of,
      ...(parametersOf !== undefined && { parameters: parametersOf(of) }),
    };
    const result = runner.run(request).then((chunk) => ({ chunk, of }));
    // It is awaited below; until then, and where another fails first, its failure must not count as unheard.
    result.catch(() => {});
    running.set(of, result);
  };
  const undo = closeOnAbort(runner, signal);
  try {
    const limit = runner.parallel === 1 ? 1 : runner.parallel * QUEUED;
    for (;;) {
      signal?.throwIfAborted();
      while (running.size < limit) {
        const { value, done } = requests.next();
        if (done === true) break;
        start(value);
      }
      if (running.size === 0) return;
      const { chunk, of } = await Promise.race(running.values());
      running.delete(of);
      if (chunkSize === undefined) size = suited(chunk, size);
      yield chunk;
    }
  } catch (error) {
    // Chunks fail because their runner was closed: the reason is the signal's.
    signal?.throwIfAborted();
    throw error;
  } finally {
    undo();
  }
}

/** The size that suits the speed just seen; it at most quadruples, since the first simulations are slow for other reasons. */
function suited({ count, seconds }: Chunk, size: number): number {
  const wanted = Math.round((CHUNK_SECONDS * count) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(wanted, 4 * size));
}

function* cut(segments: Iterable<Segment>, size: () => number): Generator<Segment, undefined> {
  for (const { first, count } of segments) {
    let done = 0;
    while (done < count) {
      const next = Math.min(size(), count - done);
      yield { first: first + done, count: next };
      done += next;
    }
  }
}

/**
 * Closes a runner once a signal is aborted, which makes the chunks it runs fail.
 *
 * A promise of the signal, raced against every chunk, would remember them all.
 *
 * @returns a function that undoes it.
 */
export function closeOnAbort(runner: ChunkRunner, signal: StopSignal | undefined): () => void {
  const close = (): void => {
    runner.close().catch(() => {});
  };
  if (signal?.aborted === true) close();
  signal?.addEventListener("abort", close, { once: true });
  return () => {
    signal?.removeEventListener("abort", close);
  };
}
