/**
 * Writing protobuf's wire format (wire.ts).
 */
import {
  compile,
  EMPTY,
  UNKNOWN,
  wireType,
  type FieldKind,
  type Message,
  type MessageSchema,
} from "./wire.js";

/**
 * A message as bytes: fields in the order of their numbers, then those that the schema does not name.
 *
 * @param message values of fields by name; what is undefined is not written.
 */
export function encode(schema: MessageSchema, message: object): Uint8Array<ArrayBuffer> {
  return new Writer().bytes(schema, message);
}

/** Writes in two passes over the same fields in the same order: the first finds how long each message is, since its length comes before it. */
class Writer {
  readonly #utf8 = new TextEncoder();
  readonly #texts = new Map<string, Uint8Array>();
  readonly #lengths: number[] = [];
  #next = 0;
  #out = new Uint8Array(0);
  #view = new DataView(this.#out.buffer);
  #at = 0;

  bytes(schema: MessageSchema, message: object): Uint8Array<ArrayBuffer> {
    this.#out = new Uint8Array(this.#messageSize(schema, message));
    this.#view = new DataView(this.#out.buffer);
    this.#next = 1;
    this.#message(schema, message);
    return this.#out;
  }

  /** The length of a message without its own tag, kept for the second pass. */
  #messageSize(schema: MessageSchema, message: object): number {
    const place = this.#lengths.push(0) - 1;
    let size = 0;
    for (const { name, number, kind, repeated } of compile(schema).inOrder) {
      const value = valueOf(message, name);
      if (value === undefined) continue;
      const tag = number < 16 ? 1 : 2;
      if (!repeated) size += tag + this.#valueSize(kind, value);
      else for (const one of listOf(value)) size += tag + this.#valueSize(kind, one);
    }
    for (const field of unknownOf(message)) size += field.length;
    this.#lengths[place] = size;
    return size;
  }

  #valueSize(kind: FieldKind, value: unknown): number {
    if (kind === "float") return 4;
    if (kind === "int64" || kind === "int32") return integerSize(value);
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
    for (const { name, number, kind, repeated } of compile(schema).inOrder) {
      const value = valueOf(message, name);
      if (value === undefined) continue;
      const tag = (number << 3) | wireType(kind);
      for (const one of repeated ? listOf(value) : [value]) {
        this.#varint(tag);
        this.#value(kind, one);
      }
    }
    for (const field of unknownOf(message)) this.#copy(field);
  }

  #value(kind: FieldKind, value: unknown): void {
    if (kind === "float") {
      this.#view.setFloat32(this.#at, Number(value), true);
      this.#at += 4;
    } else if (kind === "int64" || kind === "int32") this.#integer(value);
    else if (typeof kind === "function") {
      this.#varint(this.#lengths[this.#next++] ?? 0);
      this.#message(kind(), toObject(value));
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

  #integer(value: unknown): void {
    const small = Number(value);
    if (isSmall(small)) {
      this.#varint(small);
      return;
    }
    let left = BigInt.asUintN(64, toBigInt(value));
    while (left >= 0x80n) {
      this.#out[this.#at++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
    }
    this.#out[this.#at++] = Number(left);
  }
}

/** The value of a field that is set: what a message that was read has of its prototype is not. */
function valueOf(message: object, name: string): unknown {
  return Object.hasOwn(message, name) ? (message as Message)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("a repeated field is an array");
  return value;
}

function unknownOf(message: object): readonly Uint8Array[] {
  if (!Object.hasOwn(message, UNKNOWN)) return EMPTY;
  const { [UNKNOWN]: fields } = message as { readonly [UNKNOWN]?: readonly Uint8Array[] };
  return fields ?? EMPTY;
}

/** Whether a whole number needs no 64 bits, nor arithmetic of its own. */
function isSmall(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function integerSize(value: unknown): number {
  const small = Number(value);
  if (isSmall(small)) return varintSize(small);
  // Negative numbers take ten bytes, as 64 bits.
  let size = 1;
  for (let left = BigInt.asUintN(64, toBigInt(value)); left >= 0x80n; left >>= 7n) size++;
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
