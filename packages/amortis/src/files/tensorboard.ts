/**
 * Event files of TensorBoard, by which runs are compared while they train. There is no maintained writer for Node.
 *
 * A file is a sequence of TFRecords (length, its masked CRC-32C, bytes, theirs), each a message `Event` of protocol buffers: wall_time = 1 (double),
 * step = 2 (int64), and file_version = 3 in the first or summary = 5 in all others, whose values have a tag = 1 and a simple_value = 2 (float).
 * (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto, tensorflow/core/lib/io/record_writer.h.)
 */
import { appendFileSync, hostname, mkdirSync, path } from "#platform";
import { printable } from "@amortis/graph";
import { crc32c } from "./crc32c.js";
import { FileError } from "./container.js";

/**
 * A log that TensorBoard reads: numbers by name and step, such as the records of epochs.
 *
 * @param folder of the run; made where it is not there. TensorBoard is given the folder above those of several runs.
 * @returns a function of a record: each number but `step` is a curve; where it has a `network` of an ensemble, one of that network's.
 * @throws FileError where nothing can be written there.
 * @example await train(npe(field), { onEpoch: tensorBoardLog("runs/first") });   // tensorboard --logdir runs
 */
export function tensorBoardLog(
  folder: string,
): (record: { readonly step: number; readonly network?: number }) => void {
  const begun = Date.now() / 1000;
  const file = path.join(folder, `events.out.tfevents.${Math.floor(begun)}.${hostname()}`);
  write(folder, file, versionEvent(begun));
  return ({ step, network, ...others }) => {
    const group = network === undefined ? "" : `network ${network}/`;
    const scalars = Object.entries(others)
      .filter((entry): entry is [string, number] => typeof entry[1] === "number")
      .map(([name, value]) => [group + name, value] as const);
    write(folder, file, scalarEvent(Date.now() / 1000, step, Object.fromEntries(scalars)));
  };
}

function write(folder: string, file: string, event: Uint8Array): void {
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(file, tfRecord(event));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(`cannot write a log for TensorBoard to ${folder}: ${printable(why)}`, {
      cause,
    });
  }
}

/** The first event of a file. */
export function versionEvent(wallTime: number): Uint8Array {
  const version = new TextEncoder().encode("brain.Event:2");
  return joined(double(1, wallTime), delimited(3, version));
}

/** Numbers by name. */
export function scalarEvent(
  wallTime: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    delimited(1, joined(delimited(1, new TextEncoder().encode(tag)), float(2, value))),
  );
  return joined(double(1, wallTime), key(2, 0), varint(step), delimited(5, joined(...values)));
}

/** A record, with the checksums of its length and of its bytes. */
export function tfRecord(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return joined(length, maskedChecksum(length), bytes, maskedChecksum(bytes));
}

/** CRC-32C, turned and shifted: a checksum of what holds checksums must not be one of them. */
function maskedChecksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const result = new Uint8Array(4);
  new DataView(result.buffer).setUint32(0, masked, true);
  return result;
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** A whole number, seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

function double(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return joined(key(field, 1), bytes);
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined(key(field, 5), bytes);
}

function delimited(field: number, bytes: Uint8Array): Uint8Array {
  return joined(key(field, 2), varint(bytes.length), bytes);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
