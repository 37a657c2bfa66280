/**
 * Simulations on many machines: a queue in Redis or Valkey, a job for each shard.
 */
export type { Program, Run } from "./job.js";
export { QueueError } from "./queue-error.js";
export {
  queueSimulations,
  type AskedRun,
  type QueueOptions,
  type QueueProgress,
} from "./simulate.js";
export { queueStatus, type PoisonedShard, type RunStatus } from "./status.js";
export { startWorker, type DoneShard, type RunningWorker, type WorkerOptions } from "./worker.js";
