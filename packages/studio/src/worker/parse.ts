/**
 * Data files, as data sets of an estimator.
 */
import { parseData } from "amortis/files";
import { matchData } from "amortis/extend";
import type { DataRecord } from "../protocol/types.js";
import { rowsOf } from "./data.js";
import { openedAs } from "./opened.js";

/**
 * The data sets of a file: .npy, .npz, .csv or .json.
 *
 * @throws FileError where it is damaged; DataError where it does not fit the model.
 */
export function parse({
  estimator,
  bytes,
  name,
}: {
  readonly estimator: number;
  readonly bytes: Uint8Array;
  readonly name: string;
}): { readonly sets: readonly DataRecord[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const arrays = parseData(bytes, name, {
    onNote: (note) => {
      notes.push(note);
    },
  });
  const { data } = matchData(openedAs(estimator).estimator.dataSpecs, arrays);
  return { sets: rowsOf(data.columns, data.size), notes };
}
