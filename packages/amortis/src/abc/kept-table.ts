/**
 * The reference table in an estimator's file: arrays beside the weights of its networks.
 */
import type { HostTensor } from "@amortis/graph";
import { FileError } from "../files/container.js";
import { tableInMemory, type ReferenceTable } from "./reference-table.js";

/** Names of the arrays: θ less its offset [n, p], S(Z) [n, s], and W of distances, [s] or [s, s]. */
export const TABLE_PARAMETERS = "table.parameters";
export const TABLE_SUMMARIES = "table.summaries";
export const SCALE = "table.scale";

/** A table, and what distances in it are measured in. */
export interface KeptTable {
  readonly table: ReferenceTable;
  readonly scale: Float64Array;
}

/**
 * The table among the weights of a file.
 *
 * @throws FileError where there is none, or its arrays do not fit.
 */
export function keptTable(
  weights: Readonly<Record<string, HostTensor>>,
  p: number,
  s: number,
): KeptTable {
  const parameters = weights[TABLE_PARAMETERS];
  const summaries = weights[TABLE_SUMMARIES];
  const scale = weights[SCALE];
  const n = parameters?.shape[0] ?? 0;
  const fits = (
    array: HostTensor | undefined,
    ...shapes: readonly (readonly number[])[]
  ): boolean => shapes.some((shape) => array?.shape.join() === shape.join());
  if (
    n < 1 ||
    !(parameters?.data instanceof Float32Array && summaries?.data instanceof Float32Array) ||
    scale === undefined ||
    !(fits(parameters, [n, p]) && fits(summaries, [n, s]) && fits(scale, [s], [s, s]))
  ) {
    throw new FileError(
      `the estimator is damaged: its reference table should have parameters [n, ${p}], summaries [n, ${s}] and a scale [${s}], but has ${inWords(parameters)}, ${inWords(summaries)} and ${inWords(scale)}`,
    );
  }
  return {
    table: tableInMemory(n, parameters.data, summaries.data),
    scale: Float64Array.from(scale.data, Number),
  };
}

function inWords(array: HostTensor | undefined): string {
  return array === undefined ? "none" : `[${array.shape.join(", ")}]`;
}
