/**
 * Data sets as trials: numbers that a likelihood is of, continuous and discrete ones apart.
 *
 * A data set is one trial, or, where its elements are independent given the parameters, one for each. Numbers lie side by side in alphabetical order of
 * their arrays' names, the continuous ones as networks see them. All trials are standardised alike.
 */
import {
  add,
  cast,
  concat,
  constant,
  equal,
  InvalidArgumentError,
  reshape,
  slice,
  split,
  sum,
  where,
  zerosLike,
  type Named,
  type Tensor,
} from "@amortis/graph";
import { isFree, type ArraySpec, type ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { joinedMoments } from "../data/joined-moments.js";
import type { Moments } from "../data/moments.js";
import { sizeOf } from "../data/shape.js";
import { DataError } from "../data/simulator-output.js";
import { spread, type Standardization } from "../data/standardization.js";
import { logSlope, standardize } from "../data/standardization-graph.js";
import type { DiscreteKind } from "../densities/discrete.js";

/** One number of a trial. */
export interface TrialNumber {
  readonly array: string;
  /** Its place in its array's trial. */
  readonly at: number;
  /** Left out, it is continuous. */
  readonly discrete?: DiscreteKind;
}

/** What trials are. */
export interface TrialLayout {
  readonly specs: ArraySpecs;
  /** Whether each element of a data set is a trial. */
  readonly replicates: boolean;
  /** Whether there may be fewer trials than there is room for. */
  readonly varies: boolean;
  readonly continuous: readonly TrialNumber[];
  readonly discrete: readonly (TrialNumber & { readonly discrete: DiscreteKind })[];
}

/** Trials of data sets, apart: [..., d], [..., c], and [..., 1] each. */
export interface Trials {
  readonly continuous: Tensor | undefined;
  readonly discrete: Tensor | undefined;
  /** Σ log |d seen / d own| of the continuous numbers. */
  readonly logSlope: Tensor;
  /** 1 where there is a trial, 0 where not. */
  readonly there: Tensor | undefined;
}

/**
 * How data are laid out as trials.
 *
 * @throws InvalidArgumentError where there is no such array, values may be missing, or arrays differ in how many trials they have.
 */
export function trialLayout(
  what: string,
  specs: ArraySpecs,
  discrete: Readonly<Record<string, DiscreteKind>>,
  replicates: boolean,
): TrialLayout {
  const names = Object.keys(specs).toSorted();
  const unknown = Object.keys(discrete).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `${what}: there is no array "${unknown}" to be discrete; there are ${names.join(", ")}`,
    );
  }
  const entries = names.flatMap((name) => (specs[name] ? [[name, specs[name]] as const] : []));
  for (const [name, spec] of entries) requireTrials(what, name, spec, replicates);
  const sizes = new Set(entries.map(([, spec]) => spec.size ?? spec.shape[0]));
  if (replicates && sizes.size > 1) {
    throw new InvalidArgumentError(
      `${what}: with replicates all arrays must be of the same trials, but have ${entries.map(([name, { size, shape }]) => `${name} ${size ?? shape[0]}`).join(", ")}`,
    );
  }
  if (entries.length > 1 && entries.some(([, spec]) => spec.varies && !isFree(spec))) {
    throw new InvalidArgumentError(
      `${what}: ${names.join(", ")} are numbers of the same trials, whose number varies, so that data sets must have as many of one as of another: give them one size by name, as in data: { ${names.map((name) => `${name}: ["m"]`).join(", ")} }, sizes: { m: discreteUniform(1, 50) }`,
    );
  }
  const numbers = entries.flatMap(([array, spec]) => {
    const kind = discrete[array];
    return Array.from({ length: trialSize(spec, replicates) }, (_, at) => ({
      array,
      at,
      ...(kind && { discrete: kind }),
    }));
  });
  return {
    specs,
    replicates,
    varies: entries.some(([, { varies }]) => varies),
    continuous: numbers.filter((number) => number.discrete === undefined),
    discrete: numbers.flatMap((number) =>
      number.discrete === undefined ? [] : [{ ...number, discrete: number.discrete }],
    ),
  };
}

function requireTrials(what: string, name: string, spec: ArraySpec, replicates: boolean): void {
  if (spec.missing) {
    throw new InvalidArgumentError(
      `${what}: values of "${name}" may be missing, and there is no density of data sets without them: use npe, or give a summary as transform`,
    );
  }
  if (replicates && spec.shape.length === 0) {
    throw new InvalidArgumentError(
      `${what}: with replicates "${name}" should be [trials, ...], but is a single number`,
    );
  }
  if (!replicates && (spec.varies || isFree(spec))) {
    throw new InvalidArgumentError(
      `${what}: data sets differ in how many elements "${name}" has: give \`replicates: true\` where these are independent given the parameters, or else a summary as transform`,
    );
  }
}

/** @throws DataError where a number is none of the values, or no count, that the layout says. */
export function requireDiscrete(
  what: string,
  { discrete }: TrialLayout,
  { columns, size }: DataSets,
): void {
  for (const [name, kind] of new Map(discrete.map((number) => [number.array, number.discrete]))) {
    const column = columns[name] ?? new Float32Array(0);
    // What lies beyond the last trial is no number.
    const at = column.findIndex((value) => !Number.isNaN(value) && !isOf(kind, value));
    if (at < 0) continue;
    const expected = kind === "counts" ? "whole numbers from 0 on" : kind.join(", ");
    throw new DataError(
      `${what}: "${name}" of simulation ${Math.floor((at * size) / column.length)} has ${column[at]}, but its numbers are said to be ${kind === "counts" ? `counts, ${expected}` : `among ${expected}`}: mend \`discrete\`, or leave "${name}" out of it where it is continuous`,
    );
  }
}

function isOf(kind: DiscreteKind, value: number): boolean {
  return kind === "counts" ? Number.isInteger(value) && value >= 0 : kind.includes(value);
}

/** Numbers of an array that are of one trial. */
function trialSize({ shape }: ArraySpec, replicates: boolean): number {
  return sizeOf(replicates ? shape.slice(1) : shape);
}

/** A list of an array's moments, of the numbers of its first trial. */
function ofTrial(
  layout: TrialLayout,
  { data }: Standardization,
  { array, at }: TrialNumber,
  pick: (moments: Moments) => readonly number[],
): number {
  const moments = data[array] ?? { mean: [0], sd: [1] };
  return spread(pick(moments), layout.specs[array]?.shape ?? [], moments.shape)[at] ?? 0;
}

/** Moments of the continuous numbers of a trial, side by side. */
function trialMoments(layout: TrialLayout, standardization: Standardization): Moments {
  const { continuous } = layout;
  const list = (pick: (moments: Moments) => readonly number[]): number[] =>
    continuous.map((number) => ofTrial(layout, standardization, number, pick));
  const isOverDecades = continuous.some(
    ({ array }) => standardization.data[array]?.tails !== undefined,
  );
  return joinedMoments(list, isOverDecades);
}

/** Mean and standard deviation of a discrete number, in its own units. */
export function discreteMoments(
  layout: TrialLayout,
  standardization: Standardization,
  number: TrialNumber,
): { readonly mean: number; readonly sd: number } {
  const of = (pick: (moments: Moments) => readonly number[]): number =>
    ofTrial(layout, standardization, number, pick);
  return {
    mean: of(({ mean }) => mean) + of(({ offset = [0] }) => offset),
    sd: of(({ sd }) => sd),
  };
}

/**
 * Trials with all that is needed of them side by side, [batch, trials, width].
 *
 * @param data as methods have it (`transformed`): less offsets where nothing transforms them.
 */
export function packTrials(
  data: Named,
  layout: TrialLayout,
  standardization: Standardization,
): Tensor {
  const names = Object.keys(layout.specs).toSorted();
  const arrays = names.flatMap((name) => {
    const [array, spec] = [data[name], layout.specs[name]];
    return array === undefined || spec === undefined
      ? []
      : [[name, trialsOf(name, array, spec, layout, standardization)] as const];
  });
  const [first] = arrays;
  if (first === undefined) throw new InvalidArgumentError("a likelihood needs a data array");
  const there = layout.varies ? equal(first[1], first[1]) : undefined;
  const present = (x: Tensor): Tensor => (layout.varies ? where(equal(x, x), x, 0) : x);
  const isDiscrete = (name: string): boolean => layout.discrete.some(({ array }) => array === name);
  const join = (kind: boolean): Tensor | undefined => {
    const own = arrays.flatMap(([name, x]) => (isDiscrete(name) === kind ? [present(x)] : []));
    return own.length === 0 ? undefined : concat(own, -1);
  };
  const [continuous, discrete] = [join(false), join(true)];
  const parts: Tensor[] = [];
  const moments = trialMoments(layout, standardization);
  let slope = zerosLike(slice(first[1], -1, 0, 1));
  if (continuous !== undefined) {
    parts.push(standardize(continuous, moments));
    const each = add(zerosLike(continuous), logSlope(continuous, moments));
    slope = sum(each, { axes: [-1], keepDims: true });
  }
  if (discrete !== undefined) parts.push(discrete);
  parts.push(slope);
  if (there !== undefined) {
    parts.push(slice(cast(there, first[1].dtype), -1, 0, 1));
  }
  return concat(parts, -1);
}

/** An array as trials [batch, trials, numbers], in its own units, but for continuous ones less the offset of the first trial. */
function trialsOf(
  name: string,
  array: Tensor,
  spec: ArraySpec,
  layout: TrialLayout,
  { data }: Standardization,
): Tensor {
  const { offset, shape } = data[name] ?? {};
  const size = trialSize(spec, layout.replicates);
  const isDiscrete = layout.discrete.some((number) => number.array === name);
  let own = array;
  if (offset !== undefined) {
    const all = spread(offset, spec.shape, shape);
    const back = isFree(spec)
      ? Float64Array.from(all.subarray(0, size), (value) => (isDiscrete ? value : 0))
      : all.map((value, i) => value - (isDiscrete ? 0 : (all[i % size] ?? 0)));
    const sizes = isFree(spec) ? spec.shape.slice(1) : spec.shape;
    if (back.some((value) => value !== 0)) own = add(array, constant(back, sizes, array.dtype));
  }
  const trials = layout.replicates ? (array.shape[1] ?? 1) : 1;
  return reshape(own, [array.shape[0] ?? 1, trials, size], array);
}

/** The parts of packed trials. */
export function unpackTrials(packed: Tensor, layout: TrialLayout): Trials {
  const { continuous, discrete, varies } = layout;
  const sizes = [continuous.length, discrete.length, 1, varies ? 1 : 0];
  const parts = split(
    packed,
    sizes.filter((size) => size > 0),
    -1,
  );
  let next = 0;
  const [x, c, slope, there] = sizes.map((size) => (size > 0 ? parts[next++] : undefined));
  if (slope === undefined) throw new TypeError("packed trials have a slope");
  return { continuous: x, discrete: c, logSlope: slope, there };
}
