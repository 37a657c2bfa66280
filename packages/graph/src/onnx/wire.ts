/**
 * Protobuf's wire format, for the messages of messages.ts.
 *
 * A message is a run of fields, each a tag (its number and wire type) and a value: a varint, four or eight bytes, or a length and as many bytes, which may be a
 * message again. Fields that a schema does not name are kept as they are, and written again. What the format allows and no writer of ONNX does
 * (groups, a single message in two pieces) is refused, as is nesting without end: the bytes may come from a stranger.
 *
 * Reference: https://protobuf.dev/programming-guides/encoding/
 */
import { EncodingError } from "../errors.js";

/** What a field holds: a number of 64 or 32 bits, a float, text, bytes, or a message. */
export type FieldKind = "int64" | "int32" | "float" | "string" | "bytes" | (() => MessageSchema);

/** A field of a message, by its number in the wire format. */
export interface Field {
  readonly number: number;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  /** Whether it is read as undefined where it is not set, and not as zero or empty. */
  readonly choice?: boolean;
}

/** The fields of a message by name. */
export interface MessageSchema {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
}

/** Values of fields by name; those that are not set are left out. */
export type Message = Readonly<Record<string, unknown>>;

/** Fields that the schema does not name, with their tags. */
const UNKNOWN = "unknown";

/** Messages within messages, at most. */
const DEEPEST = 64;

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/** A field with its name, and what is read where none was written. */
interface Known extends Field {
  readonly name: string;
}

interface Compiled {
  readonly inOrder: readonly Known[];
  readonly byNumber: ReadonlyMap<number, Known>;
  /** Prototype of messages that are read: what fields are that were not written. */
  readonly defaults: Message;
}

const compiled = new WeakMap<MessageSchema, Compiled>();

const EMPTY: readonly never[] = Object.freeze([]);

function compile(schema: MessageSchema): Compiled {
  const made = compiled.get(schema);
  if (made !== undefined) return made;
  const inOrder = Object.entries(schema.fields)
    .map(([name, field]) => ({ name, ...field }))
    .toSorted((a, b) => a.number - b.number);
  const result = {
    inOrder,
    byNumber: new Map(inOrder.map((field) => [field.number, field])),
    defaults: Object.fromEntries(inOrder.map((field) => [field.name, unset(field)])),
  };
  compiled.set(schema, result);
  return result;
}

function unset({ kind, repeated, choice = false }: Field): unknown {
  if (choice) return undefined;
  if (repeated) return EMPTY;
  if (kind === "int64") return 0n;
  if (kind === "int32" || kind === "float") return 0;
  if (kind === "string") return "";
  return kind === "bytes" ? new Uint8Array(0) : undefined;
}

function wireType(kind: FieldKind): number {
  if (kind === "int64" || kind === "int32") return VARINT;
  return kind === "float" ? FOUR_BYTES : LENGTH;
}

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
        return this.#text.decode(this.#rest(until));
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

/**
 * A message as bytes: fields in the order of their numbers, then those that the schema does not name.
 *
 * @param message values of fields by name; what is undefined is not written.
 */
export function encode(schema: MessageSchema, message: object): Uint8Array<ArrayBuffer> {
  return new Writer().bytes(schema, message);
}

class Writer {
  readonly #utf8 = new TextEncoder();
  readonly #texts = new Map<string, Uint8Array>();
  /** Lengths of messages, which come before them. */
  readonly #sizes = new Map<object, number>();
  #out = new Uint8Array(0);
  #view = new DataView(this.#out.buffer);
  #at = 0;

  bytes(schema: MessageSchema, message: object): Uint8Array<ArrayBuffer> {
    this.#out = new Uint8Array(this.#messageSize(schema, message));
    this.#view = new DataView(this.#out.buffer);
    this.#message(schema, message);
    return this.#out;
  }

  #messageSize(schema: MessageSchema, message: object): number {
    const known = this.#sizes.get(message);
    if (known !== undefined) return known;
    let size = 0;
    for (const { number, kind, value } of written(schema, message)) {
      size += varintSize(number << 3) + this.#valueSize(kind, value);
    }
    for (const field of unknownOf(message)) size += field.length;
    this.#sizes.set(message, size);
    return size;
  }

  #valueSize(kind: FieldKind, value: unknown): number {
    if (kind === "float") return 4;
    if (kind === "int64" || kind === "int32") return integerSize(toBigInt(value));
    const length =
      typeof kind === "function"
        ? this.#messageSize(kind(), toObject(value))
        : this.#payload(value).length;
    return varintSize(length) + length;
  }

  /** Text as bytes, worked out once however often it comes; bytes as they are. */
  #payload(value: unknown): Uint8Array {
    if (value instanceof Uint8Array) return value;
    const text = String(value);
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const bytes = this.#utf8.encode(text);
    this.#texts.set(text, bytes);
    return bytes;
  }

  #message(schema: MessageSchema, message: object): void {
    for (const { number, kind, value } of written(schema, message)) {
      this.#varint((number << 3) | wireType(kind));
      this.#value(kind, value);
    }
    for (const field of unknownOf(message)) this.#copy(field);
  }

  #value(kind: FieldKind, value: unknown): void {
    if (kind === "float") {
      this.#view.setFloat32(this.#at, Number(value), true);
      this.#at += 4;
    } else if (kind === "int64" || kind === "int32") this.#integer(toBigInt(value));
    else if (typeof kind === "function") {
      const message = toObject(value);
      this.#varint(this.#messageSize(kind(), message));
      this.#message(kind(), message);
    } else {
      const bytes = this.#payload(value);
      this.#varint(bytes.length);
      this.#copy(bytes);
    }
  }

  #copy(bytes: Uint8Array): void {
    this.#out.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A whole number from 0 to 2^53 - 1. */
  #varint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.#out[this.#at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#out[this.#at++] = left;
  }

  #integer(value: bigint): void {
    if (isSmall(value)) {
      this.#varint(Number(value));
      return;
    }
    let left = BigInt.asUintN(64, value);
    while (left >= 0x80n) {
      this.#out[this.#at++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
    }
    this.#out[this.#at++] = Number(left);
  }
}

/** One value of a field, those of a repeated one each by itself. */
interface Written {
  readonly number: number;
  readonly kind: FieldKind;
  readonly value: unknown;
}

function* written(schema: MessageSchema, message: object): Generator<Written> {
  const values = message as Message;
  for (const { name, number, kind, repeated } of compile(schema).inOrder) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) continue;
    if (!repeated) yield { number, kind, value };
    else if (Array.isArray(value)) for (const one of value) yield { number, kind, value: one };
  }
}

function unknownOf(message: object): readonly Uint8Array[] {
  const { [UNKNOWN]: fields } = message as { readonly [UNKNOWN]?: readonly Uint8Array[] };
  return fields ?? EMPTY;
}

function isSmall(value: bigint): boolean {
  return value >= 0n && value < 9007199254740992n;
}

function integerSize(value: bigint): number {
  return isSmall(value) ? varintSize(Number(value)) : negativeSize(value);
}

/** Negative numbers take ten bytes, as 64 bits. */
function negativeSize(value: bigint): number {
  let size = 1;
  for (let left = BigInt.asUintN(64, value); left >= 0x80n; left >>= 7n) size++;
  return size;
}

function varintSize(value: number): number {
  let size = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) size++;
  return size;
}

function toBigInt(value: unknown): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

function toObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new TypeError("a message is an object");
  return value;
}
