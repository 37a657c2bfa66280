/**
 * Data that are changed by hand.
 */
import { batch, computed } from "@preact/signals";
import { seen } from "../protocol/seen.js";
import type { DataRecord } from "../protocol/types.js";
import { giveData } from "./actions.js";
import { card, contamination, erased, reply, source, threshold } from "./store.js";

/**
 * The data before anything is erased. What was just painted is here at once: the next touch of the brush goes on from it, whether or not
 * the worker has answered.
 */
export const whole = computed((): DataRecord | undefined => {
  const { value: from } = source;
  const clean = from.kind === "given" && contamination.value.share === 0;
  return clean && Object.keys(from.data).length > 0 ? from.data : reply.value?.whole;
});

/** The data as they are shown: NaN where a value is erased, or hidden by a threshold. */
export const visible = computed((): DataRecord | undefined => {
  const { value: all } = whole;
  const question = { erased: erased.value, threshold: threshold.value };
  return all && seen(all, question, card.value?.threshold);
});

/** One array changed: what had been corrupted is part of the data from now on. */
export function paintArray(name: string, change: (values: Float64Array) => Float64Array): void {
  const { value: data } = whole;
  const values = data?.[name];
  if (data === undefined || values === undefined) return;
  batch(() => {
    if (contamination.value.share > 0) contamination.value = { ...contamination.value, share: 0 };
    giveData({ ...data, [name]: change(values) });
  });
}

/** Values erased, or as they were before. */
export function eraseAt(name: string, places: readonly number[], erase: boolean): void {
  const before = erased.value[name] ?? [];
  const after = erase
    ? [...new Set([...before, ...places])].toSorted((a, b) => a - b)
    : before.filter((place) => !places.includes(place));
  erased.value = { ...erased.value, [name]: after };
}

/** All values above a threshold erased, and none else. */
export function eraseAbove(name: string, threshold: number): void {
  const values = whole.value?.[name] ?? new Float64Array(0);
  const places = Array.from(values, (value, i) => (value > threshold ? i : -1));
  erased.value = { ...erased.value, [name]: places.filter((place) => place >= 0) };
}

/** Hides what is above a threshold that is among the data: as far as the estimator knows it, and nothing from the top of the picture on. */
export function hideAbove(at: number, top: number): void {
  const { value: opened } = card;
  if (opened?.threshold === undefined) return;
  const { from, to } = opened.threshold;
  threshold.value = at >= Math.min(top, to) ? undefined : Math.max(from, at);
}
