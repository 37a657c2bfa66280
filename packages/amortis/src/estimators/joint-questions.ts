/**
 * Questions to a joint distribution: which numbers of parameters and data are known, which are asked, and which are neither.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import { flatNames, type ParameterSlot } from "../data/layout.js";
import type { JointRows } from "./joint-flow.js";
import type { JointSpace } from "./joint-space.js";

/** What is known of each row, and what is asked of it. */
export interface Questions {
  /** Parameters and data, [size, p + n]: NaN where not known. */
  readonly known: Float64Array;
  /** 1 where a number is asked, [size, p + n]. What is neither known nor asked is left out. */
  readonly asked: Uint8Array;
  readonly size: number;
}

/** Data sets as rows of numbers, whose parameters are not known. Arrays that the data lack are NaN. */
export function rowsOfData(
  space: JointSpace,
  data: DataSets | undefined,
  size: number,
): Float64Array {
  const { numbers, arrays } = space;
  const rows = new Float64Array(size * numbers).fill(Number.NaN);
  for (const { name, offset, size: width } of arrays) {
    const column = data?.columns[name];
    if (column === undefined) continue;
    for (let row = 0; row < size; row++) {
      rows.set(column.subarray(row * width, (row + 1) * width), row * numbers + offset);
    }
  }
  return rows;
}

/** All that is not known is asked of `places`; elsewhere it is left out. */
export function asking(
  space: JointSpace,
  known: Float64Array,
  places: (place: number) => boolean = () => true,
): Questions {
  const { numbers } = space;
  const size = known.length / numbers;
  for (let row = 0; row < size; row++) {
    space.requireWhole(known.subarray(row * numbers, (row + 1) * numbers));
  }
  const asked = Uint8Array.from(known, (value, i) =>
    Number.isNaN(value) && places(i % numbers) ? 1 : 0,
  );
  return { known, asked, size };
}

/** Where the answers lie: whole parameters and arrays of which something is asked in some row. */
export interface AnswerPlaces {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  /** Of each flat number of an answer, its place among all numbers. */
  readonly places: readonly number[];
}

/**
 * @throws InvalidArgumentError where nothing is asked.
 */
export function answerPlaces(
  space: JointSpace,
  parameters: readonly ParameterSlot[],
  { asked, size }: Questions,
): AnswerPlaces {
  const { numbers } = space;
  const isAsked = ({ offset, size: width }: { offset: number; size: number }): boolean =>
    Array.from({ length: size }, (_, row) =>
      asked.subarray(row * numbers + offset, row * numbers + offset + width).includes(1),
    ).includes(true);
  let at = 0;
  const all: readonly ParameterSlot[] = [...parameters, ...space.arrays];
  const placed = all.filter(isAsked).map((slot) => {
    const { offset, size: width, simplexes } = slot;
    const by = at - offset;
    at += width;
    const moved: ParameterSlot = {
      ...slot,
      offset: offset + by,
      ...(simplexes && { simplexes: simplexes.map(([a, b]) => [a + by, b + by] as const) }),
    };
    return { moved, places: Array.from({ length: width }, (_, i) => offset + i) };
  });
  if (placed.length === 0) {
    throw new InvalidArgumentError(
      "all parameters and data are known: leave out what is asked, or give NaN in its place",
    );
  }
  const slots = placed.map(({ moved }) => moved);
  return { slots, flatNames: flatNames(slots), places: placed.flatMap(({ places }) => places) };
}

/** Rows for a network, and all variables of their numbers in double precision, [rows, m]. */
export interface QuestionRows extends JointRows {
  readonly variables: Float64Array;
}

/**
 * Rows for a network: of each of the questions [from, to) so many.
 *
 * @param numbers of the rows, [(to - from) · each, p + n]: what is asked too, where its density is wanted.
 */
export function networkRows(
  space: JointSpace,
  { known, asked }: Questions,
  from: number,
  to: number,
  each: number,
  numbers?: Float64Array,
): QuestionRows {
  const { numbers: width, variables: m } = space;
  const size = (to - from) * each * m;
  const rows = {
    values: new Float32Array(size),
    known: new Float32Array(size),
    here: new Float32Array(size),
    variables: space.toVariables(numbers ?? known.subarray(from * width, to * width)),
  };
  for (let question = from; question < to; question++) {
    const given = known.subarray(question * width, (question + 1) * width);
    const isGiven = space.spreadOver(given.map((x) => Number(!Number.isNaN(x))));
    const isAsked = space.spreadOver(asked.subarray(question * width, (question + 1) * width));
    for (let row = (question - from) * each; row < (question - from + 1) * each; row++) {
      const source = (numbers === undefined ? question - from : row) * m;
      for (let j = 0; j < m; j++) {
        const [k, a] = [isGiven[j] ?? 0, isAsked[j] ?? 0];
        rows.known[row * m + j] = k;
        rows.here[row * m + j] = Math.max(k, a);
        if (k === 1 || (a === 1 && numbers !== undefined)) {
          rows.values[row * m + j] = rows.variables[source + j] ?? Number.NaN;
        }
      }
    }
  }
  return rows;
}
