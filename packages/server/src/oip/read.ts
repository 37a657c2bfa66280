/**
 * Requests of the Open Inference Protocol: JSON, perhaps with the numbers as bytes behind it.
 */
import { parseJsonText, RepeatedNameError, type ArrayData, type ArraySpec } from "amortis/answers";
import { readBy } from "../http/read.js";
import { readNested } from "../numbers.js";
import { Problem } from "../problems.js";
import {
  requestSchema,
  WIDTHS,
  type InferInput,
  type InferRequest,
  type InputType,
} from "./schemas.js";

/** A request whose numbers were read. */
export interface ReadRequest {
  readonly request: InferRequest;
  readonly data: Readonly<Record<string, ArrayData>>;
}

/**
 * Reads a request.
 *
 * @param length of the JSON, where bytes follow: the header `inference-header-content-length`.
 * @throws Problem
 */
export function readRequest(
  body: Uint8Array,
  length: string | undefined,
  specs: Readonly<Record<string, ArraySpec>>,
): ReadRequest {
  const end = lengthOf(length, body.length);
  const request = readBy(requestSchema, parse(body.subarray(0, end)), "the request");
  const bytes = new Bytes(body.subarray(end));
  const data: Record<string, ArrayData> = {};
  for (const input of request.inputs) {
    const spec = Object.hasOwn(specs, input.name) ? specs[input.name] : undefined;
    if (spec === undefined || Object.hasOwn(data, input.name)) {
      const known = Object.keys(specs).join(", ");
      throw new Problem(
        "bad-data",
        `there is an input "${input.name}", but the inputs are ${known}, each once`,
      );
    }
    data[input.name] = readInput(input, spec, bytes);
  }
  bytes.requireEnd();
  return { request, data };
}

function lengthOf(header: string | undefined, size: number): number {
  if (header === undefined) return size;
  const length = /^\d{1,10}$/.test(header) ? Number(header) : Number.NaN;
  if (length >= 0 && length <= size) return length;
  throw new Problem(
    "bad-request",
    `inference-header-content-length must be at most the ${size} bytes of the body, but is ${header.slice(0, 20)}`,
  );
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseJsonText(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof RepeatedNameError)
      throw new Problem("bad-request", cause.message, { cause });
    throw new Problem("bad-request", "the body is no JSON, in UTF-8", { cause });
  }
}

function readInput(
  { name, shape, datatype, data, parameters }: InferInput,
  spec: ArraySpec,
  bytes: Bytes,
): ArrayData {
  const size = shape.reduce((a, b) => a * b, 1);
  const length = parameters?.["binary_data_size"];
  if (length === undefined) {
    if (!Array.isArray(data)) throw new Problem("bad-data", `the input "${name}" has no data`);
    const read = readNested(name, spec, data);
    if (read.data.length !== size) {
      throw new Problem(
        "bad-data",
        `the input "${name}" has ${read.data.length} numbers, but its shape [${shape.join(", ")}] has ${size}`,
      );
    }
    return { shape, data: read.data };
  }
  if (data !== undefined || length !== size * WIDTHS[datatype]) {
    throw new Problem(
      "bad-data",
      `the input "${name}" of ${datatype} [${shape.join(", ")}] takes ${size * WIDTHS[datatype]} bytes, and no other data, but has ${String(length)}`,
    );
  }
  return { shape, data: numbersOf(bytes.take(length, name), datatype) };
}

const READ: Readonly<Record<InputType, (view: DataView, at: number) => number>> = {
  FP32: (view, at) => view.getFloat32(at, true),
  FP64: (view, at) => view.getFloat64(at, true),
  INT8: (view, at) => view.getInt8(at),
  INT16: (view, at) => view.getInt16(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
  UINT8: (view, at) => view.getUint8(at),
  UINT16: (view, at) => view.getUint16(at, true),
  UINT32: (view, at) => view.getUint32(at, true),
  UINT64: (view, at) => Number(view.getBigUint64(at, true)),
};

function numbersOf(bytes: Uint8Array, datatype: InputType): ArrayData["data"] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = WIDTHS[datatype];
  const length = bytes.length / width;
  const numbers = datatype === "FP32" ? new Float32Array(length) : new Float64Array(length);
  const read = READ[datatype];
  for (let i = 0; i < length; i++) numbers[i] = read(view, i * width);
  return numbers;
}

/** Bytes that inputs take in their order. */
class Bytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number, name: string): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new Problem(
        "bad-data",
        `the body ends within the ${length} bytes of the input "${name}"`,
      );
    }
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  requireEnd(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw new Problem("bad-data", `${rest} bytes follow that no input has`);
  }
}
