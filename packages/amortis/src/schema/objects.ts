/**
 * Schemas of objects.
 */
import { show } from "../show.js";
import {
  Mismatch,
  readAt,
  reads,
  refuse,
  type JsonSchema,
  type Schema,
  type ValueOf,
} from "./schema.js";

/** What may be absent from an object. */
export interface Optional<out T> extends Schema<T> {
  readonly mayBeAbsent: true;
}

/** Another schema of what one reads. */
function forwarded<T>(schema: Schema<T>): Schema<T> {
  return { read: (value) => schema.read(value), jsonSchema: () => schema.jsonSchema() };
}

/** A field that may be absent; it is then absent from what is read. */
export function optional<T>(schema: Schema<T>): Optional<T> {
  return { ...forwarded(schema), mayBeAbsent: true };
}

/** A field with a value where it is absent. */
export function usually<T>(schema: Schema<T>, absent: T): Schema<T> {
  return {
    ...forwarded(schema),
    read: (value) => (value === undefined ? absent : schema.read(value)),
  };
}

type Fields = Readonly<Record<string, Schema<unknown>>>;

type OptionalKeys<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];

/** As one type, which is how people read it. */
type Joined<T> = { [K in keyof T]: T[K] };

/** An object of such fields. */
export type ObjectOf<F> = Joined<
  { readonly [K in keyof F as K extends OptionalKeys<F> ? never : K]: ValueOf<F[K]> } & {
    readonly [K in keyof F as K extends OptionalKeys<F> ? K : never]?: ValueOf<F[K]>;
  }
>;

/** What becomes of fields that have no name here: they are left out, kept, or refused. */
export type Others = "dropped" | "kept" | "refused";

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOptional(schema: Schema<unknown>): boolean {
  return "mayBeAbsent" in schema;
}

/** An object of fields by name. */
export function object<F extends Fields>(
  fields: F,
  { others = "dropped" }: { readonly others?: Others } = {},
): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields);
  return {
    read(value) {
      if (!isObject(value)) return refuse(value, "an object");
      if (others === "refused") refuseOthers(value, fields);
      const read = entries.flatMap(([name, schema]) => {
        const own = Object.hasOwn(value, name) ? value[name] : undefined;
        if (own === undefined && isOptional(schema)) return [];
        return [[name, readAt(name, schema, own)] as const];
      });
      const known = Object.fromEntries(read);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field was read
      return (others === "kept" ? { ...value, ...known } : known) as ObjectOf<F>;
    },
    jsonSchema: () => objectOf(fields, others),
  };
}

/** An object in JSON Schema: what it need not have is what may be absent, and what a value is known of without. */
function objectOf(fields: Fields, others: Others): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.flatMap(([name, schema]) =>
    isOptional(schema) || reads(schema, undefined).fits ? [] : [name],
  );
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [name, schema.jsonSchema()])),
    ...(required.length > 0 && { required }),
    ...(others === "refused" && { additionalProperties: false }),
  };
}

function refuseOthers(value: object, fields: Fields): void {
  const other = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (other === undefined) return;
  const there = Object.keys(fields).join(", ") || "none";
  throw new Mismatch(`has no setting ${show(other)}; there are ${there}`, []);
}

/** An object of whatever names. */
export function record<T>(of: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return {
    read(value) {
      if (!isObject(value)) return refuse(value, "an object");
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, readAt(name, of, each)]),
      );
    },
    jsonSchema: () => ({ type: "object", additionalProperties: of.jsonSchema() }),
  };
}

type Cases = Readonly<Record<string, Schema<object>>>;

/** An object of one of several kinds, each with fields of its own. */
export type Tagged<Tag extends string, C extends Cases> = {
  readonly [K in keyof C & string]: Joined<{ readonly [T in Tag]: K } & ValueOf<C[K]>>;
}[keyof C & string];

/**
 * An object that says by one field what the others are.
 *
 * @example
 * tagged("kind", { log: object({ shift: number() }), drop: object({}) })   // { kind: "log", shift: 1 }, { kind: "drop" }
 */
export function tagged<Tag extends string, C extends Cases>(
  tag: Tag,
  cases: C,
): Schema<Tagged<Tag, C>> {
  return {
    read(value) {
      if (!isObject(value)) return refuse(value, "an object");
      const { [tag]: kind, ...rest } = value;
      const schema =
        typeof kind === "string" && Object.hasOwn(cases, kind) ? cases[kind] : undefined;
      if (schema !== undefined) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of this kind, as was read
        return { [tag]: kind, ...schema.read(rest) } as Tagged<Tag, C>;
      }
      const found = kind === undefined ? `has no ${tag}` : `is ${show(kind)}`;
      const article = `must be of one of the ${tag}s ${Object.keys(cases).join(", ")}`;
      throw new Mismatch(`${article}, but ${found}`, []);
    },
    jsonSchema: () => ({
      oneOf: Object.entries(cases).map(([kind, schema]) => {
        const { properties, ...rest } = schema.jsonSchema();
        const tagged = { [tag]: { const: kind }, ...(isObject(properties) && properties) };
        return { required: [tag], ...rest, properties: tagged };
      }),
    }),
  };
}
