/**
 * The summary network of data, where the user names none: by what each array is.
 */
import { specsOf, type ArraySpec, type DataSpec } from "../data/array-spec.js";
import { cnn } from "./cnn.js";
import { deepSet } from "./deep-set.js";
import { joinedSummary } from "./joined.js";
import type { SummaryNetwork } from "./network.js";
import { mlpSummary } from "./summary.js";

/** Smallest extent of a grid, and length of a series, that is worth convolving. */
const EXTENT = 4;

/** Columns up to which a plain array may be a series of channels, and how many times longer it then is than wide. */
const CHANNELS = 8;
const RATIO = 4;

/** Times that are left of a series, at most, after its convolutions and poolings. */
const TIMES = 16;

/**
 * Of grids a convolutional network, of series one along time, of sets a network that knows no order, of all other numbers a multilayer perceptron; where
 * there are several of these, their summaries joined. Grids of one size, and series of one length, are channels of one network; arrays of one named size
 * are numbers of the same elements. A plain shape is a grid where it has two axes, or three, and the first two are at least 4; but a series of channels where it
 * is long and narrow, as [100, 4] is.
 *
 * @example defaultSummary({ trials: set({ upTo: 50 }), z: grid(16, 16), dose: [] })
 */
export function defaultSummary(data: DataSpec): SummaryNetwork {
  const byRole = new Map<string, { readonly arrays: string[]; readonly network: SummaryNetwork }>();
  for (const [name, spec] of Object.entries(specsOf(data))) {
    const role = roleOf(name, spec);
    const part = byRole.get(role);
    if (part === undefined) byRole.set(role, { arrays: [name], network: networkOf(spec) });
    else part.arrays.push(name);
  }
  const parts = [...byRole.values()];
  const [first, ...others] = parts;
  return first !== undefined && others.length === 0 ? first.network : joinedSummary({ parts });
}

/** Arrays with the same are seen by one network. */
function roleOf(name: string, spec: ArraySpec): string {
  const [first, second] = spec.shape;
  if (spec.kind === "set") {
    const fields = isFieldSet(spec) ? ` ${name}` : "";
    return spec.size === undefined ? `set ${name}` : `set of size ${spec.size}${fields}`;
  }
  if (isSeries(spec)) return `series ${first}`;
  return isGrid(spec) ? `grid ${first} ${second}` : "numbers";
}

function networkOf(spec: ArraySpec): SummaryNetwork {
  if (spec.kind === "set") return setNetwork(spec);
  if (isSeries(spec)) return temporal(spec.shape[0] ?? 1);
  return isGrid(spec) ? cnn() : mlpSummary();
}

/** Of fields each is seen by a convolutional network; arrays of one named size are numbers of the same elements. */
function setNetwork(spec: ArraySpec): SummaryNetwork {
  return deepSet({
    ...(isFieldSet(spec) && { each: cnn() }),
    ...(spec.size !== undefined && { join: true }),
  });
}

/** Whether elements are fields or images. */
function isFieldSet({ shape: [, height = 0, width = 0] }: ArraySpec): boolean {
  return Math.min(height, width) >= EXTENT;
}

function isSeries(spec: ArraySpec): boolean {
  const [length = 0] = spec.shape;
  return (spec.kind === "series" && length >= EXTENT) || isLongAndNarrow(spec);
}

/** Whether a plain array with as many columns as a grid has is more likely times by channels. */
function isLongAndNarrow({ kind, shape }: ArraySpec): boolean {
  const [length = 0, width = 0] = shape;
  const narrow = width >= EXTENT && width <= CHANNELS && length >= RATIO * width;
  return kind === "array" && shape.length === 2 && narrow;
}

function isGrid({ kind, shape }: ArraySpec): boolean {
  const [height = 0, width = 0] = shape;
  const axes = shape.length === 2 || shape.length === 3;
  return (kind === "grid" || (kind === "array" && axes)) && Math.min(height, width) >= EXTENT;
}

/** Convolutions along time, each followed by a pooling: as many as it takes to leave few times. */
function temporal(length: number): SummaryNetwork {
  const layers = Math.max(2, Math.ceil(Math.log2(length / TIMES)));
  const filters = Array.from({ length: layers }, (_, i) =>
    Math.max(32, 128 / 2 ** (layers - 1 - i)),
  );
  return cnn({ series: true, kernel: 5, filters });
}
