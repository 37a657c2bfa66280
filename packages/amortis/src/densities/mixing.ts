/**
 * Linear maps between the layers of a flow, so that each layer meets other combinations of the coordinates than the one before.
 *
 * - `permutation`: the coordinates in another order, drawn once for all flows of as many dimensions;
 * - `rotation`: an orthogonal map, drawn once for all as well;
 * - `lu`: a learned map W = L U after a permutation, with L lower and U upper triangular and log |det W| = Σ log Uᵢᵢ (Oliva et al. 2018,
 *   arXiv 1801.09819; Kingma & Dhariwal 2018, arXiv 1807.03039). It starts at the identity.
 */
import {
  add,
  concat,
  constant,
  diagonal,
  exp,
  matmul,
  mul,
  reshape,
  slice,
  sum,
  triangularSolve,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { stream, type Stream } from "../random/index.js";
import { toRows, type FlowLayer, type Rows } from "./flow.js";

/** The setting. */
export const mixingSetting = z.enum(["none", "permutation", "rotation", "lu"]);

/** What is between the layers of a flow. */
export type Mixing = z.output<typeof mixingSetting>;

/** Layers with linear maps between them; one coordinate has nothing to be mixed with. */
export function mixed(
  layers: readonly FlowLayer[],
  mixing: Mixing,
  d: number,
): readonly FlowLayer[] {
  if (mixing === "none" || d === 1) return layers;
  return layers.flatMap((layer, i) => (i === 0 ? [layer] : [mix(mixing, i, d), layer]));
}

function mix(mixing: Exclude<Mixing, "none">, index: number, d: number): FlowLayer {
  const name = `mixing${index}`;
  const random = stream("mixing of a flow").split(d).split(index);
  if (mixing === "rotation") return rotation(name, random, d);
  const order = random.permutation(d);
  if (mixing === "permutation") return permutation(name, order);
  return luLayer(name, order);
}

function permuted(rows: Rows, order: ArrayLike<number>): Rows {
  return Array.from({ length: rows.length }, (_, i) => rows[order[i] ?? i] ?? rows[i]).flatMap(
    (row) => (row === undefined ? [] : [row]),
  );
}

function inverted(order: ArrayLike<number>): readonly number[] {
  const inverse = Array.from({ length: order.length }, () => 0);
  for (let i = 0; i < order.length; i++) inverse[order[i] ?? 0] = i;
  return inverse;
}

/** log 1 for each column. */
function noChange(rows: Rows): Tensor {
  const [first] = rows;
  if (first === undefined) throw new TypeError("a flow has one coordinate or more");
  return mul(first, 0);
}

function permutation(name: string, order: ArrayLike<number>): FlowLayer {
  return {
    name,
    forward: (_, rows) => ({ rows: permuted(rows, order), logDerivative: noChange(rows) }),
    inverse: (_, rows) => permuted(rows, inverted(order)),
  };
}

function rotation(name: string, random: Stream, d: number): FlowLayer {
  const matrix = constant(randomRotation(random, d), [d, d]);
  return {
    name,
    forward: (_, rows) => ({
      rows: toRows(matmul(matrix, concat(rows, -2)), d),
      logDerivative: noChange(rows),
    }),
    inverse: (_, rows) => toRows(matmul(matrix, concat(rows, -2), { transposeA: true }), d),
  };
}

/** An orthogonal matrix of independent normal columns, made orthonormal one after another. */
function randomRotation(random: Stream, d: number): readonly number[] {
  const rows: number[][] = [];
  for (let i = 0; i < d; i++) {
    const row = Array.from({ length: d }, () => random.normal());
    // Twice, for the rounding that is left of the first time.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) {
        const along = row.reduce((total, x, k) => total + x * (other[k] ?? 0), 0);
        for (let k = 0; k < d; k++) row[k] = (row[k] ?? 0) - along * (other[k] ?? 0);
      }
    }
    const norm = Math.hypot(...row);
    rows.push(row.map((x) => x / norm));
  }
  return rows.flat();
}

function luLayer(name: string, order: ArrayLike<number>): FlowLayer {
  const factors = (scope: Scope, d: number) => {
    const free = scope.variable("factors", [d, d], zerosInit);
    const logScale = diagonal(free);
    const of = (keep: (row: number, column: number) => boolean): Tensor =>
      constant(
        Array.from({ length: d * d }, (_, i) => (keep(Math.floor(i / d), i % d) ? 1 : 0)),
        [d, d],
      );
    const identity = of((row, column) => row === column);
    return {
      logScale,
      lower: add(
        mul(
          free,
          of((row, column) => row > column),
        ),
        identity,
      ),
      upper: add(
        mul(
          free,
          of((row, column) => row < column),
        ),
        mul(identity, exp(reshape(logScale, [1, d]))),
      ),
    };
  };
  return {
    name,
    forward: (scope, rows) => {
      const d = rows.length;
      const { lower, upper, logScale } = factors(scope, d);
      const x = concat(permuted(rows, order), -2);
      return {
        rows: toRows(matmul(lower, matmul(upper, x)), d),
        logDerivative: add(slice(mul(x, 0), -2, 0, 1), sum(logScale)),
      };
    },
    inverse: (scope, rows) => {
      const d = rows.length;
      const { lower, upper } = factors(scope, d);
      const half = triangularSolve(lower, concat(rows, -2));
      return permuted(toRows(triangularSolve(upper, half, { upper: true }), d), inverted(order));
    },
  };
}
