/**
 * A worker: takes jobs of the queue, simulates in threads or programs, and writes shards to their data set before it says that they are done; or makes a piece of work, and
 * writes its file.
 *
 * This thread simulates nothing. A job that held it longer than its lock would lose its result (BullMQ 5, with one worker as well): while others simulate, it
 * renews the lock. A job that is taken from a worker that died finds the shard there, or simulates it again with the same bits.
 */
import {
  folderOf,
  openShared,
  requireKnown,
  type AnyModel,
  type FolderAddress,
  type FilledShards,
  type KnownOptions,
  type SharedDataSet,
} from "amortis/extend";
import { Worker, type Job } from "bullmq";
import { connect } from "./connection.js";
import { parsePiece, PIECE, type Piece } from "./piece.js";
import { QueueError } from "./queue-error.js";
import { doneKey, parseJob, QUEUE, runName, type Run, type ShardJob } from "./job.js";

/** How a worker works. */
export interface WorkerOptions {
  /** Finds the model of a run. Its code runs: whoever may write to the queue decides which, so refuse what is not trusted. */
  readonly findModel: (run: Run) => Promise<AnyModel>;
  /** Opens a directory that is no path, such as s3://BUCKET/PREFIX; by default it is one. */
  readonly openFolder?: (directory: string) => FolderAddress | Promise<FolderAddress>;
  /**
   * Makes a piece of work, such as a trained network: the bytes of its file. It must leave this thread its turns, so that the lock is renewed; where it does not, another worker makes the same
   * again. Without it, such jobs fail here.
   */
  readonly make?: (piece: Piece) => Promise<Uint8Array>;
  /** Threads that simulate, or processes of a program; by default as many as the machine has threads. */
  readonly workers?: number;
  /** Seconds that a shard may take, after which it has failed; 3,600 by default. */
  readonly shardLimit?: number;
  /** Milliseconds after which a worker that is not heard of counts as dead; 30,000 by default. */
  readonly lockDuration?: number;
  /** Hears of each shard that is done. */
  readonly onShard?: (done: DoneShard) => void;
  /** Hears of each try that failed, and of what. */
  readonly onFailure?: (what: string, error: Error) => void;
  /** Hears of each piece of work that is done. */
  readonly onPiece?: (piece: Piece, seconds: number) => void;
}

const KNOWN: KnownOptions<WorkerOptions> = {
  findModel: true,
  openFolder: true,
  make: true,
  workers: true,
  shardLimit: true,
  lockDuration: true,
  onShard: true,
  onFailure: true,
  onPiece: true,
};

/** A shard that a worker did. */
export interface DoneShard extends ShardJob {
  readonly simulations: number;
  readonly invalid: number;
  readonly seconds: number;
}

/** A worker under way. */
export interface RunningWorker {
  /** Ends it after the shard at hand. */
  close(): Promise<void>;
}

/** Times that a shard may take its worker with it, before it is set aside. */
const DEATHS = 10;

/**
 * Starts a worker.
 *
 * @throws QueueError where the server cannot be reached.
 * @example
 * const worker = await startWorker("redis://localhost", { findModel: async () => field });
 */
export async function startWorker(url: string, options: WorkerOptions): Promise<RunningWorker> {
  requireKnown("startWorker", options, KNOWN);
  const redis = await connect(url);
  const { lockDuration = 30_000, onFailure } = options;
  const open = new OpenRun(options);
  const worker = new Worker(
    QUEUE,
    async (job: Job) => {
      const started = performance.now();
      if (job.name === PIECE) {
        const piece = parsePiece(job.data);
        await makePiece(piece, options);
        options.onPiece?.(piece, (performance.now() - started) / 1000);
        return undefined;
      }
      const task = parseJob(job.data);
      const made = await open.simulate(task);
      await redis.setbit(doneKey(runName(task.run)), task.shard, 1);
      const seconds = (performance.now() - started) / 1000;
      options.onShard?.({ ...task, ...made, seconds });
      return made;
    },
    {
      connection: redis,
      lockDuration,
      stalledInterval: lockDuration,
      maxStalledCount: DEATHS,
      // What failed for good stays, to be listed.
      removeOnComplete: { count: 0 },
    },
  );
  worker.on("failed", (job, error) => {
    onFailure?.(inWords(job), error);
  });
  // A server that is away for a while is no end: the connection is made again.
  worker.on("error", () => {});
  await worker.waitUntilReady();
  return {
    close: async () => {
      await worker.close();
      await open.close();
      redis.disconnect();
    },
  };
}

/** What a job is of, whatever it holds. */
function inWords(job: Job | undefined): string {
  const data: object = Object(job?.data);
  const title: unknown = Reflect.get(data, "title");
  if (typeof title === "string") return title;
  const shard: unknown = Reflect.get(data, "shard");
  return typeof shard === "number" ? `shard ${shard}` : "a job of another version";
}

/** Makes a piece of work, unless it is there. */
async function makePiece(piece: Piece, { make, openFolder }: WorkerOptions): Promise<void> {
  if (make === undefined) throw new QueueError("this worker simulates alone, and trains nothing");
  const folder = folderOf((await openFolder?.(piece.directory)) ?? piece.directory);
  if ((await folder.read(piece.file)) !== undefined) return;
  // Of two that make the same, the first counts: the bits are the same.
  await folder.create(piece.file, await make(piece));
}

/** The run that is worked on: its threads or programs stay from one shard to the next. */
class OpenRun {
  readonly #options: WorkerOptions;
  #name: string | undefined;
  #shared: SharedDataSet | undefined;
  #stop = new AbortController();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Fills a shard. Where that fails, nothing is kept of what may be to blame: another try starts afresh. */
  async simulate({ run, shard }: ShardJob): Promise<FilledShards> {
    const { shardLimit = 3_600 } = this.#options;
    const timer = setTimeout(() => {
      this.#stop.abort(new QueueError(`the shard took longer than ${shardLimit} s`));
    }, 1_000 * shardLimit);
    try {
      const name = runName(run);
      if (name !== this.#name) {
        await this.close();
        this.#shared = await this.#open(run);
        this.#name = name;
      }
      return (await this.#shared?.simulate([shard])) ?? { simulations: 0, invalid: 0 };
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(run: Run): Promise<SharedDataSet> {
    const { simulations, seed, shardSize, directory } = run;
    const { workers, findModel, openFolder } = this.#options;
    const model = await findModel(run);
    return openShared(model, (await openFolder?.(directory)) ?? directory, {
      simulations,
      seed,
      shardSize,
      signal: this.#stop.signal,
      ...(workers !== undefined && { workers: Math.max(1, workers) }),
    });
  }

  async close(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    this.#name = undefined;
    this.#stop = new AbortController();
    await shared?.close();
  }
}
