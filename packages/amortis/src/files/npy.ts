/**
 * NumPy's .npy files (format 1 to 3).
 *
 * Reference: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
 */
import { MOST_AXES, type ArrayData } from "../data/array-data.js";
import { show } from "../show.js";
import { FileError } from "./container.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes start like a .npy file. */
export function looksLikeNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

interface NpyHeader {
  /** Byte order and type, such as "<f4". */
  readonly type: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers start. */
  readonly offset: number;
}

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

/** NumPy's names of types, without their byte order. */
const TYPES: Readonly<Record<string, ElementType>> = {
  f2: { bytes: 2, read: (view, at, little) => halfOf(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** A number of 16 bits: a sign, five of the exponent, ten of the fraction (IEEE 754). */
function halfOf(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/**
 * Reads a .npy file: real numbers, integers and booleans, in either byte order and either memory order.
 *
 * float32 stays float32; everything else becomes float64. Numbers are read in place where they lie aligned.
 *
 * @param what how to call the file in messages.
 * @throws FileError where the bytes are no .npy file, damaged, or of a type that holds no numbers.
 * @example const { shape, data } = parseNpy(bytes);
 */
export function parseNpy(bytes: Uint8Array, what = "the .npy file"): ArrayData {
  const { type, fortran, shape, offset } = parseHeader(bytes, what);
  const size = shape.reduce((a, b) => a * b, 1);
  const element = TYPES[type.slice(1)];
  if (element === undefined) {
    throw new FileError(
      `${what} holds ${kindOf(type)}, which are not read: save float32, float64, integers or booleans`,
    );
  }
  if (bytes.length - offset !== size * element.bytes) {
    throw new FileError(
      `${what} is damaged: its shape [${shape.join(", ")}] of ${type} takes ${size * element.bytes} bytes, but it has ${bytes.length - offset}`,
    );
  }
  const data = readElements(bytes, offset, size, type, element, what);
  return { shape, data: fortran ? fromColumnMajor(data, shape) : data };
}

/**
 * Bytes of the .npy file that these begin with, which may go on after it; undefined while its header is not there as a whole.
 *
 * @throws FileError as `parseNpy` does.
 */
export function npyLength(bytes: Uint8Array, what = "the .npy file"): number | undefined {
  if (bytes.length < 12 && MAGIC.every((byte, i) => (bytes[i] ?? byte) === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = bytes[6] === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  if (looksLikeNpy(bytes) && header > bytes.length && header < LONGEST_HEADER) return undefined;
  const { type, shape, offset } = parseHeader(bytes, what);
  return offset + shape.reduce((a, b) => a * b, TYPES[type.slice(1)]?.bytes ?? 1);
}

/** Types that hold no numbers, in words. */
function kindOf(type: string): string {
  const kinds: Readonly<Record<string, string>> = {
    O: "Python objects",
    M: "dates",
    m: "spans of time",
    U: "text",
    S: "bytes of text",
    V: "raw bytes",
    c: "complex numbers",
  };
  const kind = kinds[type.charAt(1)] ?? "elements";
  return `${kind} (type ${show(type)})`;
}

/** Bytes of a header that is read. NumPy's own bound is 10,000. */
const LONGEST_HEADER = 2 ** 16;

function parseHeader(bytes: Uint8Array, what: string): NpyHeader {
  if (!looksLikeNpy(bytes) || bytes.length < 10) {
    throw new FileError(`${what} is damaged, or no .npy file: it does not start like one`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw new FileError(`${what} is of version ${version} of .npy; versions 1 to 3 are read`);
  }
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const length =
    version === 1 ? view.getUint16(8, true) : bytes.length >= start ? view.getUint32(8, true) : 0;
  if (start + length > bytes.length) {
    throw new FileError(`${what} is damaged: it ends within its header`);
  }
  if (length > LONGEST_HEADER) {
    throw new FileError(
      `${what} is damaged: its header has ${length} bytes, as none of numbers has`,
    );
  }
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  const type = /'descr'\s*:\s*'([^']{2,20})'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (type === undefined && /'descr'\s*:\s*\[/.test(text)) {
    throw new FileError(
      `${what} holds records of several fields: save each field as its own array`,
    );
  }
  if (type === undefined || fortran === undefined || shape === undefined) {
    throw new FileError(`${what} is damaged: its header cannot be read: ${show(text)}`);
  }
  const sizes = shape.split(",").map((size) => size.trim());
  const known = sizes.filter((size) => size !== "");
  if (known.length > MOST_AXES || !known.every((size) => /^\d{1,15}$/.test(size))) {
    throw new FileError(`${what} is damaged: its shape cannot be read: ${show(shape)}`);
  }
  return { type, fortran: fortran === "True", shape: known.map(Number), offset: start + length };
}

function readElements(
  bytes: Uint8Array,
  offset: number,
  size: number,
  type: string,
  { bytes: width, read }: ElementType,
  what: string,
): Float32Array | Float64Array {
  const little = !type.startsWith(">");
  const isFloat32 = type.endsWith("f4");
  if (little && (isFloat32 || type.endsWith("f8"))) {
    const aligned = (bytes.byteOffset + offset) % width === 0;
    // A copy by constructor: `slice` of a Buffer, which Node's readFile gives, copies nothing.
    const numbers = aligned ? bytes.subarray(offset) : new Uint8Array(bytes.subarray(offset));
    return isFloat32
      ? new Float32Array(numbers.buffer, numbers.byteOffset, size)
      : new Float64Array(numbers.buffer, numbers.byteOffset, size);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size * width);
  const data = isFloat32 ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = read(view, i * width, little);
  if (type.endsWith("b1")) requireBooleans(data, what);
  return data;
}

/** @throws FileError where bytes that should be false or true are neither. */
function requireBooleans(data: Float32Array | Float64Array, what: string): void {
  const bad = data.find((value) => value !== 0 && value !== 1);
  if (bad === undefined) return;
  throw new FileError(`${what} is damaged: it holds booleans, but has the byte ${bad} among them`);
}

/** First axis fastest, as Fortran stores it, to last axis fastest. */
function fromColumnMajor<T extends Float32Array | Float64Array>(
  data: T,
  shape: readonly number[],
): T {
  const result = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    let at = 0;
    for (const [axis, stride] of strides.entries()) at += (index[axis] ?? 0) * stride;
    result[i] = data[at] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `slice` keeps the type of its array
  return result as T;
}

/**
 * An array as a .npy file, float32 or float64.
 *
 * @throws FileError where the shape does not fit the numbers.
 */
export function encodeNpy({ shape, data }: ArrayData): Uint8Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (size !== data.length) {
    throw new FileError(
      `an array of shape [${shape.join(", ")}] has ${size} numbers, but ${data.length} were given`,
    );
  }
  const type = data instanceof Float32Array ? "<f4" : "<f8";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Padded so that the numbers start at a multiple of 64.
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}
