/**
 * Protobuf's wire format, for the messages of messages.ts.
 *
 * A message is a run of fields, each a tag (its number and wire type) and a value: a varint, four or eight bytes, or a length and as many bytes, which may be a
 * message again. Fields that a schema does not name are kept as they are, and written again. What the format allows and no writer of ONNX does
 * (groups, a single message in two pieces) is refused, as is nesting without end: the bytes may come from a stranger.
 *
 * Reference: https://protobuf.dev/programming-guides/encoding/
 */
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
export const UNKNOWN = "unknown";

/** Wire types. */
export const VARINT = 0;
export const EIGHT_BYTES = 1;
export const LENGTH = 2;
export const FOUR_BYTES = 5;

/** A field with its name, and what is read where none was written. */
export interface Known extends Field {
  readonly name: string;
}

export interface Compiled {
  readonly inOrder: readonly Known[];
  readonly byNumber: ReadonlyMap<number, Known>;
  /** Prototype of messages that are read: what fields are that were not written. */
  readonly defaults: Message;
}

const compiled = new WeakMap<MessageSchema, Compiled>();

/** What a repeated field is that was not written. */
export const EMPTY: readonly never[] = Object.freeze([]);

/** A schema with what reading and writing need of it. */
export function compile(schema: MessageSchema): Compiled {
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

/** The wire type of a field. */
export function wireType(kind: FieldKind): number {
  if (kind === "int64" || kind === "int32") return VARINT;
  return kind === "float" ? FOUR_BYTES : LENGTH;
}
