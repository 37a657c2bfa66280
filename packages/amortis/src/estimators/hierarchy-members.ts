/**
 * Which groups there are, and which are within which.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { isArrayData, type ArrayInput } from "../data/array-data.js";
import { countElements } from "../data/counts.js";
import { DataSets } from "../data/data-sets.js";
import type { DataInput } from "../data/match-data.js";
import { sizeOf } from "../data/shape.js";
import type { ArraySpecs } from "../data/array-spec.js";

/** Groups of some hierarchies. */
export interface Members {
  /** How many hierarchies. */
  readonly size: number;
  /** For each level, outermost first, and each of its groups: the number of the group of the level above, or of the hierarchy. */
  readonly parents: readonly Uint32Array[];
}

/** Groups of which one answer is. */
export interface View {
  readonly hierarchy: number;
  /** Of each level, outermost first, the numbers of its groups among all. */
  readonly groups: readonly Uint32Array[];
  /** For each of them, the place of the group that it is in, in the list above. */
  readonly parents: readonly Uint32Array[];
}

/**
 * Groups by the labels of each innermost one: an array for each level above, under its name, beside the data.
 *
 * @param levels names, outermost first.
 * @param rows innermost groups.
 * @param counts how many innermost groups each hierarchy has, in their order; left out, there is one hierarchy.
 * @throws InvalidArgumentError where labels or counts are not of all innermost groups.
 */
export function membersOf(
  levels: readonly string[],
  rows: number,
  data: DataInput,
  counts: readonly number[] = [rows],
): Members {
  let above = hierarchiesOf(counts, rows);
  const parents: Uint32Array[] = [];
  for (const level of levels.slice(0, -1)) {
    const { groups, parent } = groupedBy(labelsOf(level, rows, data), above);
    parents.push(parent);
    above = groups;
  }
  return { size: counts.length, parents: [...parents, above] };
}

/** The hierarchy of each innermost group. */
function hierarchiesOf(counts: readonly number[], rows: number): Uint32Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total !== rows || counts.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new InvalidArgumentError(
      `hierarchies must be how many innermost groups each has, whole numbers from 1 on that add up to the ${rows} that are given; but they are ${counts.slice(0, 8).join(", ")}${counts.length > 8 ? ", ..." : ""}`,
    );
  }
  return Uint32Array.from(counts.flatMap((count, h) => Array.from({ length: count }, () => h)));
}

/** Groups are those of equal labels within one group of the level above, in the order in which they are met. */
function groupedBy(
  labels: ArrayLike<number>,
  above: Uint32Array,
): { readonly groups: Uint32Array; readonly parent: Uint32Array } {
  const known = new Map<string, number>();
  const parent: number[] = [];
  const groups = above.map((within, row) => {
    const key = `${within} ${labels[row]}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, parent.length);
    return parent.push(within) - 1;
  });
  return { groups, parent: Uint32Array.from(parent) };
}

function labelsOf(level: string, rows: number, data: DataInput): ArrayLike<number> {
  const given = byName(data, level);
  const labels = isArrayData(given) ? given.data : given;
  const numbers = isNumbers(labels) ? labels : undefined;
  if (numbers?.length === rows) return numbers;
  throw new InvalidArgumentError(
    `the data must say which "${level}" each of the ${rows} innermost groups is in: an array "${level}" of ${rows} numbers beside the others, but ${numbers === undefined ? "none" : `one of ${numbers.length}`} was given`,
  );
}

function byName(data: DataInput, name: string): ArrayInput | undefined {
  if (Array.isArray(data) || ArrayBuffer.isView(data) || typeof data !== "object") return undefined;
  const entry = Object.entries(data).find(([key]) => key === name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no array was asked for by its name
  return entry?.[1] as ArrayInput | undefined;
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  if (Array.isArray(value)) return value.every((one) => typeof one === "number");
  return value instanceof Float32Array || value instanceof Float64Array;
}

/** All groups of a hierarchy. */
export function wholeView({ parents }: Members, hierarchy: number): View {
  const groups: Uint32Array[] = [];
  const within: Uint32Array[] = [];
  let places = new Map([[hierarchy, 0]]);
  for (const parent of parents) {
    const own: number[] = [];
    const at: number[] = [];
    const next = new Map<number, number>();
    for (const [group, above] of parent.entries()) {
      const place = places.get(above);
      if (place === undefined) continue;
      next.set(group, own.push(group) - 1);
      at.push(place);
    }
    groups.push(Uint32Array.from(own));
    within.push(Uint32Array.from(at));
    places = next;
  }
  return { hierarchy, groups, parents: within };
}

/** One group of a level, and those that it is in. */
export function pathView({ parents }: Members, level: number, group: number): View {
  const path: number[] = [];
  let at = group;
  for (let k = level; k >= 0; k--) {
    path.unshift(at);
    at = parents[k]?.[at] ?? 0;
  }
  return {
    hierarchy: at,
    groups: path.map((one) => Uint32Array.of(one)),
    parents: path.map(() => Uint32Array.of(0)),
  };
}

/** The first group of each level of a hierarchy, each within the one before. */
export function firstView(members: Members, hierarchy: number): View {
  const last = members.parents.length - 1;
  let within = hierarchy;
  for (const parent of members.parents) within = parent.indexOf(within);
  return pathView(members, last, within);
}

/** Data of whole hierarchies, as a simulator makes them, [n, groups, ..., ...shape]: the innermost groups that are there, and which are within which. */
export function unnested(
  sets: DataSets,
  innermost: ArraySpecs,
  levels: number,
): { readonly data: DataSets; readonly members: Members } {
  const [first] = Object.values(sets.specs);
  const room = first?.shape.slice(0, levels) ?? [];
  const all = sizeOf(room);
  const known = Array.from({ length: levels }, () => new Map<string, number>());
  const parents = Array.from({ length: levels }, (): number[] => []);
  const rows: number[] = [];
  for (let row = 0; row < sets.size * all; row++) {
    if (!isThere(sets, innermost, row)) continue;
    rows.push(row);
    let above = Math.floor(row / all);
    let stride = all;
    for (let level = 0; level < levels; level++) {
      stride /= room[level] ?? 1;
      const key = `${Math.floor(row / stride)}`;
      const found = known[level]?.get(key);
      const next = found ?? (parents[level]?.push(above) ?? 1) - 1;
      known[level]?.set(key, next);
      above = next;
    }
  }
  const flat = Object.fromEntries(
    Object.entries(innermost).map(([name]) => [name, sets.column(name)]),
  );
  return {
    data: new DataSets(innermost, sets.size * all, flat).take(rows),
    members: { size: sets.size, parents: parents.map((list) => Uint32Array.from(list)) },
  };
}

/** Whether a group has any value. */
function isThere(sets: DataSets, innermost: ArraySpecs, row: number): boolean {
  return Object.entries(innermost).some(
    ([name, spec]) =>
      countElements({ ...spec, shape: [sizeOf(spec.shape)] }, sets.column(name), row) > 0,
  );
}
