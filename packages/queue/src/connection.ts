/**
 * The server of a queue: Redis or Valkey.
 */
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { QUEUE } from "./job.js";
import { QueueError } from "./queue-error.js";

/** Milliseconds to wait for a server before it is said that there is none. */
const PATIENCE = 5_000;

/**
 * Connects. A connection that breaks later is made again, for as long as it takes.
 *
 * @param url such as redis://user:password@host:6379/0, or rediss:// for TLS.
 * @throws QueueError where it is no such URL, or no server answers.
 */
export async function connect(url: string): Promise<Redis> {
  if (!/^rediss?:\/\//u.test(url)) {
    throw new QueueError(
      `a queue is named by the URL of its server, such as redis://localhost:6379, but ${JSON.stringify(url)} was given`,
    );
  }
  const redis = new Redis(url, {
    // What is asked while a server is away is asked when it is back.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 2_000),
    connectTimeout: PATIENCE,
    lazyConnect: true,
  });
  let problem = "it does not answer";
  redis.on("error", (error: Error) => {
    problem = error.message || error.name;
  });
  const timer = AbortSignal.timeout(PATIENCE);
  try {
    await Promise.race([
      redis.connect(),
      new Promise<never>((_, reject) => {
        timer.addEventListener("abort", () => {
          reject(new Error(problem));
        });
      }),
    ]);
    return redis;
  } catch (cause) {
    redis.disconnect();
    const { host } = new URL(url);
    throw new QueueError(`cannot reach the queue at ${host}: ${problem}`, { cause });
  }
}

/** The queue of a server. */
export function openQueue(redis: Redis): Queue {
  const queue = new Queue(QUEUE, { connection: redis });
  // A server that is away for a while is no end: what was asked is asked again when it is back.
  queue.on("error", () => {});
  return queue;
}
