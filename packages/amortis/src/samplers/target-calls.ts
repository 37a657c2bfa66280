/**
 * How targets are asked about some chains and not the others: in few calls, each of neighbouring data sets with as many rows.
 *
 * Chains that have finished a step need no more evaluations of it. Of a data set with fewer rows than its neighbours one row is asked again, and data sets between
 * that have none are asked with them, where a call more would cost more.
 */

/** Data sets without rows that a call may reach across. */
const GAP = 8;

/** One call of a target. */
export interface TargetCall {
  readonly start: number;
  readonly end: number;
  /** [end - start, each, p]. */
  readonly theta: Float64Array;
  /** Which rows are asked about, and at what place of the call each is. */
  readonly rows: readonly number[];
  readonly places: readonly number[];
}

/**
 * Calls for parameters [n, p] of so many chains.
 *
 * @param ofChains the chain of each row, ascending.
 * @param chains of each data set.
 */
export function targetCalls(
  parameters: Float64Array,
  ofChains: Uint32Array,
  { chains, p }: { readonly chains: number; readonly p: number },
): readonly TargetCall[] {
  const bySet = new Map<number, number[]>();
  for (const [row, chain] of ofChains.entries()) {
    const set = Math.floor(chain / chains);
    const rows = bySet.get(set);
    if (rows === undefined) bySet.set(set, [row]);
    else rows.push(row);
  }
  return ranges([...bySet.keys()]).map(([start, end]) => {
    const sets = Array.from({ length: end - start }, (_, i) => bySet.get(start + i) ?? []);
    const each = sets.reduce((most, rows) => Math.max(most, rows.length), 0);
    const theta = new Float64Array((end - start) * each * p);
    let spare = sets[0]?.[0] ?? 0;
    for (const [i, rows] of sets.entries()) {
      spare = rows[0] ?? spare;
      for (let j = 0; j < each; j++) {
        const row = rows[j] ?? spare;
        theta.set(parameters.subarray(row * p, (row + 1) * p), (i * each + j) * p);
      }
    }
    const places = sets.flatMap((rows, i) => rows.map((_, j) => i * each + j));
    return { start, end, theta, rows: sets.flat(), places };
  });
}

/** Ranges [from, to) that hold all of some ascending numbers, and few others. */
function ranges(ascending: readonly number[]): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  for (const number of ascending) {
    const last = found.at(-1);
    if (last !== undefined && number - last[1] <= GAP) {
      found[found.length - 1] = [last[0], number + 1];
    } else found.push([number, number + 1]);
  }
  return found;
}
