/**
 * Reference tables of approximate Bayesian computation: draws of the joint model, of which each is kept by its parameters and a summary of its data.
 *
 *     (θ⁽ᵏ⁾, S(Z⁽ᵏ⁾)),   θ⁽ᵏ⁾ ~ p(θ),   Z⁽ᵏ⁾ ~ p(Z | θ⁽ᵏ⁾)
 *
 * One table answers every data set, by a look-up (Mestdagh, Verdonck, Meers, Loossens & Tuerlinckx 2019, "Prepaid parameter estimation without likelihoods", PLOS Computational Biology 15, e1007181).
 * It is read a block at a time, from memory or from a folder (`disk-table.ts`).
 */

/** Rows of a table. */
export interface TableBlock {
  readonly rows: number;
  /** θ less its offset, [rows, p]. */
  readonly parameters: Float32Array;
  /** S(Z), [rows, s]. */
  readonly summaries: Float32Array;
}

/** A table. */
export interface ReferenceTable {
  /** Rows. */
  readonly size: number;
  /** p, and s. */
  readonly parameters: number;
  readonly summaries: number;
  /** All rows, a block at a time. */
  blocks(): Iterable<TableBlock> | AsyncIterable<TableBlock>;
}

/** Rows of a block: with their summaries they stay in the caches of a processor while all data sets look at them. */
const ROWS = 4_096;

/** A table in memory. */
export function tableInMemory(
  size: number,
  parameters: Float32Array,
  summaries: Float32Array,
): ReferenceTable {
  const [p, s] = [parameters.length / size, summaries.length / size];
  return {
    size,
    parameters: p,
    summaries: s,
    *blocks() {
      for (let from = 0; from < size; from += ROWS) {
        const to = Math.min(from + ROWS, size);
        yield {
          rows: to - from,
          parameters: parameters.subarray(from * p, to * p),
          summaries: summaries.subarray(from * s, to * s),
        };
      }
    },
  };
}
