/**
 * Checkpoints: training kept in a file, so that it goes on after a stop as if nothing had happened.
 */
import { fs } from "#platform";
import { z } from "zod";
import type { TrainingState } from "@amortis/graph";
import { readBytes, writeBytes } from "../files/bytes.js";
import { FileError, readContainer, writeContainer } from "../files/container.js";
import { recordSchema, type HistoryRecord } from "../estimators/contents.js";
import type { InvalidRecord } from "../simulation/invalid-tally.js";
import type { Standardization } from "../data/standardization.js";
import { standardizationSchema } from "../data/standardization-schema.js";

const FORMAT = "amortis-checkpoint";
const VERSION = 1;

/** Training after some epochs. */
export interface TrainingSnapshot {
  /** What is trained, and how: a checkpoint of something else is refused. */
  readonly fingerprint: string;
  readonly state: TrainingState;
  readonly best: { readonly weights: Float32Array; readonly loss: number; readonly epoch: number };
  readonly epoch: number;
  readonly history: readonly HistoryRecord[];
  readonly standardization: Standardization;
  readonly seconds: number;
  /** Account of the simulations made on the fly, up to the end of the epoch. */
  readonly simulated?: InvalidRecord;
}

const range = z.tuple([z.number(), z.number()]).nullable();

const schema = z.object({
  fingerprint: z.string(),
  step: z.int(),
  slots: z.int(),
  // JSON has no infinity: null is the loss before any validation.
  bestLoss: z.number().nullable(),
  bestEpoch: z.int(),
  epoch: z.int(),
  seconds: z.number(),
  history: z.array(recordSchema),
  standardization: standardizationSchema,
  simulated: z
    .object({
      total: z.int(),
      invalid: z.int(),
      reasons: z.record(z.string(), z.int()),
      example: z
        .object({
          index: z.int(),
          parameters: z.array(z.number().nullable()),
          reason: z.string(),
        })
        .exactOptional(),
      ranges: z.array(z.object({ invalid: range, valid: range })),
    })
    .optional(),
});

const toBytes = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer);
const fromBytes = (bytes: Uint8Array | undefined): Float32Array =>
  new Float32Array(bytes?.slice().buffer ?? new ArrayBuffer(0));

/** Writes a checkpoint, whole or not at all. */
export async function saveCheckpoint(path: string, snapshot: TrainingSnapshot): Promise<void> {
  const { state, best, fingerprint, epoch, history, standardization, seconds, simulated } =
    snapshot;
  const parts: Record<string, Uint8Array> = {
    weights: toBytes(state.weights),
    best: toBytes(best.weights),
  };
  for (const [i, slot] of state.slots.entries()) parts[`slot${i}`] = toBytes(slot);
  const content = {
    fingerprint,
    step: state.step,
    slots: state.slots.length,
    bestLoss: Number.isFinite(best.loss) ? best.loss : null,
    bestEpoch: best.epoch,
    epoch,
    seconds,
    history,
    standardization,
    ...(simulated && { simulated }),
  };
  await writeBytes(path, await writeContainer(FORMAT, VERSION, { content, parts }));
}

async function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Reads a checkpoint, or nothing where there is none yet.
 *
 * @param earlier the fingerprint that earlier versions gave the same training.
 * @throws FileError where it is damaged, or of other training than `fingerprint`.
 */
export async function loadCheckpoint(
  path: string,
  fingerprint: string,
  earlier?: string,
): Promise<TrainingSnapshot | undefined> {
  if (!(await exists(path))) return undefined;
  const { content, parts } = await readContainer(await readBytes(path), FORMAT, VERSION, path);
  const parsed = schema.safeParse(content);
  if (!parsed.success)
    throw new FileError(`${path} is damaged: its contents are not a checkpoint's`);
  const { data } = parsed;
  if (data.fingerprint !== fingerprint && data.fingerprint !== earlier) {
    throw new FileError(
      `${path} is a checkpoint of other training (another model, prior, method, settings or data): remove it to start afresh, or give another file`,
    );
  }
  return {
    fingerprint,
    state: {
      step: data.step,
      weights: fromBytes(parts["weights"]),
      slots: Array.from({ length: data.slots }, (_, i) => fromBytes(parts[`slot${i}`])),
    },
    best: {
      weights: fromBytes(parts["best"]),
      loss: data.bestLoss ?? Infinity,
      epoch: data.bestEpoch,
    },
    epoch: data.epoch,
    history: data.history,
    standardization: data.standardization,
    seconds: data.seconds,
    ...(data.simulated && { simulated: data.simulated }),
  };
}

/** A short name for what is trained and how. */
export async function fingerprintOf(description: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(description));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest).subarray(0, 16), (b) =>
    b.toString(16).padStart(2, "0"),
  ).join("");
}
