/**
 * Bijections coordinate by coordinate. Neighbours of one kind are mapped together, as one vector: few nodes in graphs.
 */
import { concat, slice, sum, InvalidArgumentError, type Tensor } from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { COORDINATE_MAPS, kindOf, type Bounds, type CoordinateKind } from "./coordinates.js";
import { innerBounds } from "./rounding.js";

/** Neighbouring coordinates [start, end) of one kind. */
interface Run {
  readonly kind: CoordinateKind;
  readonly start: number;
  readonly end: number;
  readonly bounds: Bounds;
}

function findRuns({ lower, upper }: Bounds): readonly Run[] {
  const kinds = lower.map((lo, i) => kindOf(lo, upper[i] ?? Infinity));
  const runs: Run[] = [];
  for (let start = 0; start < kinds.length;) {
    const kind = kinds[start] ?? "real";
    let end = start + 1;
    while (end < kinds.length && kinds[end] === kind) end++;
    const bounds = { lower: lower.slice(start, end), upper: upper.slice(start, end) };
    runs.push({ kind, start, end, bounds });
    start = end;
  }
  return runs;
}

/**
 * The bijection onto (lower, upper), coordinate by coordinate; bounds may be infinite.
 *
 * @param lower one number for all coordinates, or one each.
 * @param size number of coordinates, where both bounds are one number.
 * @throws InvalidArgumentError where the numbers of bounds differ, or an interval holds no numbers.
 * @example intervalBijection([0, -Infinity], [1, Infinity]).forward([0, 3])   // [0.5, 3]
 */
export function intervalBijection(
  lower: number | readonly number[],
  upper: number | readonly number[],
  size = typeof lower === "object" ? lower.length : typeof upper === "object" ? upper.length : 1,
): Bijection {
  const all = (given: number | readonly number[]): readonly number[] =>
    typeof given === "object" ? [...given] : Array.from({ length: size }, () => given);
  const bounds: Bounds = { lower: all(lower), upper: all(upper) };
  if (bounds.lower.length !== size || bounds.upper.length !== size) {
    throw new InvalidArgumentError(
      `intervalBijection: ${bounds.lower.length} lower and ${bounds.upper.length} upper bounds were given for ${size} coordinates`,
    );
  }
  // Fails here and not at the first use.
  for (const [i, lo] of bounds.lower.entries()) innerBounds(lo, bounds.upper[i] ?? lo, "float64");
  const runs = findRuns(bounds);
  const eachOnHost =
    (what: "forward" | "inverse") =>
    (values: ArrayLike<number>): Float64Array => {
      const result = new Float64Array(size);
      for (const { kind, start, end } of runs) {
        const map = COORDINATE_MAPS[kind][what];
        for (let i = start; i < end; i++) {
          result[i] = map(
            values[i] ?? Number.NaN,
            bounds.lower[i] ?? -Infinity,
            bounds.upper[i] ?? Infinity,
          );
        }
      }
      return result;
    };
  const eachInGraph =
    (what: "forward" | "inverse") =>
    (x: Tensor): Tensor => {
      const parts = runs.map((run) =>
        COORDINATE_MAPS[run.kind].graph[what](cut(x, run, size), run.bounds),
      );
      const [only = x] = parts;
      return parts.length > 1 ? concat(parts, -1) : only;
    };
  const made: Bijection = {
    unconstrainedSize: size,
    size,
    bounds,
    get coordinates() {
      return size === 1
        ? [made]
        : bounds.lower.map((lo, i) => intervalBijection([lo], [bounds.upper[i] ?? Infinity]));
    },
    joined: (next) =>
      next.bounds &&
      intervalBijection(
        [...bounds.lower, ...next.bounds.lower],
        [...bounds.upper, ...next.bounds.upper],
      ),
    forward: eachOnHost("forward"),
    inverse: eachOnHost("inverse"),
    logJacobian: (u) => {
      let total = 0;
      for (const { kind, start, end } of runs) {
        const map = COORDINATE_MAPS[kind].logJacobian;
        for (let i = start; i < end; i++) {
          total += map(
            u[i] ?? Number.NaN,
            bounds.lower[i] ?? -Infinity,
            bounds.upper[i] ?? Infinity,
          );
        }
      }
      return total;
    },
    graph: {
      forward: eachInGraph("forward"),
      inverse: eachInGraph("inverse"),
      logJacobian: (u) => {
        const bent = runs.filter((run) => run.kind !== "real");
        const terms = (bent.length > 0 ? bent : runs).map((run) =>
          COORDINATE_MAPS[run.kind].graph.logJacobian(cut(u, run, size), run.bounds),
        );
        const [only = u] = terms;
        return sum(terms.length > 1 ? concat(terms, -1) : only, { axes: [-1] });
      },
    },
  };
  return made;
}

function cut(x: Tensor, { start, end }: Run, size: number): Tensor {
  return end - start === size ? x : slice(x, -1, start, end);
}
