/**
 * Piecewise estimates by sample size: an estimator for few replicates, another for many, each trained where it is asked (Sainsbury-Dale et al. 2024, arXiv 2208.12942,
 * section 2.2.2). What is best for few is not for many, and one network for all sizes divides its attention.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { countElements } from "../data/counts.js";
import type { DataSets } from "../data/data-sets.js";
import { matchData, type DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import type { BatchResult } from "../posterior/posterior-source.js";
import { inputOf, type Estimating } from "./bootstrap.js";

/** An estimator, and up to how many elements it is asked; of the last, any number. */
export interface Piece<P = ParameterSpec> {
  readonly upTo?: number;
  readonly estimator: Estimating<P>;
}

/**
 * An estimator that asks others, by how many elements a data set has.
 *
 * @param size the named size that decides.
 * @param pieces from few to many; all but the last have an `upTo`.
 * @throws InvalidArgumentError where there is no piece, no array of that size, or pieces are not in order.
 * @example
 * const both = piecewise("m", [{ upTo: 30, estimator: few }, { estimator: many }]);
 * (await both.estimateBatch({ y: dataSets })).mu;
 */
export function piecewise<P>(size: string, pieces: readonly Piece<P>[]): Estimating<P> {
  const limits = pieces.map(({ upTo = Infinity }) => upTo);
  const last = pieces.at(-1);
  const ordered = limits.every((limit, i) => limit > (limits[i - 1] ?? 0));
  if (last === undefined || !ordered || last.upTo !== undefined) {
    throw new InvalidArgumentError(
      `piecewise: pieces must go from few to many, each but the last with its upTo, but have ${limits.join(", ") || "none"}`,
    );
  }
  const { dataSpecs, slots } = last.estimator;
  const counted = Object.entries(dataSpecs).find(([, spec]) => spec.size === size)?.[0];
  if (counted === undefined) {
    throw new InvalidArgumentError(`piecewise: no data of the estimators have the size "${size}"`);
  }

  /** Which piece is asked of each data set. */
  function chosen(sets: DataSets): readonly number[] {
    const spec = sets.specs[counted ?? ""];
    return Array.from({ length: sets.size }, (_, row) => {
      const count = spec === undefined ? 0 : countElements(spec, sets.column(counted ?? ""), row);
      return limits.findIndex((limit) => count <= limit);
    });
  }

  return {
    dataSpecs,
    slots,
    estimateBatch: async (data: DataInput) => {
      const { data: sets } = matchData(dataSpecs, data);
      const which = chosen(sets);
      const all = Object.fromEntries(
        slots.map(({ name, size: width }) => [name, new Float64Array(sets.size * width)]),
      );
      for (const [k, { estimator }] of pieces.entries()) {
        const rows = which.flatMap((piece, row) => (piece === k ? [row] : []));
        if (rows.length === 0) continue;
        const found = await estimator.estimateBatch(inputOf(sets.take(rows)));
        const values = found as Readonly<Record<string, Float64Array>>;
        for (const { name, size: width } of slots) {
          for (const [i, row] of rows.entries()) {
            const own = values[name]?.subarray(i * width, (i + 1) * width) ?? [];
            all[name]?.set(own, row * width);
          }
        }
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the model's parameters, which is what P names
      return all as BatchResult<P>;
    },
  };
}
