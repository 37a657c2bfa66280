/**
 * Numbers that tell of the make-up of data what summaries for parameters leave out: how much each channel varies, how rough it is along an axis or in the order of another channel,
 * what others leave of it, and how large the combinations of numbers are that vary least under the model.
 *
 * Scales are by logarithms: data without noise differ from data with little by more than any others. Roughness is of pseudo-residuals, what linear interpolation between its two neighbours
 * leaves of a number (Gasser, Sroka & Jennen-Steinmetz 1986, "Residual variance and residual pattern in nonlinear regression", doi 10.1093/biomet/73.3.625), which are of noise alone
 * where the mean is smooth.
 */
import type { ArraySpec } from "./array-spec.js";
import type { Column, DataSets } from "./data-sets.js";
import { leftOf, logOf, momentsOf, roughness, roughnessOver } from "./pattern-scales.js";
import { position, sizeOf } from "./shape.js";

/** One number of each data set: [size]; NaN where it has none. */
export interface Pattern {
  /** In words. */
  readonly name: string;
  readonly values: Float64Array;
}

/** Combinations of numbers of the data that vary little, in units of each number. */
export interface Combinations {
  /** Places among all numbers of a data set, the arrays in alphabetical order of their names: [k]. */
  readonly places: readonly number[];
  readonly mean: readonly number[];
  /** One combination a row, those that vary least first, [m, k]: of numbers less their mean, to unit variance. */
  readonly rows: readonly number[];
}

/** How many patterns are looked at, channels of elements held against each other, and numbers that are each a pattern, at most. */
const [MOST, CHANNELS, NUMBERS] = [48, 6, 16];

/** Channels in whose order others are looked at, and elements that are looked at, at most. */
const [ORDERS, ELEMENTS] = [3, 256];

const NONE = new Float64Array();

/** Plain arrays whose last axis has at most so many entries are taken for columns side by side. */
const SIDE_BY_SIDE = 3;

/** Elements of arrays that are as many, with all of their channels. */
interface Group {
  readonly axes: readonly number[];
  readonly ordered: boolean;
  readonly channels: Channel[];
}

interface Channel {
  readonly name: string;
  readonly column: Column;
  /** Of one data set in the column, of one element, and of the channel in it. */
  readonly width: number;
  readonly stride: number;
  readonly start: number;
}

/** The patterns of data sets, always the same ones of the same specifications. */
export function patternsOf(sets: DataSets, combinations?: Combinations): readonly Pattern[] {
  const { groups, numbers } = partsOf(sets);
  const found: (Pattern & { readonly of: (row: number) => number })[] = [];
  const add = (name: string, of: (row: number) => number): void => {
    if (found.length < MOST) found.push({ name, of, values: new Float64Array(sets.size) });
  };
  if (combinations !== undefined) addCombinations(add, sets, combinations);
  for (const group of groups) addGroup(add, group);
  for (const number of numbers.slice(0, NUMBERS)) add(number.name, (row) => at(number, row, 0));
  // All of a data set before the next one: they share what was worked out for it.
  for (let row = 0; row < sets.size; row++)
    for (const { of, values } of found) values[row] = of(row);
  return found.map(({ name, values }) => ({ name, values }));
}

/** The same of each data set, worked out once where it is asked for again before that of another. */
function remembered<T>(of: (row: number) => T): (row: number) => T {
  let last: { readonly row: number; readonly value: T } | undefined;
  return (row) => {
    if (last?.row !== row) last = { row, value: of(row) };
    return last.value;
  };
}

type Add = (name: string, of: (row: number) => number) => void;

function addGroup(add: Add, { axes, ordered, channels }: Group): void {
  const size = sizeOf(axes);
  const some = channels.slice(0, CHANNELS);
  for (const channel of some) {
    const { name } = channel;
    const of = remembered((row) => elementsOf(channel, row, size));
    const moments = remembered((row) => momentsOf(of(row)));
    add(`the mean of ${name}`, (row) => moments(row).mean);
    add(`the variance of ${name}`, (row) => logOf(moments(row).variance));
    add(`the largest deviation of ${name}`, (row) => {
      const { variance, largest } = moments(row);
      return logOf(largest) - logOf(variance);
    });
    if (!ordered) continue;
    for (const [axis, length] of axes.entries()) {
      if (length < 3) continue;
      const along = axes.length === 1 ? "" : ` along axis ${axis}`;
      const stride = sizeOf(axes.slice(axis + 1));
      add(`the steps of ${name}${along}`, (row) =>
        roughness(of(row), length, stride, (before, here) => here - before),
      );
      add(`the roughness of ${name}${along}`, (row) =>
        roughness(of(row), length, stride, (before, here, after) => here - (before + after) / 2),
      );
    }
  }
  if (some.length < 2 || size < some.length + 2) return;
  const elements = some.map((one) => remembered((row) => elementsOf(one, row, size, ELEMENTS)));
  const all = remembered((row) => elements.map((of) => of(row)));
  for (const [i, { name }] of some.entries())
    add(`what other channels leave of ${name}`, (row) => leftOf(all(row), i));
  for (const [i, over] of some.slice(0, ORDERS).entries())
    for (const [j, channel] of some.slice(0, ORDERS).entries()) {
      if (j === i) continue;
      add(`the roughness of ${channel.name} in the order of ${over.name}`, (row) => {
        const [ordering = NONE, values = NONE] = [all(row)[i], all(row)[j]];
        return roughnessOver(ordering, values);
      });
    }
}

/** Halves and quarters of the combinations: of a model with few parameters these are of noise. */
function addCombinations(add: Add, sets: DataSets, { places, mean, rows }: Combinations): void {
  const k = places.length;
  const m = rows.length / k;
  const read = places.map((place) => numberAt(sets, place));
  const squares = remembered((row) => {
    const numbers = Float64Array.from(read, (number, j) => number(row) - (mean[j] ?? 0));
    return Float64Array.from({ length: m }, (_, i) => {
      let value = 0;
      for (let j = 0; j < k; j++) value += (rows[i * k + j] ?? 0) * (numbers[j] ?? 0);
      return value * value;
    });
  });
  const meanOf = (row: number, count: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += squares(row)[i] ?? 0;
    return logOf(sum / count);
  };
  add("what varies least among the numbers", (row) => meanOf(row, m));
  if (m > 3) add("the least of what varies least", (row) => meanOf(row, m >> 1));
}

/** Reads a number of each data set, by its place among all. */
export function numberAt(sets: DataSets, place: number): (row: number) => number {
  let rest = place;
  for (const name of Object.keys(sets.specs).toSorted()) {
    const width = sizeOf(sets.specs[name]?.shape ?? []);
    const column = sets.column(name);
    const own = rest;
    if (own < width) return (row) => column[row * width + own] ?? Number.NaN;
    rest -= width;
  }
  return () => Number.NaN;
}

/** Arrays by how many elements they have, and the numbers that are no elements of anything. */
function partsOf(sets: DataSets) {
  const groups = new Map<string, Group>();
  const numbers: Channel[] = [];
  for (const [name, spec] of Object.entries(sets.specs)) {
    const { kind, shape, size } = spec;
    const width = sizeOf(shape);
    const [axes, of] = axesOf(spec);
    const channel = (start: number, own: string, stride: number): Channel => ({
      name: own,
      column: sets.column(name),
      width,
      stride,
      start,
    });
    if (kind === "vector" || sizeOf(axes) < 3) {
      for (let place = 0; place < Math.min(width, NUMBERS); place++)
        numbers.push(channel(place, name + position(place, shape), width));
      continue;
    }
    const ordered = kind !== "set";
    const key = `${size ?? axes.join()} ${ordered}`;
    const group = groups.get(key) ?? { axes, ordered, channels: [] };
    groups.set(key, group);
    for (let i = 0; i < of; i++)
      group.channels.push(channel(i, of > 1 ? `channel ${i} of ${name}` : name, of));
  }
  return { groups: [...groups.values()], numbers };
}

/** Axes of elements, and how many channels each has. */
function axesOf({ kind, shape, channels }: ArraySpec): readonly [readonly number[], number] {
  const last = shape.at(-1) ?? 1;
  const apart = channels || (kind === "array" && shape.length > 1 && last <= SIDE_BY_SIDE);
  return apart ? [shape.slice(0, -1), last] : [shape, 1];
}

function at({ column, width, stride, start }: Channel, row: number, element: number): number {
  return column[row * width + element * stride + start] ?? Number.NaN;
}

/** A channel of a data set, or so many of its elements at most. */
function elementsOf(channel: Channel, row: number, size: number, most = size): Float64Array {
  const elements = new Float64Array(Math.min(most, size));
  for (let i = 0; i < elements.length; i++) {
    elements[i] = at(channel, row, Math.floor((i * size) / elements.length));
  }
  return elements;
}
