/**
 * Numbers of the data that say nothing: those that never vary, and those that are always equal to another.
 */
import type { Column, DataSets } from "../data/data-sets.js";
import { position, sizeOf } from "../data/shape.js";

/** One number of the data: its array, and its place in it. */
interface Place {
  readonly name: string;
  readonly column: Column;
  readonly width: number;
  readonly at: number;
}

/** Numbers of the data that have one value in all data sets, or none in any; of a missing value there is nothing to say. */
export function constantPlaces(
  sets: DataSets,
): readonly { readonly place: string; readonly value: number }[] {
  return placesOf(sets).flatMap((place) => {
    const value = valueIn(place, 0);
    return rows(sets).every((row) => Object.is(valueIn(place, row), value))
      ? [{ place: place.name, value }]
      : [];
  });
}

/** Groups of numbers of the data that are equal in all data sets; those that never vary are in none. */
export function duplicatePlaces(sets: DataSets): readonly (readonly string[])[] {
  const constant = new Set(constantPlaces(sets).map(({ place }) => place));
  const varying = placesOf(sets).filter(({ name }) => !constant.has(name));
  // By a few data sets first: comparing all with all would take their number squared.
  const few = rows(sets).slice(0, 16);
  const groups = new Map<string, Place[][]>();
  for (const place of varying) {
    const key = few.map((row) => valueIn(place, row)).join();
    const alike = groups.get(key) ?? [];
    groups.set(key, alike);
    const own = alike.find(([first]) => first !== undefined && equalIn(sets, first, place));
    if (own === undefined) alike.push([place]);
    else own.push(place);
  }
  return [...groups.values()]
    .flat()
    .filter((group) => group.length > 1)
    .map((group) => group.map(({ name }) => name));
}

function placesOf({ specs, columns }: DataSets): readonly Place[] {
  return Object.entries(specs).flatMap(([name, { shape }]) => {
    const column = columns[name];
    const width = sizeOf(shape);
    if (column === undefined) return [];
    return Array.from({ length: width }, (_, at) => ({
      name: `${name}${position(at, shape)}`,
      column,
      width,
      at,
    }));
  });
}

function valueIn({ column, width, at }: Place, row: number): number {
  return column[row * width + at] ?? Number.NaN;
}

function equalIn(sets: DataSets, a: Place, b: Place): boolean {
  return rows(sets).every((row) => Object.is(valueIn(a, row), valueIn(b, row)));
}

function rows({ size }: DataSets): readonly number[] {
  return Array.from({ length: size }, (_, row) => row);
}
