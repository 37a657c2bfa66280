/**
 * Simulations and trainings on many machines: a queue in Redis or Valkey, a job for each shard, network and trial.
 */
export type { Program, Run } from "./job.js";
export type { Piece } from "./piece.js";
export {
  openPieces,
  piecesStatus,
  type Pieces,
  type PiecesOptions,
  type PiecesStatus,
} from "./pieces.js";
export { QueueError } from "./queue-error.js";
export {
  queueSimulations,
  type AskedRun,
  type QueueOptions,
  type QueueProgress,
} from "./simulate.js";
export { queueStatus, type PoisonedShard, type RunStatus } from "./status.js";
export { startWorker, type DoneShard, type RunningWorker, type WorkerOptions } from "./worker.js";
