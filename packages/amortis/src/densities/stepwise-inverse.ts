/**
 * The inverse of a layer of an autoregressive flow, one coordinate after another, in one pass of its network in all.
 *
 * A masked network's hidden units have degrees: one of degree p sees the context and the coordinates at the positions before p. So when these are found, the units
 * of degree p are known for good, and with them the function of the coordinate at position p. Each unit is worked out once; those of degree 0, which see
 * the context alone, once for all draws that share it.
 */
import { add, concat, matmul, slice, type Scope, type Tensor } from "@amortis/graph";
import { activate } from "../networks/activations.js";
import { linearColumns } from "./columns.js";
import {
  conditionerLayers,
  type ConditionerLayer,
  type ConditionerOptions,
} from "./conditioner.js";
import type { Rows } from "./flow.js";
import type { Monotone } from "./monotone.js";

/**
 * The coordinates that a layer maps to `rows`.
 *
 * @param order the coordinate at each position.
 */
export function stepwiseInverse(
  scope: Scope,
  { hidden, activation }: ConditionerOptions,
  monotone: Monotone,
  rows: Rows,
  context: Tensor,
  order: readonly number[],
): Rows {
  const d = rows.length;
  // A single coordinate has none before it: its network sees the context alone.
  const seen = d === 1 ? 0 : d;
  const inputs = seen + Number(context.shape.at(-2));
  const layers = conditionerLayers(scope, hidden, inputs, monotone.parameters * d);
  const known: Known[][] = layers.map(() => []);
  known[0]?.push({ value: context, rows: [seen, inputs, 1] });
  let found = rows;
  for (const [step, coordinate] of order.entries()) {
    for (const [l, width] of hidden.entries()) {
      // A layer of fewer units than coordinates has none of the last degrees.
      if (step >= width) continue;
      const value = activate(activation, unitsOf(layers[l], known[l], step, d));
      known[l + 1]?.push({ value, rows: [step, width, d] });
    }
    const raw = unitsOf(layers.at(-1), known.at(-1), coordinate, d);
    const row = monotone.inverse(concat(found.slice(coordinate, coordinate + 1), -2), raw);
    found = found.with(coordinate, row);
    known[0]?.push({ value: row, rows: [coordinate, coordinate + 1, 1] });
  }
  return found;
}

/** Some of what a layer takes: values [..., u, n or 1], and where their weights lie: first row, end, step. */
interface Known {
  readonly value: Tensor;
  readonly rows: readonly [start: number, end: number, step: number];
}

/** Units `first`, `first + d`, ... of a layer, before their activation; what comes first of all that is known may be shared by all draws. */
function unitsOf(
  layer: ConditionerLayer | undefined,
  known: readonly Known[] | undefined,
  first: number,
  d: number,
): Tensor {
  const [shared, ...own] = known ?? [];
  if (layer === undefined || shared === undefined) throw new TypeError("a layer takes something");
  const width = Number(layer.bias.shape[0]);
  const weight = slice(layer.weight, 1, first, width, d);
  const bias = slice(layer.bias, 0, first, width, d);
  const rowsOf = ({ rows: [start, end, step] }: Known): Tensor =>
    slice(weight, 0, start, end, step);
  const common = linearColumns(rowsOf(shared), shared.value, bias);
  if (own.length === 0) return common;
  const values = concat(
    own.map(({ value }) => value),
    -2,
  );
  return add(matmul(concat(own.map(rowsOf), 0), values, { transposeA: true }), common);
}
