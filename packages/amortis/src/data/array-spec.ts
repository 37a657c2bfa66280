/**
 * What one array of a model's data is: the roles of its axes, which of its sizes vary, and whether values may be missing.
 *
 * A plain shape says sizes alone: `z: [16, 16]`. A specification says more: that the last axis are channels, which have units of their own; that
 * elements have no order; that there may be fewer of them. Whatever is not there, because a value is missing or because a data set has fewer
 * elements than another, is NaN in the array; networks see zero in its place, and an array of indicators beside it.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { InvalidArgumentError } from "@amortis/graph";
import { object, optional, usually } from "../schema/objects.js";
import { either, reads, type ValueOf } from "../schema/schema.js";
import { flag, list, oneOf, text, whole } from "../schema/values.js";
import { sameSizes, sizeOf } from "./shape.js";

/** What an array is made of: numbers each of its own kind, places on a grid, times, or elements without order. */
export type ArrayKind = "array" | "vector" | "grid" | "series" | "set";

/** What an array of a data set is. Made by `vector`, `grid`, `series`, `set` and `missing`, or from a plain shape. */
export interface ArraySpec {
  readonly kind: ArrayKind;
  /** Sizes, outermost first; where one varies, the largest it can have. */
  readonly shape: readonly number[];
  /** Whether the last axis are channels, each with units of its own. */
  readonly channels: boolean;
  /** Whether data sets may have fewer than `shape[0]` elements or times. */
  readonly varies: boolean;
  /** The name of the size that varies, which arrays of the same elements share. */
  readonly size?: string;
  /** Whether values may be missing: NaN in the data. */
  readonly missing: boolean;
}

/** Sizes, outermost first, of which the first may be the name of one that varies: [16, 16], ["m", 3]. */
export type ShapeInput = readonly (number | string)[];

/** What a model says of an array: a shape, or more. */
export type ArraySpecInput = ShapeInput | ArraySpec;

/** How many there are of each named size, at most. */
export type LargestSizes = Readonly<Record<string, number>>;

/** What a model says of its data, by name. */
export type DataSpec = Readonly<Record<string, ArraySpecInput>>;

/** Specifications by name. */
export type ArraySpecs = Readonly<Record<string, ArraySpec>>;

/** Channels of an array. */
export interface ChannelOptions {
  /** Numbers at each place or time, each with units of its own; left out, there is one, and no axis for it. */
  readonly channels?: number;
}

const CHANNELS: KnownOptions<ChannelOptions> = { channels: true };

/** Elements of a set. */
export interface ElementOptions {
  /** Numbers of each element, 1 by default, each with units of its own. */
  readonly of?: number;
}

const ELEMENTS: KnownOptions<ElementOptions> = { of: true };

/** How many there are: so many, up to so many, or as many as a named size of the model says. */
export type Count = number | { readonly upTo: number } | string;

/**
 * Numbers each with units of its own: [size].
 *
 * @throws InvalidArgumentError where the size is no positive whole number.
 * @example data: { summaries: vector(5) }
 */
export function vector(size: number): ArraySpec {
  return specify("vector", [size], {});
}

/**
 * A field or an image on a regular grid: [height, width], or [height, width, channels].
 *
 * @throws InvalidArgumentError where a size is no positive whole number.
 * @example data: { image: grid(32, 32, { channels: 3 }) }
 */
export function grid(height: number, width: number, options: ChannelOptions = {}): ArraySpec {
  requireKnown("grid", options, CHANNELS);
  const { channels } = options;
  return specify("grid", [height, width, ...axisOf(channels)], {
    channels: channels !== undefined,
  });
}

/**
 * A series at regular times: [length], or [length, channels].
 *
 * @param length so many times, or `{ upTo: 100 }` where data sets differ.
 * @throws InvalidArgumentError where a size is no positive whole number.
 * @example data: { cases: series(14), weather: series({ upTo: 365 }, { channels: 2 }) }
 */
export function series(length: Count, options: ChannelOptions = {}): ArraySpec {
  requireKnown("series", options, CHANNELS);
  const { channels } = options;
  return specify("series", [largest(length), ...axisOf(channels)], {
    channels: channels !== undefined,
    ...variation(length),
  });
}

/**
 * Elements without order, such as replicates or trials: [count, of].
 *
 * @param count so many elements, or `{ upTo: 50 }` where data sets differ.
 * @param options `of`: numbers of each element, 1 by default, each with units of its own.
 * @throws InvalidArgumentError where a size is no positive whole number.
 * @example data: { trials: set({ upTo: 50 }, { of: 2 }) }
 */
export function set(count: Count, options: ElementOptions = {}): ArraySpec {
  requireKnown("set", options, ELEMENTS);
  const { of = 1 } = options;
  return specify("set", [largest(count), of], { channels: true, ...variation(count) });
}

/**
 * The same array, of which values may be missing: NaN in what a simulator returns and in data.
 *
 * @example data: { z: missing(grid(16, 16)), y: missing([20]) }
 */
export function missing(spec: ArraySpecInput): ArraySpec {
  return Object.freeze({ ...specOf(spec), missing: true });
}

/**
 * The specification of a plain shape, or the one given. Where the first size is a name, the array is a set of as many elements: numbers, vectors of
 * numbers with units of their own, or arrays.
 *
 * @param largest what named sizes can be at most.
 */
export function specOf(spec: ArraySpecInput, largest: LargestSizes = {}): ArraySpec {
  const own = isShape(spec) ? ofShape(spec) : spec;
  const most = own.size === undefined ? undefined : largest[own.size];
  return most === undefined ? own : Object.freeze({ ...own, shape: own.shape.with(0, most) });
}

/** Specifications of all arrays. */
export function specsOf(data: DataSpec, largest: LargestSizes = {}): ArraySpecs {
  return Object.fromEntries(
    Object.entries(data).map(([name, spec]) => [name, specOf(spec, largest)]),
  );
}

/** Whether an array has as many elements as there are, however many, in whatever sees it: a set of a named size. Others are padded to their largest size. */
export function isFree({ kind, size }: ArraySpec): boolean {
  return kind === "set" && size !== undefined;
}

/** Sizes as graphs have them: a named one where it is free. */
export function graphSizes(spec: ArraySpec): readonly (number | string)[] {
  const { shape, size } = spec;
  return size !== undefined && isFree(spec) ? [size, ...shape.slice(1)] : shape;
}

/** Shapes of all arrays. */
export function shapesOf(specs: ArraySpecs): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape]));
}

/** Whether an array may lack values: they are missing, or there are fewer elements. */
export function mayLack({ varies, missing }: ArraySpec): boolean {
  return varies || missing;
}

/** Sizes as people write them: [≤50, 2] where the first varies, [m ≤ 50, 2] where it has a name. */
export function describeSizes({ shape, varies, size: name }: ArraySpec): string {
  const first = (size: number): string => (name === undefined ? `≤${size}` : `${name} ≤ ${size}`);
  return `[${shape.map((size, axis) => (varies && axis === 0 ? first(size) : String(size))).join(", ")}]`;
}

/** A specification in few words: "series [≤100, 2], values may be missing". */
export function describeSpec(of: ArraySpecInput): string {
  const spec = specOf(of);
  const kind = spec.kind === "array" ? "" : `${spec.kind} `;
  return `${kind}${describeSizes(spec)}${spec.missing ? ", values may be missing" : ""}`;
}

/** Whether two specifications are of the same data. */
export function sameSpec(a: ArraySpec, b: ArraySpec): boolean {
  return (
    a.kind === b.kind &&
    a.channels === b.channels &&
    a.varies === b.varies &&
    a.size === b.size &&
    a.missing === b.missing &&
    sameSizes(a.shape, b.shape)
  );
}

/** Whether two models' data are the same: names, in any order, and what each array is. */
export function sameSpecs(a: ArraySpecs, b: ArraySpecs): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [one, other] = [a[name], b[name]];
      return one !== undefined && other !== undefined && sameSpec(one, other);
    })
  );
}

const shapeSchema = list(whole({ least: 1, most: 2 ** 31 }), { most: 16 });

/** All that is known of an array, in files. */
export const arraySpecFields = {
  kind: oneOf("array", "vector", "grid", "series", "set"),
  shape: shapeSchema,
  channels: usually(flag, false),
  varies: usually(flag, false),
  size: optional(text({ least: 1 })),
  missing: usually(flag, false),
};

/** A specification in files: a plain shape, as version 0.1 had it, or all that is known. */
export const arraySpecSchema = either(shapeSchema, object(arraySpecFields));

/** A specification as files have it: the shape alone where there is nothing else to say. */
export function specToJSON(spec: ArraySpec): ValueOf<typeof arraySpecSchema> {
  const { kind, shape, channels, varies, size, missing } = spec;
  if (kind === "array" && !mayLack(spec)) return [...shape];
  return {
    kind,
    shape: [...shape],
    channels,
    varies,
    ...(size !== undefined && { size }),
    missing,
  };
}

/** Whether a value says what an array is: a shape, or more. */
export function isArraySpecInput(value: unknown): value is ArraySpecInput {
  const own = Array.isArray(value) && typeof value[0] === "string" ? value.slice(1) : value;
  return reads(arraySpecSchema, own).fits;
}

function isShape(spec: ArraySpecInput): spec is ShapeInput {
  return Array.isArray(spec);
}

/** @throws InvalidArgumentError where another size than the first has a name. */
function ofShape(shape: ShapeInput): ArraySpec {
  const [first, ...rest] = shape;
  const sizes = rest.map((size) => (typeof size === "number" ? size : Number.NaN));
  if (typeof first !== "string") {
    return specify("array", first === undefined ? [] : [first, ...sizes], {});
  }
  return specify("set", [1, ...sizes], { channels: sizes.length === 1, ...variation(first) });
}

/** How the first size varies. */
function variation(count: Count): Pick<ArraySpec, "varies" | "size"> {
  return { varies: typeof count !== "number", ...(typeof count === "string" && { size: count }) };
}

function axisOf(channels: number | undefined): readonly number[] {
  return channels === undefined ? [] : [channels];
}

/** A named size is known once the model says what it can be. */
function largest(count: Count): number {
  if (typeof count === "string") return 1;
  return typeof count === "number" ? count : count.upTo;
}

type Variation = "channels" | "varies" | "size";

function specify(
  kind: ArrayKind,
  shape: readonly number[],
  { channels = false, varies = false, size }: Partial<Pick<ArraySpec, Variation>>,
): ArraySpec {
  const bad = shape.find((size) => !Number.isInteger(size) || size < 1);
  if (bad !== undefined || sizeOf(shape) > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError(
      `${kind}: sizes must be positive whole numbers, but are [${shape.join(", ")}]`,
    );
  }
  return Object.freeze({
    kind,
    shape: Object.freeze([...shape]),
    channels,
    varies,
    ...(size !== undefined && { size }),
    missing: false,
  });
}
