/** Where storages lie: in one block, which those share that are not needed at the same time. */
import { BYTES } from "./operations.js";
import type { Unit } from "./schedule.js";
import type { Storage, View } from "./view.js";

/** Storages begin at multiples of this, so that a loop may write a few elements more than there are. */
const ALIGNMENT = 16;

export const aligned = (bytes: number): number => ALIGNMENT * Math.ceil(bytes / ALIGNMENT);

export const bytesOf = ({ dtype, size }: Storage): number => aligned(BYTES[dtype] * size);

/** What a unit reads and writes. */
export function touched(unit: Unit): readonly View[] {
  if (unit.kind === "loop") return [...unit.reads, ...unit.writes];
  const { inputs, output } = unit.operation;
  return [...inputs.flatMap((view) => view ?? []), output];
}

/** Places by storage, and how many bytes they are together. */
export interface Layout {
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
}

/** Free pieces of a block, in the order of their places. */
class FreeList {
  readonly #pieces: { start: number; end: number }[] = [{ start: 0, end: Infinity }];
  bytes = 0;

  /** The smallest piece that is large enough. */
  take(size: number): number {
    let best: { start: number; end: number } | undefined;
    for (const piece of this.#pieces) {
      const room = piece.end - piece.start;
      if (room >= size && (best === undefined || room < best.end - best.start)) best = piece;
    }
    if (best === undefined) throw new RangeError("no room");
    const { start } = best;
    best.start += size;
    this.bytes = Math.max(this.bytes, start + size);
    if (best.start === best.end) this.#pieces.splice(this.#pieces.indexOf(best), 1);
    return start;
  }

  give(start: number, size: number): void {
    const end = start + size;
    const next = this.#pieces.findIndex((piece) => piece.start >= end);
    const [before, after] = [this.#pieces[next - 1], this.#pieces[next]];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    if (before && joinsBefore && after && joinsAfter) {
      before.end = after.end;
      this.#pieces.splice(next, 1);
    } else if (before && joinsBefore) before.end = end;
    else if (after && joinsAfter) after.start = start;
    else this.#pieces.splice(next, 0, { start, end });
  }
}

/**
 * Places of all storages of a region that units touch.
 *
 * @param first storages that are there before the first unit
 * @param last storages that must be there after the last unit
 */
export function layOut(
  units: readonly (readonly View[])[],
  region: 0 | 1,
  first: readonly View[],
  last: readonly View[],
): Layout {
  const isOurs = ({ storage: { place } }: View): boolean =>
    place.kind === "scratch" && place.region === region;
  const steps = [first, ...units, last].map((views) => views.filter(isOurs));
  const ends = new Map<number, number>();
  for (const [at, views] of steps.entries()) {
    for (const { storage } of views) ends.set(storage.id, at);
  }
  const free = new FreeList();
  const offsets = new Map<number, number>();
  for (const [at, views] of steps.entries()) {
    for (const { storage } of views) {
      if (!offsets.has(storage.id)) offsets.set(storage.id, free.take(bytesOf(storage)));
    }
    for (const storage of new Set(views.map((view) => view.storage))) {
      if (ends.get(storage.id) === at) free.give(offsets.get(storage.id) ?? 0, bytesOf(storage));
    }
  }
  return { offsets, bytes: free.bytes };
}
