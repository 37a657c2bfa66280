/**
 * The numbers of data sets as an emulator learns them, and back.
 *
 * Each is standardised as networks see it, over decades by the same map. One that has few values, such as a count, is spread evenly over the cell of each
 * (Uria, Murray & Larochelle 2013, arXiv 1306.0186), so that a density can be learned; what is drawn takes the value of the cell it lies in. What an emulator
 * draws beyond what was simulated is left out: that chooses by the data alone, which changes no posterior given data that were met.
 */
import { DataSets, type Column } from "../data/data-sets.js";
import type { ArraySpec } from "../data/array-spec.js";
import { learnMoments, type Moments, type Tails } from "../data/moments.js";
import { sizeOf } from "../data/shape.js";
import { restoreRows, spread, standardizeExactly } from "../data/standardization.js";
import type { Stream } from "../random/index.js";

/** One number of a data set. */
interface Place {
  readonly array: string;
  readonly at: number;
  readonly lower: number;
  readonly upper: number;
  /** All values there are, increasing, where they are few. */
  readonly values: Float64Array | undefined;
}

/** How the numbers of data sets are emulated. */
export class EmulatedColumns {
  readonly #places: readonly Place[];
  /** Of the numbers that are emulated, one after the other, less their offsets. */
  readonly #moments: Moments;
  readonly #offset: readonly number[];

  /**
   * As learned from simulated data sets, none of which lacks a value.
   *
   * @param only places of the numbers that are emulated, of all arrays flattened and joined in alphabetical order of their names; all by default. The others, which tell
   *   nothing of the parameters, are those of data sets that were simulated.
   */
  constructor(sets: DataSets, only?: readonly number[]) {
    const arrays = Object.entries(sets.specs).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const all = arrays.flatMap(([array, spec]) => placesOf(sets, array, spec));
    const emulated = only === undefined ? all : all.filter((_, place) => only.includes(place));
    const list = (pick: (moments: PlaceMoments) => number): number[] =>
      emulated.map(({ moments }) => pick(moments));
    this.#places = emulated.map(({ place }) => place);
    this.#offset = list(({ offset }) => offset);
    this.#moments = {
      mean: list(({ mean }) => mean),
      sd: list(({ sd }) => sd),
      tails: {
        center: list(({ tails }) => tails.center),
        width: list(({ tails }) => tails.width),
        mean: list(({ tails }) => tails.mean),
        sd: list(({ tails }) => tails.sd),
      },
    };
  }

  /** Numbers of a data set that are emulated. */
  get size(): number {
    return this.#places.length;
  }

  /** What an emulator learns of data sets, [n, size]. */
  numbers(sets: DataSets, random: Stream): Float64Array {
    const all = new Float64Array(sets.size * this.size);
    for (const [k, place] of this.#places.entries()) {
      const column = sets.column(place.array);
      const width = column.length / sets.size;
      for (let row = 0; row < sets.size; row++) {
        const value = column[row * width + place.at] ?? 0;
        all[row * this.size + k] = spreadOver(place, value, random) - (this.#offset[k] ?? 0);
      }
    }
    return standardizeExactly(all, this.#moments);
  }

  /** Data sets from what an emulator draws, [n, size], with what is not emulated as in the data sets given, and which of the rows they are. */
  restore(
    drawn: ArrayLike<number>,
    simulated: DataSets,
    random: Stream,
  ): { readonly sets: DataSets; readonly rows: readonly number[] } {
    const n = drawn.length / this.size;
    const values = restoreRows(drawn, this.#moments).map(
      (value, i) => value + (this.#offset[i % this.size] ?? 0),
    );
    const rows = Array.from({ length: n }, (_, row) => row).filter((row) =>
      this.#places.every(({ lower, upper }, k) => {
        const value = values[row * this.size + k] ?? Number.NaN;
        return value >= lower && value <= upper;
      }),
    );
    const sets = simulated.take(rows.map(() => random.integer(simulated.size)));
    const columns = Object.fromEntries(
      Object.entries(sets.specs).map(([array, { shape }]) => {
        const column = Float64Array.from(sets.column(array));
        const size = sizeOf(shape);
        for (const [k, place] of this.#places.entries()) {
          if (place.array !== array) continue;
          for (const [i, row] of rows.entries()) {
            column[i * size + place.at] = nearest(place, values[row * this.size + k] ?? 0);
          }
        }
        return [array, column];
      }),
    );
    return { sets: new DataSets(sets.specs, rows.length, columns), rows };
  }
}

/** Moments of one number, less its offset; a width of zero where it has no tails. */
interface PlaceMoments {
  readonly mean: number;
  readonly sd: number;
  readonly offset: number;
  readonly tails: { readonly [Key in keyof Tails]: number };
}

/** The numbers of an array, each with its moments. */
function placesOf(
  sets: DataSets,
  array: string,
  spec: ArraySpec,
): readonly { readonly place: Place; readonly moments: PlaceMoments }[] {
  const { mean, sd, tails, offset = [0], shape } = learnMoments(sets.column(array), spec, true);
  const at = (values: readonly number[]): Float64Array => spread(values, spec.shape, shape);
  const { center, width, ...mapped } = tails ?? { center: [0], width: [0], mean: [0], sd: [1] };
  const lists = [mean, sd, offset, center, width, mapped.mean, mapped.sd].map(at);
  return Array.from({ length: sizeOf(spec.shape) }, (_, i) => {
    const [m = 0, s = 1, o = 0, c = 0, w = 0, mappedMean = 0, mappedSd = 1] = lists.map(
      (list) => list[i],
    );
    return {
      place: { array, at: i, ...rangeOf(sets, array, i) },
      moments: {
        mean: m,
        sd: s,
        offset: o,
        tails: { center: c, width: w, mean: mappedMean, sd: mappedSd },
      },
    };
  });
}

/** The values of a number and the range of what is kept of draws: where values are few, with the outer halves of the cells at the ends. */
function rangeOf(
  sets: DataSets,
  array: string,
  at: number,
): Pick<Place, "values" | "lower" | "upper"> {
  const column: Column = sets.column(array);
  const width = column.length / sets.size;
  const own = Float64Array.from({ length: sets.size }, (_, row) => column[row * width + at] ?? 0);
  const sorted = own.toSorted();
  const [lower = 0, upper = 0] = [sorted[0], sorted.at(-1)];
  const values = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (2 * values.length > sorted.length) return { values: undefined, lower, upper };
  return {
    values,
    lower: lower - halfBelow(values, 0),
    upper: upper + halfBelow(values, values.length),
  };
}

/** Half the distance from the value before the i-th to it; at the ends as far as on the other side. */
function halfBelow(values: Float64Array, i: number): number {
  const [first, last] = [Math.max(0, i - 1), Math.min(values.length - 1, i)];
  const gap = (values[last] ?? 0) - (values[first] ?? 0);
  if (gap > 0) return gap / 2;
  const inner = i === 0 ? 1 : values.length - 1;
  return ((values[inner] ?? 0) - (values[inner - 1] ?? 0)) / 2 || 0.5;
}

/** The first of sorted values that is not below one. */
function placeOf(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A value somewhere in its cell. */
function spreadOver({ values }: Place, value: number, random: Stream): number {
  if (values === undefined) return value;
  const i = placeOf(values, value);
  const [below, above] = [halfBelow(values, i), halfBelow(values, i + 1)];
  return value - below + random.uniform() * (below + above);
}

/** The value whose cell it is. */
function nearest({ values }: Place, value: number): number {
  if (values === undefined) return value;
  const i = Math.min(placeOf(values, value), values.length - 1);
  const [before = Number.NaN, after = 0] = [values[i - 1], values[i]];
  return value - before < after - value ? before : after;
}
