/**
 * Reading protobuf's wire format (wire.ts), of bytes that may come from a stranger.
 */
import { EncodingError } from "../errors.js";
import {
  compile,
  EIGHT_BYTES,
  FOUR_BYTES,
  LENGTH,
  UNKNOWN,
  VARINT,
  wireType,
  type FieldKind,
  type Known,
  type Message,
  type MessageSchema,
} from "./wire.js";

/** Messages within messages, at most. */
const DEEPEST = 64;

/** Bytes of a text that is read without a decoder, where it is ASCII: names are short, and there are thousands. */
const SHORT = 64;

/**
 * The bytes as a message; fields that were not written are read as zero, empty, or undefined for a message.
 *
 * @throws EncodingError where they are none.
 */
export function decode(schema: MessageSchema, bytes: Uint8Array): Message {
  return new Reader(bytes).message(schema, bytes.length, 0);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text = new TextDecoder();
  #at = 0;
  /** Halves of the last varint. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message(schema: MessageSchema, end: number, depth: number): Message {
    if (depth > DEEPEST) throw new EncodingError(`messages lie ${depth} deep in one another`);
    const { byNumber, defaults } = compile(schema);
    const result = Object.create(defaults) as Record<string, unknown>;
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#small(end);
      const field = byNumber.get(tag >>> 3);
      if (field === undefined) {
        this.#skip(tag, end);
        append(result, UNKNOWN, this.#bytes.subarray(start, this.#at));
      } else this.#field(result, field, tag & 7, end, depth);
    }
    return result;
  }

  #field(
    result: Record<string, unknown>,
    { name, kind, repeated }: Known,
    wire: number,
    end: number,
    depth: number,
  ): void {
    if (repeated && wire === LENGTH && wireType(kind) !== LENGTH) {
      // Numbers one after the other, without a tag each.
      const until = this.#length(end);
      while (this.#at < until) append(result, name, this.#value(kind, until, depth));
      return;
    }
    if (wire !== wireType(kind)) {
      throw new EncodingError(`the field "${name}" has the wire type ${wire}`);
    }
    if (typeof kind === "function" && !repeated && Object.hasOwn(result, name)) {
      throw new EncodingError(`the field "${name}" is there twice`);
    }
    const value = this.#value(kind, end, depth);
    if (repeated) append(result, name, value);
    else result[name] = value;
  }

  #value(kind: FieldKind, end: number, depth: number): unknown {
    switch (kind) {
      case "int64":
        this.#varint(end);
        return this.#high === 0
          ? BigInt(this.#low >>> 0)
          : BigInt.asIntN(64, (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0));
      case "int32":
        this.#varint(end);
        return this.#low | 0;
      case "float": {
        const at = this.#forward(4, end);
        return this.#view.getFloat32(at, true);
      }
      case "string": {
        const until = this.#length(end);
        return this.#string(until);
      }
      case "bytes": {
        const until = this.#length(end);
        return this.#rest(until);
      }
      default: {
        const until = this.#length(end);
        return this.message(kind(), until, depth + 1);
      }
    }
  }

  #string(until: number): string {
    let short = "";
    for (let at = this.#at; at < until && until - this.#at <= SHORT; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte >= 0x80) break;
      short += String.fromCharCode(byte);
    }
    const bytes = this.#rest(until);
    return short.length === bytes.length ? short : this.#text.decode(bytes);
  }

  #skip(tag: number, end: number): void {
    const wire = tag & 7;
    if (tag >>> 3 === 0) throw new EncodingError("a field has the number 0");
    if (wire === VARINT) this.#varint(end);
    else if (wire === EIGHT_BYTES) this.#forward(8, end);
    else if (wire === FOUR_BYTES) this.#forward(4, end);
    else if (wire === LENGTH) this.#rest(this.#length(end));
    else throw new EncodingError(`a field has the wire type ${wire}`);
  }

  /** The bytes up to an end, which are read by that. */
  #rest(until: number): Uint8Array {
    const found = this.#bytes.subarray(this.#at, until);
    this.#at = until;
    return found;
  }

  /** A length, as the place where it ends. */
  #length(end: number): number {
    const length = this.#small(end);
    if (length > end - this.#at) throw new EncodingError("a length goes beyond the end");
    return this.#at + length;
  }

  /** The place before so many bytes, which are read by that. */
  #forward(bytes: number, end: number): number {
    if (bytes > end - this.#at) throw new EncodingError("a number goes beyond the end");
    this.#at += bytes;
    return this.#at - bytes;
  }

  /** A varint of 32 bits. */
  #small(end: number): number {
    this.#varint(end);
    if (this.#high !== 0) throw new EncodingError("a tag or a length has more than 32 bits");
    return this.#low >>> 0;
  }

  #varint(end: number): void {
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#forward(1, end)] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      if (shift > 28 && shift < 63) high |= bits << (shift - 32);
      if (shift === 63) high |= bits << 31;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw new EncodingError("a number has more than ten bytes");
  }
}

function append(result: Record<string, unknown>, name: string, value: unknown): void {
  const list = Object.hasOwn(result, name) ? result[name] : undefined;
  if (Array.isArray(list)) list.push(value);
  else result[name] = [value];
}
