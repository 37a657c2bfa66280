/**
 * Coupling flows (Dinh, Sohl-Dickstein & Bengio 2017, arXiv 1605.08803), conditional on a context.
 *
 * A flow z = f(u; context) maps u ~ q to z ~ N(0, I), one layer after another. A layer leaves some coordinates as they are,
 * computes from them and the context the parameters of a monotone function for each of the others, and applies it:
 *
 *     log q(u | context) = log N(f(u); 0, I) + Σ log |∂ transformed / ∂ input|.
 *
 * Layer l transforms the coordinates i whose bit ⌊l/2⌋ mod ⌈log₂ d⌉ is one (l even) or zero (l odd), so every coordinate is
 * transformed in every pair of layers, and any two coordinates fall into different groups in some pair. For d = 1 there is
 * nothing to leave: each layer is a monotone function given by the context alone.
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
import { z } from "zod";
import { whole } from "../settings/fields.js";
import { fromColumns, toColumns, withoutFeatures } from "./columns.js";
import { conditioner, type ConditionerOptions } from "./conditioner.js";
import type { Flow } from "./density.js";
import type { Monotone, Transformed } from "./monotone.js";

/** The setting: by dimension, at least 2 ⌈log₂ d⌉, which is enough to tell any two coordinates apart. */
export const couplingLayers = z.union([z.literal("by dimension"), whole]).default("by dimension");

/** Layers and conditioners of a coupling flow. */
export interface CouplingOptions extends ConditionerOptions {
  readonly layers: z.output<typeof couplingLayers>;
}

/** Which coordinates a layer transforms. */
export function transformedCoordinates(layer: number, d: number): readonly number[] {
  const all = Array.from({ length: d }, (_, i) => i);
  if (d === 1) return all;
  const bits = Math.ceil(Math.log2(d));
  const bit = Math.floor(layer / 2) % bits;
  return all.filter((i) => ((i >> bit) & 1) === (layer + 1) % 2);
}

/**
 * A conditional coupling flow of a family of monotone functions.
 *
 * @param fewestLayers that the family takes, where their number is by dimension.
 */
export function coupling(
  monotone: Monotone,
  { layers, hidden, activation }: CouplingOptions,
  { fewestLayers }: { readonly fewestLayers: number },
): Flow {
  const layersFor = (d: number): number =>
    layers === "by dimension" ? Math.max(fewestLayers, 2 * Math.ceil(Math.log2(d))) : layers;

  /** Applies one layer to the rows of the state, in either direction. */
  function layer(
    scope: Scope,
    index: number,
    rows: readonly Tensor[],
    context: Tensor,
    apply: (x: Tensor, raw: Tensor) => Transformed,
  ): { readonly rows: readonly Tensor[]; readonly logDerivative: Tensor } {
    const chosen = transformedCoordinates(index, rows.length);
    const kept = rows.filter((_, i) => !chosen.includes(i));
    const raw = conditioner(
      scope.child(`layer${index}`),
      { hidden, activation },
      kept,
      context,
      monotone.parameters * chosen.length,
    );
    const x = concat(
      rows.filter((_, i) => chosen.includes(i)),
      -2,
    );
    const { value, logDerivative } = apply(flat(x, 1), flat(raw, monotone.parameters));
    const moved = split(
      reshape(value, x.shape),
      chosen.map(() => 1),
      -2,
    );
    const next = rows.map((row, i) => moved[chosen.indexOf(i)] ?? row);
    // One coordinate needs no reshaping; its derivative may be shared by all columns.
    const log = chosen.length === 1 ? logDerivative : reshape(logDerivative, x.shape);
    return { rows: next, logDerivative: log };
  }

  return {
    noise: (d) => ({ normal: d, uniform: 0 }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(context, "a coupling flow");
      let rows = rowsOf(u, columns);
      const logs: Tensor[] = [];
      for (let l = 0; l < layersFor(rows.length); l++) {
        const step = layer(scope, l, rows, columns, (x, raw) => monotone.forward(x, raw));
        rows = step.rows;
        logs.push(step.logDerivative);
      }
      const z = concat(rows, -2);
      const base = sum(add(mul(square(z), -0.5), -0.5 * Math.log(2 * Math.PI)), { axes: [-2] });
      return add(base, sum(concat(logs, -2), { axes: [-2] }));
    },
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError("a coupling flow is sampled from normal noise [..., d]");
      }
      const columns = toColumns(context, "a coupling flow");
      let rows = rowsOf(normal, columns);
      for (let l = layersFor(rows.length) - 1; l >= 0; l--) {
        rows = layer(scope, l, rows, columns, (y, raw) => {
          const value = monotone.inverse(y, raw);
          return { value, logDerivative: value };
        }).rows;
      }
      return fromColumns(concat(rows, -2));
    },
  };
}

/** The coordinates of [...L, d], each a row [..., 1, n], repeated along axes that only the context has. */
function rowsOf(x: Tensor, context: Tensor): readonly Tensor[] {
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

/** [..., p * c, n] as [..., p, c * n]: coordinates and examples as one long row. */
function flat(x: Tensor, p: number): Tensor {
  return reshape(x, [...x.shape.slice(0, -2), p, -1]);
}
