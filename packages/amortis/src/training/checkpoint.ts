/**
 * Checkpoints: training kept in a file, so that it goes on after a stop as if nothing had happened.
 */
import { fs } from "#platform";
import type { TrainingState, Variable } from "@amortis/graph";
import { readBytes, writeBytes } from "../files/bytes.js";
import { FileError, readContainer, writeContainer } from "../files/container.js";
import { sizeOf } from "../data/shape.js";
import { endSchema, recordSchema, type HistoryRecord } from "../estimators/contents.js";
import { object, optional, record } from "../schema/objects.js";
import { reads } from "../schema/schema.js";
import { flag, list, number, orNull, pair, text, whole } from "../schema/values.js";
import type { InvalidRecord } from "../simulation/invalid-tally.js";
import type { Standardization } from "../data/standardization.js";
import type { EndedBy } from "../progress/report.js";
import { standardizationSchema } from "../data/standardization-schema.js";

const FORMAT = "amortis-checkpoint";
const VERSION = 1;

/** A network of an estimator with its best weights. */
export interface TrainedMember {
  readonly variables: readonly Pick<Variable, "name" | "shape" | "size" | "trainable">[];
  readonly weights: Float32Array;
  /** Of the best weights: the loss of each example held out. */
  readonly losses: Float32Array;
  readonly history: readonly HistoryRecord[];
  readonly bestEpoch: number;
  readonly bestLoss: number;
  readonly endedBy: EndedBy;
}

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
  /** Of an ensemble: the members before the one that is in training. */
  readonly finished?: readonly TrainedMember[];
  /** Account of the simulations made on the fly, up to the end of the epoch. */
  readonly simulated?: InvalidRecord;
}

const range = orNull(pair(number(), number()), null);

const count = whole({ least: 0 });

/** What is kept of a trained network beside its numbers. */
export const finishedSchema = object({
  variables: list(object({ name: text(), shape: list(count), trainable: flag })),
  history: list(recordSchema),
  bestEpoch: count,
  bestLoss: number(),
  endedBy: endSchema,
});

const simulatedSchema = object({
  total: count,
  invalid: count,
  reasons: record(count),
  example: optional(
    object({ index: count, parameters: list(orNull(number(), null)), reason: text() }),
  ),
  ranges: list(object({ invalid: range, valid: range })),
});

const schema = object({
  fingerprint: text(),
  step: count,
  // Adam has two.
  slots: whole({ least: 0, most: 16 }),
  // JSON has no infinity: null is the loss before any validation.
  bestLoss: orNull(number(), null),
  bestEpoch: count,
  epoch: count,
  seconds: number({ least: 0 }),
  history: list(recordSchema),
  standardization: standardizationSchema,
  finished: optional(list(finishedSchema, { most: 64 })),
  simulated: optional(simulatedSchema),
});

/** Numbers as bytes. */
export const toBytes = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer);

/** Numbers of a part. @throws FileError where a part is missing, or is no list of finite numbers. */
export function floatsOf(
  parts: Readonly<Record<string, Uint8Array>>,
  name: string,
  path: string,
): Float32Array {
  const part = parts[name];
  if (part === undefined || part.length === 0 || part.length % 4 !== 0) {
    throw new FileError(
      `${path} is damaged: its part "${name}" has ${part?.length ?? 0} bytes, which are no list of numbers`,
    );
  }
  const values = new Float32Array(part.slice().buffer);
  if (values.every(Number.isFinite)) return values;
  throw new FileError(`${path} is damaged: its part "${name}" holds numbers that are not finite`);
}

/** Writes a checkpoint, whole or not at all. */
export async function saveCheckpoint(path: string, snapshot: TrainingSnapshot): Promise<void> {
  const { state, best, fingerprint, epoch, history, standardization, seconds, simulated } =
    snapshot;
  const { finished = [] } = snapshot;
  const parts: Record<string, Uint8Array> = {
    weights: toBytes(state.weights),
    best: toBytes(best.weights),
  };
  for (const [i, slot] of state.slots.entries()) parts[`slot${i}`] = toBytes(slot);
  for (const [k, { weights, losses }] of finished.entries()) {
    parts[`member${k}`] = toBytes(weights);
    parts[`losses${k}`] = toBytes(losses);
  }
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
    ...(finished.length > 0 && {
      finished: finished.map(({ variables, history: past, bestEpoch, bestLoss, endedBy }) => ({
        variables: variables.map(({ name, shape, trainable }) => ({ name, shape, trainable })),
        history: past,
        bestEpoch,
        bestLoss,
        endedBy,
      })),
    }),
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
 * @param others fingerprints that earlier versions gave: the same training, `earlier`; or the same but with priors mapped as all were before they
 *   had links, `mapped`.
 * @throws FileError where it is damaged, or of other training than `fingerprint`.
 */
export async function loadCheckpoint(
  path: string,
  fingerprint: string,
  {
    earlier,
    mapped,
  }: { readonly earlier?: readonly string[]; readonly mapped?: readonly string[] } = {},
): Promise<TrainingSnapshot | undefined> {
  if (!(await exists(path))) return undefined;
  const { content, parts } = await readContainer(await readBytes(path), FORMAT, VERSION, path);
  const reading = reads(schema, content);
  if (!reading.fits) throw new FileError(`${path} is damaged: its contents are not a checkpoint's`);
  const data = reading.value;
  if (mapped?.includes(data.fingerprint) === true) {
    throw new FileError(
      `${path} is a checkpoint of an earlier version, which mapped parameters by the bounds of their priors alone: to go on with it, give each prior the link that it had ("identity" of the whole line, "log" of a half-line, "logit" of an interval, as in uniform(0, 1, { link: "logit" })); or remove it to start afresh`,
    );
  }
  if (data.fingerprint !== fingerprint && earlier?.includes(data.fingerprint) !== true) {
    throw new FileError(
      `${path} is a checkpoint of other training (another model, prior, method, settings or data): remove it to start afresh, or give another file`,
    );
  }
  if (data.history.length !== data.epoch || data.bestEpoch > data.epoch) {
    throw new FileError(
      `${path} is damaged: it has ${data.history.length} records of ${data.epoch} epoch(s), the best after ${data.bestEpoch}`,
    );
  }
  const part = (name: string): Float32Array => floatsOf(parts, name, path);
  return {
    fingerprint: data.fingerprint,
    state: {
      step: data.step,
      weights: part("weights"),
      slots: Array.from({ length: data.slots }, (_, i) => part(`slot${i}`)),
    },
    best: {
      weights: part("best"),
      loss: data.bestLoss ?? Infinity,
      epoch: data.bestEpoch,
    },
    epoch: data.epoch,
    history: data.history,
    standardization: data.standardization,
    seconds: data.seconds,
    ...(data.finished && {
      finished: data.finished.map(({ variables, ...member }, k) => ({
        ...member,
        variables: variables.map((variable) => ({ ...variable, size: sizeOf(variable.shape) })),
        weights: part(`member${k}`),
        losses: part(`losses${k}`),
      })),
    }),
    ...(data.simulated && { simulated: data.simulated }),
  };
}

/**
 * A checkpoint's training, if its networks are the ones that are trained.
 *
 * @param first the same training before its first step.
 * @throws FileError where weights or the optimizer's state are of other sizes.
 */
export function fitting(
  resumed: TrainingSnapshot,
  first: TrainingSnapshot,
  path: string,
): TrainingSnapshot {
  const sizes = ({ state, best }: TrainingSnapshot): readonly number[] => [
    state.weights.length,
    ...state.slots.map((slot) => slot.length),
    best.weights.length,
  ];
  const [given, expected] = [sizes(resumed), sizes(first)];
  if (given.join() === expected.join()) return resumed;
  throw new FileError(
    `${path} is damaged: it holds ${given.join(", ")} numbers, where the networks and their optimizer have ${expected.join(", ")}`,
  );
}

/** A short name for what is trained and how. */
export async function fingerprintOf(description: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(description));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest).subarray(0, 16), (b) =>
    b.toString(16).padStart(2, "0"),
  ).join("");
}
