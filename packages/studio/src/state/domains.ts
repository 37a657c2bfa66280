/**
 * Ends of the axes of data: as far as there was anything since the estimator was opened, so that nothing jumps while it is dragged.
 */
import { computed } from "@preact/signals";
import type { DataRecord } from "../protocol/types.js";
import { card, reply } from "./store.js";

type Domain = readonly [number, number];

const known = new Map<string, Domain>();
let of = -1;

/** A domain for each array of the data on screen. */
export const domains = computed((): Readonly<Record<string, Domain>> => {
  const { value: opened } = card;
  const data = reply.value?.whole;
  if (opened === undefined || data === undefined) return {};
  if (of !== opened.id) known.clear();
  of = opened.id;
  for (const { name } of opened.arrays) widen(name, data);
  return Object.fromEntries(known);
});

function widen(name: string, data: DataRecord): void {
  const values = (data[name] ?? new Float64Array(0)).filter(Number.isFinite);
  if (values.length === 0) return;
  const before = known.get(name);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  if (before !== undefined && from >= before[0] && to <= before[1]) return;
  const [low, high] = [Math.min(from, before?.[0] ?? from), Math.max(to, before?.[1] ?? to)];
  const room = 0.1 * (high - low || 1);
  known.set(name, [low - room, high + room]);
}
