/**
 * What a trained estimator is, as data: programs, weights, and all that is known of how it was made.
 */
import { type HostTensor, hostTensor } from "@amortis/graph";
import { sizeOf } from "../data/shape.js";
import { FileError, readContainer } from "../files/container.js";
import { object } from "../schema/objects.js";
import { reads, type Schema } from "../schema/schema.js";
import { detailsSchema, type Details } from "./details.js";
import { answerKinds, findKind, type Answers, type AnyKind } from "./kinds.js";
import { checkPrograms } from "./programs.js";
import { fromVersion1, version1Schema } from "./version-1.js";

/** Format name and version of estimator files. */
export const FORMAT = "amortis-estimator";
export const VERSION = 2;

export { count, endSchema, recordSchema } from "./details.js";
export type { Details, HistoryRecord } from "./details.js";

/** A trained estimator as data. */
export interface Contents {
  readonly details: Details;
  /** ONNX models whose weights are inputs, by name. */
  readonly programs: Readonly<Record<string, Uint8Array>>;
  /** Weights in the order of `details.variables`. */
  readonly weights: Float32Array;
}

/** FNV-1a of the bits of weights, in hexadecimal: tells what was trained from what was trained again. */
export function digestOf(weights: Float32Array): string {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(weights.slice().buffer)) {
    hash = Math.imul(hash ^ word, 0x01000193) >>> 0;
    hash ^= hash >>> 15;
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The weights by name. */
export function weightsByName({
  details,
  weights,
}: Contents): Readonly<Record<string, HostTensor>> {
  const result: Record<string, HostTensor> = {};
  let offset = 0;
  for (const { name, shape } of details.variables) {
    const size = sizeOf(shape);
    result[name] = hostTensor(weights.slice(offset, offset + size), shape);
    offset += size;
  }
  return result;
}

function fromLittleEndian(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Numbers that one data set may have. */
const LARGEST_DATA = 2 ** 31;

/** What the parts of a manifest say of each other, which its schema cannot check. */
function checkDetails(
  { model, answers, programs, variables, standardization }: Details,
  kind: AnyKind,
  what: string,
): void {
  const p = model.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
  for (const named of [model.parameters, variables]) {
    const names = named.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new FileError(`${what} is damaged: it has "${twice}" twice`);
  }
  const large = Object.entries(model.data).find(([, spec]) => sizeOf(spec.shape) > LARGEST_DATA);
  if (large !== undefined) {
    throw new FileError(
      `${what} is damaged: its data "${large[0]}" are [${large[1].shape.join(", ")}], more than any memory holds`,
    );
  }
  if (standardization.parameters.mean.length !== p) {
    throw new FileError(
      `${what} is damaged: it has ${standardization.parameters.mean.length} means for ${p} parameter(s)`,
    );
  }
  const { offset } = standardization.parameters;
  if (offset !== undefined && offset.length !== p) {
    throw new FileError(
      `${what} is damaged: it has ${offset.length} offsets for ${p} parameter(s)`,
    );
  }
  for (const { name, shape, support } of model.parameters) {
    for (const bound of ["lower", "upper"] as const) {
      if (support[bound].length === sizeOf(shape)) continue;
      throw new FileError(
        `${what} is damaged: its parameter "${name}" has ${support[bound].length} ${bound} bounds for ${sizeOf(shape)} number(s)`,
      );
    }
  }
  const [missing] =
    Object.entries(kind.programs(answers)).find(
      ([name, { optional }]) => optional !== true && !programs.includes(name),
    ) ?? [];
  if (missing !== undefined) {
    throw new FileError(
      `${what} is damaged: answers of the kind "${answers.kind}" need a program "${missing}", but it has ${programs.join(", ") || "none"}`,
    );
  }
}

/** What a schema reads of the manifest. */
function checked<T>(schema: Schema<T>, content: unknown, what: string): T {
  const reading = reads(schema, content);
  if (reading.fits) return reading.value;
  const { place, message } = reading.mismatch;
  throw new FileError(
    `${what} is damaged: in its manifest, ${place || "something"} is wrong: it ${message}`,
  );
}

/** The kind of answer that a manifest says, and what it says of it. */
async function readAnswers(
  given: { readonly kind: string },
  what: string,
): Promise<{ readonly kind: AnyKind; readonly answers: Answers }> {
  const kind = await findKind(given.kind);
  if (kind !== undefined) {
    const { answers } = checked(object({ answers: kind.schema }), { answers: given }, what);
    return { kind, answers };
  }
  throw new FileError(
    `${what} answers with "${given.kind}", which this version does not know: it knows ${answerKinds.join(", ")}`,
  );
}

/**
 * Reads an estimator file: checks all of it, and runs nothing.
 *
 * @param what how to call the file in messages.
 * @throws FileError where it is no estimator file, or damaged.
 */
export async function decodeContents(bytes: Uint8Array, what: string): Promise<Contents> {
  const { version, content, parts } = await readContainer(bytes, FORMAT, VERSION, what);
  const manifest =
    version === 1
      ? fromVersion1(checked(version1Schema, content, what))
      : checked(detailsSchema, content, what);
  const { kind, answers } = await readAnswers(manifest.answers, what);
  const details = { ...manifest, answers };
  checkDetails(details, kind, what);
  const weightBytes = parts["weights.bin"];
  const expected = details.variables.reduce((total, { shape }) => total + sizeOf(shape), 0);
  if (weightBytes === undefined || weightBytes.length !== 4 * expected) {
    throw new FileError(`${what} is damaged: it should hold ${expected} weights`);
  }
  const models: Record<string, Uint8Array> = {};
  for (const name of details.programs) {
    const model = parts[`programs/${name}.onnx`];
    if (model === undefined)
      throw new FileError(`${what} is damaged: its program "${name}" is missing`);
    models[name] = model;
  }
  const programs = checkPrograms(models, kind.programs(answers), details, what);
  const weights = fromLittleEndian(weightBytes);
  if (!weights.every(Number.isFinite)) {
    throw new FileError(`${what} is damaged: some of its weights are no finite numbers`);
  }
  return { details, programs, weights };
}
