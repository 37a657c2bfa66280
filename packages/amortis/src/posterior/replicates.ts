/**
 * Replicates: data sets that are independent given one value of the parameters, whose log terms add up,
 *
 *     log p(Z₁ .. Z_m | θ) = Σ_i log p(Z_i | θ),
 *
 * so that what was learned of one answers any number (Papamakarios et al. 2019, arXiv 1805.07226; Hermans et al. 2020, arXiv 1903.04057, section 3). Errors add up
 * too: an error of each term that goes one way grows with m, while what m data sets say of the parameters narrows with its root.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Floats } from "../data/layout.js";
import type { LogSlopes, LogTerms } from "./target.js";

/** Which data sets are replicates: all of them, or so many at a time, in their order. */
export type Replicates = "all" | readonly number[];

/** Data sets [first, end) of each answer. */
export interface Groups {
  readonly size: number;
  readonly bounds: readonly (readonly [first: number, end: number])[];
}

/**
 * Simulations for each replicate, below which their sum is warned of. What is learned of k numbers from N simulations is off by about √(k / N) standard errors of one data set,
 * always in the same direction, so that the mean of a posterior of m of them is off by √(k m / N) of its own standard deviations. Of one normal parameter, 2,000 simulations and 10,
 * 100 and 1,000 replicates these were .25, .93 and 2.6 for `npe`, .14, .48 and 1.4 for `nle`, .22, .92 and 1.9 for `nre`.
 */
const SIMULATIONS_EACH = 100;

/** Terms that are evaluated at once. */
const TERMS = 65_536;

/**
 * Data sets by answer.
 *
 * @param total data sets that there are.
 * @throws InvalidArgumentError where counts are no whole numbers from 1 on that add up to it.
 */
export function groupsOf(replicates: Replicates, total: number): Groups {
  const counts = replicates === "all" ? [total] : replicates;
  let sum = 0;
  const bounds = counts.map((count) => [sum, (sum += count)] as const);
  const whole = counts.every((count) => Number.isInteger(count) && count > 0);
  if (whole && sum === total) return { size: counts.length, bounds };
  throw new InvalidArgumentError(
    `replicates must be "all", or how many data sets go together, whole numbers from 1 on that add up to the ${total} that are given; but they are ${counts.slice(0, 8).join(", ")}${counts.length > 8 ? ", ..." : ""}`,
  );
}

/**
 * Warns of sums of more learned terms than their errors allow; undefined where there are none.
 *
 * @param simulations the terms were learned from.
 */
export function describeAdded({ bounds }: Groups, simulations: number): string | undefined {
  const most = bounds.reduce((found, [first, end]) => Math.max(found, end - first), 0);
  if (most === 1 || SIMULATIONS_EACH * most <= simulations) return undefined;
  return `the errors of ${most} replicates add up: what was learned of one data set from ${simulations} simulations is off a little, and where so many are added their posterior may lie beside the right one by more than its width; train with ${SIMULATIONS_EACH * most} simulations or more, or with data sets that hold their replicates (a named size, data: { y: ["m", 1] })`;
}

/** The terms of groups, each the sum of those of its data sets. */
export function summedTerms(logTerms: LogTerms, { bounds }: Groups): LogTerms {
  return async (theta, start, end) => {
    const groups = end - start;
    const width = theta.length / groups;
    const parts: Float64Array[] = [];
    for (let group = 0; group < groups; group++) {
      const own = theta.subarray(group * width, (group + 1) * width);
      const [first, last] = bounds[start + group] ?? [0, 0];
      parts.push(await sumOf(logTerms, own, first, last));
    }
    const each = parts[0]?.length ?? 0;
    const all = new Float64Array(groups * each);
    for (const [group, part] of parts.entries()) all.set(part, group * each);
    return all;
  };
}

/** The same with gradients, which add up as well. */
export function summedSlopes(slopes: LogSlopes, groups: Groups): LogSlopes {
  return async (theta, start, end) => {
    const gradient = new Float64Array(theta.length);
    let p = 0;
    // Values and gradients of a call lie in one list of terms: [m, 1 + p] of each data set.
    const both: LogTerms = async (asked, from, to) => {
      const found = await slopes(asked, from, to);
      p = found.gradient.length / found.value.length;
      const rows = new Float64Array(found.value.length * (1 + p));
      for (const [i, value] of found.value.entries()) {
        rows[i * (1 + p)] = value;
        rows.set(found.gradient.subarray(i * p, (i + 1) * p), i * (1 + p) + 1);
      }
      return rows;
    };
    const sums = await summedTerms(both, groups)(theta, start, end);
    const value = new Float64Array(sums.length / (1 + p));
    for (let i = 0; i < value.length; i++) {
      value[i] = sums[i * (1 + p)] ?? NaN;
      gradient.set(sums.subarray(i * (1 + p) + 1, (i + 1) * (1 + p)), i * p);
    }
    return { value, gradient };
  };
}

/** Σ of the terms of data sets [first, end) at parameters [m, p]: [m]. */
async function sumOf(
  logTerms: LogTerms,
  theta: Floats,
  first: number,
  end: number,
): Promise<Float64Array> {
  // How many parameters these are, the terms of one data set say.
  const total = await logTerms(theta, first, first + 1);
  const step = Math.max(1, Math.floor(TERMS / total.length));
  for (let from = first + 1; from < end; from += step) {
    const to = Math.min(from + step, end);
    const terms = await logTerms(repeated(theta, to - from), from, to);
    for (const [i, term] of terms.entries()) {
      const at = i % total.length;
      total[at] = (total[at] ?? 0) + term;
    }
  }
  return total;
}

/** Parameters [m, p] as often as there are data sets, [n, m, p]. */
function repeated(theta: Floats, times: number): Floats {
  const all =
    theta instanceof Float32Array
      ? new Float32Array(times * theta.length)
      : new Float64Array(times * theta.length);
  for (let i = 0; i < times; i++) all.set(theta, i * theta.length);
  return all;
}
