/**
 * The bijection of the real line by curves of normal scores, coordinate by coordinate; in graphs, of all coordinates at once by one table.
 */
import {
  add,
  cast,
  constant,
  div,
  floor,
  gather,
  greater,
  less,
  log,
  mul,
  split,
  squeeze,
  sub,
  sum,
  where,
  type Tensor,
} from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { row } from "./coordinates.js";
import { coordinatewise } from "./coordinatewise.js";
import { scoreOf, valueAndSlope, type CubicTable, type ScoreCurve } from "./score-curve.js";

const MADE = new WeakMap<Bijection, readonly ScoreCurve[]>();

/** u = T(z), an increasing curve for each coordinate. */
export function scoreBijection(curves: readonly ScoreCurve[]): Bijection {
  const at = (x: number, i: number): readonly [number, number] => {
    const curve = curves[i];
    return curve === undefined ? [Number.NaN, Number.NaN] : valueAndSlope(curve.table, x);
  };
  const tables = sharedTables(curves.map(({ table }) => table));
  const inverseTables = sharedTables(curves.map(({ inverseTable }) => inverseTable));
  const made: Bijection = {
    ...coordinatewise(curves.length, {
      forward: (z, i) => at(z, i)[0],
      inverse: (u, i) => {
        const curve = curves[i];
        return curve === undefined ? Number.NaN : scoreOf(curve, u);
      },
      logJacobian: (z, i) => Math.log(at(z, i)[1]),
    }),
    get coordinates() {
      return curves.length === 1 ? [made] : curves.map((curve) => scoreBijection([curve]));
    },
    joined: (next) => {
      const other = MADE.get(next);
      return other && scoreBijection([...curves, ...other]);
    },
    graph: {
      forward: (z) => evaluate(tables, z).value(),
      inverse: (u) => {
        // A step of Newton's method, or two, makes it the inverse of what `forward` computes.
        let z = evaluate(inverseTables, u).value();
        for (let step = 0; step < (u.dtype === "float64" ? 2 : 1); step++) {
          const curve = evaluate(tables, z);
          z = sub(z, div(sub(curve.value(), u), curve.slope()));
        }
        return z;
      },
      logJacobian: (z) => sum(log(evaluate(tables, z).slope()), { axes: [-1] }),
    },
  };
  MADE.set(made, curves);
  return made;
}

/** Tables one after the other, each of them once, and where that of each coordinate begins. */
interface SharedTables {
  readonly own: readonly CubicTable[];
  readonly starts: readonly number[];
  readonly all: readonly CubicTable[];
}

function sharedTables(own: readonly CubicTable[]): SharedTables {
  const all = [...new Set(own)];
  const starts = own.map((table) =>
    all.slice(0, all.indexOf(table)).reduce((total, { cells }) => total + cells, 0),
  );
  return { own, starts, all };
}

/** The cubics at [..., k]. */
function evaluate(
  { own, starts, all }: SharedTables,
  x: Tensor,
): { readonly value: () => Tensor; readonly slope: () => Tensor } {
  const density = row(
    own.map((table) => table.density),
    x,
  );
  const origins = own.map((table) => table.origin);
  const centred = origins.some((origin) => origin !== 0) ? sub(x, row(origins, x)) : x;
  const scaled = mul(centred, density);
  const first = own.map((table) => table.first);
  const last = own.map((table) => table.first + table.cells - 1);
  // By comparisons, and not by clip: a number that is none must have a cell too.
  const below = floor(scaled);
  const held = where(less(scaled, row(last, x)), below, row(last, x));
  const cell = where(greater(held, row(first, x)), held, row(first, x));
  const t = sub(scaled, cell);
  const index = cast(
    sub(
      cell,
      row(
        first.map((start, i) => start - (starts[i] ?? 0)),
        x,
      ),
    ),
    "int64",
  );
  // All four of a cell at once: a row is gathered as fast as a number.
  const rows = all.flatMap(({ cells, coefficients: [c0, c1, c2, c3] }) =>
    Array.from({ length: cells }, (_, i) => [c0[i] ?? 0, c1[i] ?? 0, c2[i] ?? 0, c3[i] ?? 0]),
  );
  const found = gather(constant(rows.flat(), [rows.length, 4], x.dtype), index);
  const parts = split(found, [1, 1, 1, 1], -1).map((part) => squeeze(part, [-1]));
  const coefficient = (power: 0 | 1 | 2 | 3): Tensor => {
    const part = parts[power];
    if (part === undefined) throw new TypeError("there are four");
    return part;
  };
  const horner = (...terms: readonly Tensor[]): Tensor =>
    terms.reduce((sofar, term) => add(mul(sofar, t), term));
  return {
    value: () => horner(coefficient(3), coefficient(2), coefficient(1), coefficient(0)),
    slope: () =>
      mul(horner(mul(coefficient(3), 3), mul(coefficient(2), 2), coefficient(1)), density),
  };
}
