/**
 * The rows of a table whose summaries are nearest to those of data sets: one pass over the table for many data sets.
 */
import { scaled } from "./distance.js";
import type { ReferenceTable, TableBlock } from "./reference-table.js";

/** The rows nearest to one data set, nearest first. */
export interface Nearest {
  /** [count]. */
  readonly distance: Float64Array;
  /** [count, p]. */
  readonly parameters: Float32Array;
  /** W (S - S_obs), [count, s]. */
  readonly offsets: Float64Array;
  /** Median distance of the rows of the first block: how far simulations are that have nothing to do with the data. */
  readonly typical: number;
}

/**
 * The nearest rows to each of some data sets.
 *
 * @param observed their summaries, [n, s].
 * @param scale W, [s] or [s, s].
 * @param count rows for each, no more than the table has.
 */
export async function nearestRows(
  table: ReferenceTable,
  observed: Float32Array,
  scale: Float64Array,
  count: number,
): Promise<readonly Nearest[]> {
  const { summaries: s, parameters: p } = table;
  const at = scaled(observed, scale, s);
  const searches = Array.from(
    { length: at.length / s },
    (_, i) => new Search(at.subarray(i * s, (i + 1) * s), count, p),
  );
  for await (const block of table.blocks()) {
    const rows = scaled(block.summaries, scale, s);
    for (const search of searches) search.look(rows, block);
  }
  return searches.map((search) => search.result());
}

/** The search for one data set: a heap of the nearest so far, with the farthest on top. */
class Search {
  readonly #observed: Float64Array;
  readonly #p: number;
  readonly #count: number;
  /** Squared distances and the places of their rows, as a heap. */
  readonly #heap: Float64Array;
  readonly #places: Uint32Array;
  readonly #parameters: Float32Array;
  readonly #offsets: Float64Array;
  #found = 0;
  #typical = NaN;

  constructor(observed: Float64Array, count: number, p: number) {
    this.#observed = observed;
    this.#p = p;
    this.#count = count;
    this.#heap = new Float64Array(count);
    this.#places = new Uint32Array(count);
    this.#parameters = new Float32Array(count * p);
    this.#offsets = new Float64Array(count * observed.length);
  }

  /** Looks at the rows of a block, whose summaries are W S. */
  look(rows: Float64Array, { rows: n, parameters }: TableBlock): void {
    if (Number.isNaN(this.#typical)) this.#typical = this.#medianDistance(rows, n);
    for (let i = 0; i < n; i++) {
      const limit = this.#found < this.#count ? Infinity : (this.#heap[0] ?? Infinity);
      const square = this.#squareBelow(rows, i, limit);
      if (square < limit) this.#take(square, rows, parameters, i);
    }
  }

  /** d², or what it is at least where that is more than a limit. */
  #squareBelow(rows: Float64Array, i: number, limit: number): number {
    const s = this.#observed.length;
    let square = 0;
    for (let j = 0; j < s && square <= limit; j++) {
      const off = (rows[i * s + j] ?? NaN) - (this.#observed[j] ?? NaN);
      square += off * off;
    }
    return square;
  }

  #medianDistance(rows: Float64Array, n: number): number {
    const all = Float64Array.from({ length: n }, (_, i) => this.#squareBelow(rows, i, Infinity));
    return Math.sqrt(all.toSorted()[Math.floor(n / 2)] ?? NaN);
  }

  #take(square: number, rows: Float64Array, parameters: Float32Array, i: number): void {
    const isFull = this.#found === this.#count;
    const place = isFull ? (this.#places[0] ?? 0) : this.#found++;
    const [p, s] = [this.#p, this.#observed.length];
    for (let j = 0; j < p; j++) this.#parameters[place * p + j] = parameters[i * p + j] ?? NaN;
    for (let j = 0; j < s; j++) {
      this.#offsets[place * s + j] = (rows[i * s + j] ?? NaN) - (this.#observed[j] ?? NaN);
    }
    if (isFull) this.#sink(square, place);
    else this.#rise(square, place);
  }

  /** Puts an entry in the place of the top, and where it belongs. */
  #sink(square: number, place: number): void {
    const [heap, places] = [this.#heap, this.#places];
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      if (left >= this.#count) break;
      const child = right < this.#count && (heap[right] ?? 0) > (heap[left] ?? 0) ? right : left;
      if ((heap[child] ?? 0) <= square) break;
      heap[at] = heap[child] ?? NaN;
      places[at] = places[child] ?? 0;
      at = child;
    }
    heap[at] = square;
    places[at] = place;
  }

  /** Adds an entry at the end, and lets it rise to where it belongs. */
  #rise(square: number, place: number): void {
    const [heap, places] = [this.#heap, this.#places];
    let at = this.#found - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] ?? 0) >= square) break;
      heap[at] = heap[parent] ?? NaN;
      places[at] = places[parent] ?? 0;
      at = parent;
    }
    heap[at] = square;
    places[at] = place;
  }

  result(): Nearest {
    const [p, s, count] = [this.#p, this.#observed.length, this.#found];
    const order = Array.from({ length: count }, (_, at) => at).toSorted(
      (a, b) =>
        (this.#heap[a] ?? 0) - (this.#heap[b] ?? 0) ||
        (this.#places[a] ?? 0) - (this.#places[b] ?? 0),
    );
    const parameters = new Float32Array(count * p);
    const offsets = new Float64Array(count * s);
    for (const [row, at] of order.entries()) {
      const place = this.#places[at] ?? 0;
      parameters.set(this.#parameters.subarray(place * p, (place + 1) * p), row * p);
      offsets.set(this.#offsets.subarray(place * s, (place + 1) * s), row * s);
    }
    const distance = Float64Array.from(order, (at) => Math.sqrt(this.#heap[at] ?? NaN));
    return { distance, parameters, offsets, typical: this.#typical };
  }
}
