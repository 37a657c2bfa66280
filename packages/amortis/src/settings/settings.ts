/**
 * Settings of a part (a network, a density, a loss, a method), said once.
 *
 * From one schema with defaults follow the type of the options that users give (its input), what is built and described (its
 * output), how files and configurations are read, and what the command line says of them.
 *
 * An option that came later has two values: the default, which new parts take, and the one that was in force `before` there was such an
 * option. Descriptions leave out options at the latter. So a description that lacks an option means the value from before, and what earlier
 * versions wrote of a part (in files, in checkpoints' fingerprints) is what this version writes of the same part.
 */
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import type { Json } from "../json.js";
import { explain, knowing } from "./explain.js";

declare global {
  /** zod's types take it to be global. Users may compile with neither the DOM's types nor Node's; where there are such, this adds nothing. */
  // oxlint-disable-next-line typescript/no-empty-object-type -- merges with whatever there is
  interface URL {}
}

/** Plain data as other plain data. */
export type Reading = (json: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** What there is to say of a part's settings beside their schema. */
export interface SettingsOptions<T extends z.ZodObject> {
  /** Values of options that came later, before there were such options. */
  readonly before?: Partial<z.output<T>>;
  /** What configurations call it, where that differs. */
  readonly alias?: string;
  /** What it is, in a line for help texts. */
  readonly about?: string;
  /** What files have of it, as its settings, where that differs. */
  readonly fromFile?: Reading;
  /** What configurations have of it, as its settings, where they may say it otherwise. */
  readonly fromConfiguration?: Reading;
  /** Its settings, where a configuration names another kind and means that one within this; undefined where it does not. */
  readonly around?: (json: Parameters<Reading>[0]) => Record<string, unknown> | undefined;
}

/** What parts are of. */
export type Room =
  | "network"
  | "summary"
  | "vectorField"
  | "tokens"
  | "density"
  | "estimateLoss"
  | "ratioLoss"
  | "method"
  | "transform"
  | "likelihood";

/** The settings of a kind of part. */
export class Settings<T extends z.ZodObject = z.ZodObject> {
  readonly room: Room;
  /** Its name in descriptions. */
  readonly kind: string;
  readonly schema: T;
  readonly before: Readonly<Record<string, unknown>>;
  /** Its name in configurations. */
  readonly alias: string;
  readonly about: string;
  readonly fromFile: Reading;
  readonly fromConfiguration: Reading;
  readonly around: NonNullable<SettingsOptions<T>["around"]>;

  constructor(room: Room, kind: string, schema: T, options: SettingsOptions<T> = {}) {
    this.room = room;
    this.kind = kind;
    this.schema = schema;
    this.before = options.before ?? {};
    this.alias = options.alias ?? kind;
    this.about = options.about ?? "";
    this.fromFile = options.fromFile ?? ((json) => ({ ...json }));
    this.fromConfiguration = options.fromConfiguration ?? ((json) => ({ ...json }));
    this.around = options.around ?? (() => undefined);
  }

  /** Names of the settings. */
  get names(): readonly string[] {
    return Object.keys(this.schema.shape);
  }

  /**
   * Options with defaults filled in.
   *
   * @throws InvalidArgumentError where one is unknown or out of range.
   */
  resolve(given: z.input<T>): z.output<T> {
    const parsed = this.schema.safeParse(given);
    if (parsed.success) return parsed.data;
    const issues = knowing(parsed.error, this.names);
    throw new InvalidArgumentError(`${this.kind}: ${explain(issues, given)}`);
  }

  /** What a part with these settings says of itself. */
  describe(values: Readonly<Record<string, unknown>>): Record<string, Json> {
    const entries = Object.entries(values).flatMap(([name, value]): [string, Json][] => {
      const json = describeValue(value);
      if (json === undefined || this.#isBefore(name, json)) return [];
      return [[name, json]];
    });
    return {
      [this.room === "method" ? "method" : "kind"]: this.kind,
      ...Object.fromEntries(entries),
    };
  }

  #isBefore(name: string, json: Json): boolean {
    if (!Object.hasOwn(this.before, name)) return false;
    return JSON.stringify(describeValue(this.before[name])) === JSON.stringify(json);
  }
}

/** A part as data; functions of one's own are "custom". */
function describeValue(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (isDescribable(value)) return value.describe();
  if (typeof value === "function") return "custom";
  if (Array.isArray(value)) return value.map((item) => describeValue(item) ?? null);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, describeValue(item)]);
    return Object.fromEntries(entries.filter(([, json]) => json !== undefined)) as Json;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- settings are plain data, or parts
  return value as Json;
}

function isDescribable(value: unknown): value is { describe(): Json } {
  const known = typeof value === "object" || typeof value === "function";
  return known && value !== null && "describe" in value && typeof value.describe === "function";
}

/** Settings that are parts, by what they are of. */
export const rooms = z.registry<{ readonly room: Room }>();

/**
 * A setting that is a part itself. In descriptions and configurations it is its description.
 *
 * @param room what kind of part it is.
 * @param what it is called in messages.
 */
export function slot<V extends { describe(): Json }>(room: Room, what: string): z.ZodCustom<V, V> {
  return z.custom<V>(isDescribable, { error: `must be ${what}` }).register(rooms, { room });
}

/** The room whose parts a setting holds; undefined where it holds none. */
export function roomOf(setting: z.core.$ZodType): Room | undefined {
  return rooms.get(unwrapped(setting))?.room;
}

/** A setting without its default. */
export function unwrapped(setting: z.core.$ZodType): z.core.$ZodType {
  if (
    setting instanceof z.ZodOptional ||
    setting instanceof z.ZodDefault ||
    setting instanceof z.ZodReadonly
  ) {
    return unwrapped(setting.unwrap());
  }
  return setting;
}
