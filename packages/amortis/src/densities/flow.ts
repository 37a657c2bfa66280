/**
 * Normalizing flows: densities as compositions of invertible layers.
 *
 * A flow z = f(u; context) maps u ~ q to z ~ N(0, I), one layer after another:
 *
 *     log q(u | context) = log N(f(u); 0, I) + Σ log |det ∂ layer / ∂ input|.
 *
 * References: Rezende & Mohamed (2015), arXiv 1505.05770; Papamakarios et al. (2021), arXiv 1912.02762.
 */
import {
  add,
  broadcastShapes,
  concat,
  InvalidArgumentError,
  mul,
  reshape,
  sameShape,
  slice,
  split,
  square,
  sum,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { fromColumns, toColumns, withoutFeatures } from "./columns.js";
import type { Flow } from "./density.js";

/** The state between layers: each coordinate a row [..., 1, n]. */
export type Rows = readonly Tensor[];

/** One invertible map of a flow, whose weights live in the scope it is applied in. */
export interface FlowLayer {
  /** Name of its scope, of its own within the flow. */
  readonly name: string;
  /**
   * Towards the base.
   *
   * @returns the rows, and logarithms of derivatives whose sum over the rows [..., r, n] is the log-determinant.
   */
  forward(
    scope: Scope,
    rows: Rows,
    context: Tensor,
  ): { readonly rows: Rows; readonly logDerivative: Tensor };
  /** From the base. */
  inverse(scope: Scope, rows: Rows, context: Tensor): Rows;
}

/**
 * A flow of layers.
 *
 * @param what it is, for errors.
 * @param layers those of a flow over so many dimensions, from the parameters to the base.
 */
export function flow(what: string, layers: (d: number) => readonly FlowLayer[]): Flow {
  return {
    noise: (d) => ({ normal: d, uniform: 0 }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(context, what);
      let rows = rowsOf(u, columns);
      const logs: Tensor[] = [];
      for (const layer of layers(rows.length)) {
        const step = layer.forward(scope.child(layer.name), rows, columns);
        rows = step.rows;
        logs.push(step.logDerivative);
      }
      const z = concat(rows, -2);
      const base = sum(add(mul(square(z), -0.5), -0.5 * Math.log(2 * Math.PI)), { axes: [-2] });
      return add(base, sum(concat(logs, -2), { axes: [-2] }));
    },
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError(`${what} is sampled from normal noise [..., d]`);
      }
      const columns = toColumns(context, what);
      let rows = rowsOf(normal, columns);
      for (const layer of layers(rows.length).toReversed()) {
        rows = layer.inverse(scope.child(layer.name), rows, columns);
      }
      return fromColumns(concat(rows, -2));
    },
  };
}

/** [..., d, n] as its rows. */
export function toRows(x: Tensor, d: number): Rows {
  return split(
    x,
    Array.from({ length: d }, () => 1),
    -2,
  );
}

/** The coordinates of [...L, d], each a row [..., 1, n], repeated along axes that only the context has. */
function rowsOf(x: Tensor, context: Tensor): Rows {
  const columns = split(
    x,
    Array.from({ length: Number(x.shape.at(-1)) }, () => 1),
    -1,
  );
  // One coordinate is a row as well as a column: nothing is transposed.
  const rows = columns.map((column) =>
    reshape(column, [...x.shape.slice(0, -2), 1, x.shape.at(-2) ?? 1]),
  );
  return rows.map((row) => {
    const lead = row.shape;
    if (sameShape(broadcastShapes("coupling", lead, withoutFeatures(context)), lead)) return row;
    return add(row, mul(slice(context, -2, 0, 1), 0));
  });
}
