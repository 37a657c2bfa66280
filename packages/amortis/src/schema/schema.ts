/**
 * What data must be that come from a file: read, or refused with what was expected, what was given, and where.
 *
 * Settings are said with zod, whose schemas explain themselves, to help texts and configurations. What answers must start at once and be little in a page: this is what
 * checking a file takes, and no more.
 */
import type { Json } from "../json.js";
import { show } from "../show.js";

/** A JSON Schema of the draft 2020-12, as JSON has it. */
export type JsonSchema = Readonly<Record<string, Json>>;

/** What a value must be. */
export interface Schema<out T> {
  /**
   * The value as it is understood.
   *
   * @throws Mismatch where it is something else.
   */
  read(value: unknown): T;
  /** The same for readers in other languages, as far as JSON Schema can say it: what must hold between values it cannot. */
  jsonSchema(): JsonSchema;
}

/** What a schema gives. */
export type ValueOf<S> = S extends Schema<infer T> ? T : never;

/** A value that is not what it must be. */
export class Mismatch extends Error {
  /** Where it lies within what was read. */
  readonly path: readonly (string | number)[];
  /** What it must be, where that is all there is to say. */
  readonly expected: string | undefined;

  constructor(message: string, path: readonly (string | number)[], expected?: string) {
    super(message);
    this.path = path;
    this.expected = expected;
  }

  /** The same, seen from outside. */
  within(key: string | number): Mismatch {
    return new Mismatch(this.message, [key, ...this.path], this.expected);
  }

  /** `training.epochs`, `hidden[1]`; "" where it is the whole that does not fit. */
  get place(): string {
    return this.path.reduce<string>((text, key) => {
      if (typeof key === "number") return `${text}[${key}]`;
      return text === "" ? key : `${text}.${key}`;
    }, "");
  }
}

/** A value read, or what is wrong with it. */
export type Reading<T> =
  | { readonly fits: true; readonly value: T }
  | { readonly fits: false; readonly mismatch: Mismatch };

/**
 * Reads a value.
 *
 * @example
 * const reading = reads(list(number({ above: 0 })), JSON.parse(text));
 * if (!reading.fits) console.log(reading.mismatch.place, reading.mismatch.message);   // "[1]", "must be above 0, but is -1"
 */
export function reads<T>(schema: Schema<T>, value: unknown): Reading<T> {
  try {
    return { fits: true, value: schema.read(value) };
  } catch (error) {
    if (error instanceof Mismatch) return { fits: false, mismatch: error };
    throw error;
  }
}

/** Refuses a value that is not what was expected. */
export function refuse(value: unknown, expected: string): never {
  const found = value === undefined ? "is not given" : `is ${show(value)}`;
  throw new Mismatch(`must be ${expected}, but ${found}`, [], expected);
}

/** Reads what lies under a key, so that a mismatch says where it is. */
export function readAt<T>(key: string | number, schema: Schema<T>, value: unknown): T {
  try {
    return schema.read(value);
  } catch (error) {
    throw error instanceof Mismatch ? error.within(key) : error;
  }
}

/** A schema whose values must be something more besides, which the message says: "must differ". */
export function such<T>(
  schema: Schema<T>,
  holds: (value: T) => boolean,
  message: string,
): Schema<T> {
  return {
    read(value) {
      const read = schema.read(value);
      if (holds(read)) return read;
      throw new Mismatch(message, []);
    },
    jsonSchema: () => schema.jsonSchema(),
  };
}

/** One of several, whichever fits first. */
export function either<S extends readonly Schema<unknown>[]>(
  ...schemas: S
): Schema<ValueOf<S[number]>> {
  return {
    read(value) {
      const mismatches: Mismatch[] = [];
      for (const schema of schemas) {
        const reading = reads(schema, value);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what one of them gives
        if (reading.fits) return reading.value as ValueOf<S[number]>;
        mismatches.push(reading.mismatch);
      }
      // The one that was meant is the one that was entered.
      const meant = mismatches.find(({ path }) => path.length > 0);
      if (meant !== undefined) throw meant;
      return refuse(value, [...new Set(mismatches.map(({ expected }) => expected))].join(" or "));
    },
    jsonSchema: () => ({ anyOf: schemas.map((schema) => schema.jsonSchema()) }),
  };
}
