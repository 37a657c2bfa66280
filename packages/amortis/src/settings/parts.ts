/**
 * Parts from plain data: what descriptions in files say, and what configurations ask for. Nothing is executed and everything is checked.
 */
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import { explain, knowing } from "./explain.js";
import { roomOf, Settings, unwrapped, type Room } from "./settings.js";

/** A kind of part: what makes one of its settings. */
export interface Part<V> {
  (options: never): V;
  readonly settings: Settings;
  /** The same of options by name, where it takes its arguments otherwise. */
  readonly from?: (options: never) => V;
}

/** The kinds of part of a room that a module exports. */
export function partsOf<V>(
  room: Room,
  module: Readonly<Record<string, unknown>>,
): readonly Part<V>[] {
  return Object.values(module).filter(
    (value): value is Part<V> => isPart(value) && value.settings.room === room,
  );
}

function isPart(value: unknown): value is Part<unknown> {
  return typeof value === "function" && "settings" in value && value.settings instanceof Settings;
}

/** All kinds of part by what they are of. */
export type Rooms = Readonly<Partial<Record<Room, readonly Part<unknown>[]>>>;

/**
 * Where data come from: a configuration, where what is left out has its default; or a file, where it has the value from before there was
 * such an option, and all others are there.
 */
export type Source = "configuration" | "file";

/** Where a configuration names no kind. */
const USUAL: Readonly<Partial<Record<Room, string>>> = {
  network: "mlp",
  vectorField: "modulatedResidual",
};

/** What a part's settings are, in data from a source. */
export function settingsSchema(
  rooms: Rooms,
  { schema }: Settings,
  source: Source,
): z.ZodObject<Record<string, z.ZodType>> {
  const shape = Object.entries(schema.shape).map(([name, setting]) => {
    const missing =
      setting instanceof z.ZodOptional ||
      (source === "configuration" && setting instanceof z.ZodDefault);
    const inner = withParts(rooms, setting, source);
    return [name, missing ? inner.optional() : inner] as const;
  });
  return z.strictObject(Object.fromEntries(shape));
}

/** A setting in data from a source, with the descriptions of parts in their place: also of those within lists and objects. */
function withParts(rooms: Rooms, setting: z.core.$ZodType, source: Source): z.ZodType {
  const room = roomOf(setting);
  const kinds = room === undefined ? undefined : rooms[room];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schemas of settings are made by zod's usual interface
  const plain = unwrapped(setting) as z.ZodType;
  if (kinds !== undefined) {
    const part = partSchema(rooms, kinds, source);
    // A union has plain names for some of its parts.
    return plain instanceof z.ZodUnion ? z.union([plain, part]) : part;
  }
  if (!holdsParts(plain)) return plain;
  if (plain instanceof z.ZodArray) return z.array(withParts(rooms, plain.element, source));
  if (!(plain instanceof z.ZodObject)) return plain;
  const shape = Object.entries(plain.shape).map(([name, inner]) => [
    name,
    withParts(rooms, inner, source),
  ]);
  return z.strictObject(Object.fromEntries(shape));
}

/** Whether there are parts within a list or an object. */
function holdsParts(setting: z.core.$ZodType): boolean {
  const plain = unwrapped(setting);
  if (roomOf(plain) !== undefined) return true;
  if (plain instanceof z.ZodArray) return holdsParts(plain.element);
  return plain instanceof z.ZodObject && Object.values(plain.shape).some(holdsParts);
}

/** A part of one of several kinds, in data from a source: the name of its kind, or an object with that and its settings. */
export function partSchema<V>(
  rooms: Rooms,
  parts: readonly Part<V>[],
  source: Source,
): z.ZodType<V> {
  const room = parts[0]?.settings.room ?? "network";
  return z.unknown().transform((json, context): V => {
    const data = source === "file" ? record(json) : enclosed(parts, record(json));
    const { kind = source === "configuration" ? USUAL[room] : undefined, ...given } = data;
    const part = parts.find(({ settings }) => isCalled(settings, kind, source));
    if (part === undefined) {
      const kinds = parts.map(({ settings }) => nameOf(settings, source)).join(", ");
      const found = kind === undefined ? "has no kind" : `is ${JSON.stringify(kind)}`;
      context.addIssue(`must be of one of the kinds ${kinds}, but ${found}`);
      return z.NEVER;
    }
    const { settings } = part;
    const values =
      source === "file"
        ? { ...settings.before, ...settings.fromFile(given) }
        : settings.fromConfiguration(given);
    const parsed = settingsSchema(rooms, settings, source).safeParse(values);
    if (parsed.success) return make(part, parsed.data);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- issues as they were found, below this place
    context.issues.push(...(knowing(parsed.error, settings.names) as z.core.$ZodRawIssue[]));
    return z.NEVER;
  });
}

/** A configuration of one part within another, where it says no more than that. */
function enclosed(
  parts: readonly Part<unknown>[],
  json: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  for (const { settings } of parts) {
    if (isCalled(settings, json["kind"], "configuration")) continue;
    const own = settings.around(json);
    if (own !== undefined) return { kind: settings.kind, ...own };
  }
  return json;
}

function isCalled(settings: Settings, name: unknown, source: Source): boolean {
  return name === settings.kind || name === nameOf(settings, source);
}

/** What a kind of part is called in data from a source. */
function nameOf({ kind, alias }: Settings, source: Source): string {
  return source === "file" ? kind : alias;
}

/** A name alone is a kind with its defaults. */
function record(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json === "string") return { kind: json };
  return typeof json === "object" && json !== null ? { ...json } : {};
}

/** Makes a part of checked settings. */
export function make<V>(part: Part<V>, options: object): V {
  return (part.from ?? part)(options as never);
}

/**
 * A part from its description in a file.
 *
 * @throws InvalidArgumentError where it is not one of the library's, or its settings cannot be.
 */
export function readPart<V>(rooms: Rooms, parts: readonly Part<V>[], description: unknown): V {
  const parsed = partSchema(rooms, parts, "file").safeParse(description);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    `the ${ROOMS[parts[0]?.settings.room ?? "network"]} ${JSON.stringify(description)} is not one of the library's, so that its file cannot rebuild it (${explain(parsed.error.issues, description)}): give the one it was trained with`,
  );
}

const ROOMS: Readonly<Record<Room, string>> = {
  network: "network",
  summary: "summary network",
  vectorField: "vector field",
  tokens: "network of tokens",
  density: "density",
  estimateLoss: "loss",
  ratioLoss: "loss",
  method: "method",
  transform: "transform",
  likelihood: "likelihood",
};
