/**
 * Elements as networks of sets see them: side by side, with which of them are there.
 */
import {
  add,
  concat,
  InvalidArgumentError,
  max,
  reshape,
  zerosLike,
  type Named,
  type Tensor,
} from "@amortis/graph";
import { presenceName } from "../data/standardization.js";

/** Elements of one set. */
export interface Elements {
  /** [batch, n, d], zero where a value is not there; of an array that may lack values with an indicator of each beside it. */
  readonly elements: Tensor;
  /** The numbers alone, [batch, n, d], and which of them are there; left out, all are. */
  readonly values: Tensor;
  readonly present?: Tensor;
  /** 1 where an element is there, 0 where not, [batch, n, 1]; left out, all are. */
  readonly there?: Tensor;
  /** Sizes of one element, where all numbers are of one array: [height, width] of a grid. */
  readonly shape?: readonly number[];
}

/** Each array as a set of its own, by name, in alphabetical order. */
function setsOf(what: string, data: Named): readonly (readonly [string, Elements])[] {
  const names = arrayNames(data);
  if (names.length === 0) throw new InvalidArgumentError(`${what}: needs at least one data array`);
  return names.flatMap((name) => {
    const array = data[name];
    return array === undefined ? [] : [[name, elementsOf(what, name, array, data)] as const];
  });
}

/**
 * All arrays as numbers of the same elements, in alphabetical order of their names. An element is there where any number of it is.
 *
 * @throws InvalidArgumentError where they differ in how many elements they have.
 */
export function oneSet(what: string, data: Named): Elements {
  const sets = setsOf(what, data);
  const [first] = sets;
  if (first !== undefined && sets.length === 1) return first[1];
  const differs = sets.find(
    ([, { elements }]) => elements.shape[1] !== first?.[1].elements.shape[1],
  );
  if (differs !== undefined) {
    const shapes = sets.map(([name, { elements }]) => `${name} ${elements.shape[1]}`).join(", ");
    throw new InvalidArgumentError(
      `${what}: all arrays must be of the same elements, but have ${shapes}: give each a network of its own with joinedSummary(...)`,
    );
  }
  const there = sets.flatMap(([, set]) => (set.there === undefined ? [] : [set.there]));
  const present = sets.map(([, set]) => set.present ?? onesLike(set.values));
  return {
    elements: concat(
      sets.map(([, { elements }]) => elements),
      -1,
    ),
    values: concat(
      sets.map(([, { values }]) => values),
      -1,
    ),
    ...(there.length > 0 && { present: concat(present, -1) }),
    ...(there.length > 0 && { there: max(concat(there, -1), { axes: [2], keepDims: true }) }),
  };
}

/** Sets by name: each array's own, or with `join` one of all. */
export function setsIn(
  what: string,
  data: Named,
  join: boolean,
): readonly (readonly [string, Elements])[] {
  return join ? [["all", oneSet(what, data)]] : setsOf(what, data);
}

function onesLike(x: Tensor): Tensor {
  return add(zerosLike(x), 1);
}

/** Names of arrays, without those of indicators of what is there. */
export function arrayNames(data: Named): readonly string[] {
  const indicators = new Set(Object.keys(data).map(presenceName));
  return Object.keys(data)
    .filter((name) => !indicators.has(name))
    .toSorted();
}

function elementsOf(what: string, name: string, array: Tensor, data: Named): Elements {
  const [batch = 1, count, ...sizes] = array.shape;
  if (count === undefined) {
    throw new InvalidArgumentError(
      `${what}: "${name}" should be [elements, ...shape], but is a single number; give it a network of its own with joinedSummary(...)`,
    );
  }
  const shape = sizes.map(Number);
  const width = shape.reduce((n, size) => n * size, 1);
  const elements = reshape(array, [batch, count, width]);
  const presence = data[presenceName(name)];
  if (presence === undefined) return { elements, values: elements, shape };
  const present = reshape(presence, [batch, count, width]);
  return {
    elements: concat([elements, present], -1),
    values: elements,
    present,
    shape,
    there: max(present, { axes: [2], keepDims: true }),
  };
}
