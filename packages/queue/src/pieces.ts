/**
 * Asking workers for pieces of work: trainings.
 */
import { setTimeout } from "node:timers/promises";
import {
  folderOf,
  requireKnown,
  type FolderAddress,
  type KnownOptions,
  type StopSignal,
} from "amortis/extend";
import type { Job, Queue } from "bullmq";
import { connect, openQueue } from "./connection.js";
import { parsePiece, PIECE, pieceName, type Piece } from "./piece.js";
import { QueueError } from "./queue-error.js";

/** How pieces of work are asked for. */
export interface PiecesOptions {
  /** Times that one is tried before it is given up; 3 by default. A worker that dies counts for none, up to ten times. */
  readonly attempts?: number;
  /** Milliseconds before the second try, twice as many before each other; 1,000 by default. */
  readonly backOff?: number;
  /** Opens a directory that is no path, such as s3://BUCKET/PREFIX; by default it is one. */
  readonly openFolder?: (directory: string) => FolderAddress | Promise<FolderAddress>;
}

const KNOWN: KnownOptions<PiecesOptions> = { attempts: true, backOff: true, openFolder: true };

/** Asks workers. */
export interface Pieces {
  /**
   * The file of a piece of work: as it is, where it is there, and else as a worker makes it.
   *
   * @throws QueueError where it failed each time; the signal's reason, where it comes.
   */
  ask(piece: Piece, signal?: StopSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Milliseconds between looks. */
const LOOK = 250;

/**
 * Opens a queue to ask for pieces of work.
 *
 * @throws QueueError where the server cannot be reached.
 * @example
 * const pieces = await openPieces("redis://localhost");
 * const bytes = await pieces.ask({ title: "network 1", task, directory: "/shared/networks", file: "a1-0" });
 */
export async function openPieces(url: string, options: PiecesOptions = {}): Promise<Pieces> {
  requireKnown("openPieces", options, KNOWN);
  const redis = await connect(url);
  const queue = openQueue(redis);
  const { openFolder } = options;
  return {
    ask: async (piece, signal) => {
      const folder = folderOf((await openFolder?.(piece.directory)) ?? piece.directory);
      const job = pieceName(parsePiece(piece));
      // What failed before has another try.
      const before = await queue.getJob(job);
      if (before !== undefined && (await before.isFailed())) await before.remove();
      try {
        for (;;) {
          signal?.throwIfAborted();
          const bytes = await folder.read(piece.file);
          if (bytes !== undefined) return bytes;
          await askOnce(queue, job, piece, options);
          await setTimeout(LOOK);
        }
      } catch (error) {
        if (signal?.aborted === true) await callOff(queue, job);
        throw error;
      }
    },
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
}

/** Asks, where nobody has: also where the server lost what it was told. @throws QueueError where it failed each time. */
async function askOnce(
  queue: Queue,
  name: string,
  piece: Piece,
  { attempts = 3, backOff = 1_000 }: PiecesOptions,
): Promise<void> {
  const job = await queue.getJob(name);
  if (job === undefined) {
    await queue.add(PIECE, piece, {
      jobId: name,
      attempts,
      backoff: { type: "exponential", delay: backOff },
      removeOnComplete: true,
    });
    return;
  }
  if (await job.isFailed()) {
    // As it is now: it may have had its last try since it was read.
    const { attemptsMade, failedReason } = (await queue.getJob(name)) ?? job;
    throw new QueueError(
      `${piece.title} failed each time, ${attemptsMade} time(s): ${failedReason}; asked again, it has another try`,
    );
  }
}

/** Takes away what nobody has begun. */
async function callOff(queue: Queue, name: string): Promise<void> {
  // A worker that is at it goes on: what it makes is there the next time.
  await queue.remove(name).catch(() => {});
}

/** Pieces of work that a queue has, by how they stand. */
export interface PiecesStatus {
  readonly waiting: readonly string[];
  readonly underWay: readonly string[];
  readonly failed: readonly { readonly title: string; readonly reason: string }[];
}

/**
 * The pieces of work that a queue is asked for.
 *
 * @throws QueueError where the server cannot be reached.
 */
export async function piecesStatus(url: string): Promise<PiecesStatus> {
  const redis = await connect(url);
  const queue = openQueue(redis);
  try {
    const [waiting, underWay, failed] = await Promise.all([
      queue.getJobs(["waiting", "delayed", "prioritized"]),
      queue.getJobs(["active"]),
      queue.getJobs(["failed"]),
    ]);
    return {
      waiting: waiting.flatMap(titleOf),
      underWay: underWay.flatMap(titleOf),
      failed: failed.flatMap((job) =>
        titleOf(job).map((title) => ({ title, reason: job.failedReason })),
      ),
    };
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

/** What a job is of; nothing, where it is none of these. */
function titleOf(job: Pick<Job, "name" | "data">): readonly string[] {
  if (job.name !== PIECE) return [];
  try {
    return [parsePiece(job.data).title];
  } catch {
    return [];
  }
}
