/**
 * Coupling layers (Dinh, Sohl-Dickstein & Bengio 2017, arXiv 1605.08803), conditional on a context.
 *
 * A layer leaves some coordinates as they are, computes from them and the context the parameters of a monotone function for each of the others, and
 * applies it. Layer l transforms the coordinates i whose bit ⌊l/2⌋ mod ⌈log₂ d⌉ is one (l even) or zero (l odd), so every coordinate is
 * transformed in every pair of layers, and any two coordinates fall into different groups in some pair. For d = 1 there is
 * nothing to leave: each layer is a monotone function given by the context alone.
 */
import { concat, reshape, type Scope, type Tensor } from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { conditioner, type ConditionerOptions } from "./conditioner.js";
import type { Flow } from "./density.js";
import { flow, toRows, type FlowLayer, type Rows } from "./flow.js";
import { locationScale } from "./location-scale.js";
import { mixed, type Mixing } from "./mixing.js";
import type { Monotone, Transformed } from "./monotone.js";

/** The setting: by dimension, at least 2 ⌈log₂ d⌉, which is enough to tell any two coordinates apart. */
export const couplingLayers = z.union([z.literal("by dimension"), whole]).default("by dimension");

/** Layers and conditioners of a coupling flow. */
export interface CouplingOptions extends ConditionerOptions {
  readonly layers: z.output<typeof couplingLayers>;
  readonly mixing: Mixing;
  /** Whether the first layer is a location and a scale (location-scale.ts). */
  readonly locationScale?: boolean;
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
  { layers, mixing, locationScale: located = false, ...options }: CouplingOptions,
  { fewestLayers }: { readonly fewestLayers: number },
): Flow {
  return flow("a coupling flow", (d) => {
    const count =
      layers === "by dimension" ? Math.max(fewestLayers, 2 * Math.ceil(Math.log2(d))) : layers;
    const all = Array.from({ length: count }, (_, i) => couplingLayer(monotone, options, i));
    return [...(located ? [locationScale(options)] : []), ...mixed(all, mixing, d)];
  });
}

/** Layer number `index` of a coupling flow. */
function couplingLayer(monotone: Monotone, options: ConditionerOptions, index: number): FlowLayer {
  const transform = (
    scope: Scope,
    rows: Rows,
    context: Tensor,
    apply: (x: Tensor, raw: Tensor) => Transformed,
  ): { readonly rows: Rows; readonly logDerivative: Tensor } => {
    const chosen = transformedCoordinates(index, rows.length);
    const kept = rows.filter((_, i) => !chosen.includes(i));
    const raw = conditioner(scope, options, kept, context, monotone.parameters * chosen.length);
    const x = concat(
      rows.filter((_, i) => chosen.includes(i)),
      -2,
    );
    const { value, logDerivative } = apply(flat(x, 1), flat(raw, monotone.parameters));
    const moved = toRows(reshape(value, x.shape), chosen.length);
    const next = rows.map((row, i) => moved[chosen.indexOf(i)] ?? row);
    // One coordinate needs no reshaping; its derivative may be shared by all columns.
    const log = chosen.length === 1 ? logDerivative : reshape(logDerivative, x.shape);
    return { rows: next, logDerivative: log };
  };
  return {
    name: `layer${index}`,
    forward: (scope, rows, context) =>
      transform(scope, rows, context, (x, raw) => monotone.forward(x, raw)),
    inverse: (scope, rows, context) =>
      transform(scope, rows, context, (y, raw) => {
        const value = monotone.inverse(y, raw);
        return { value, logDerivative: value };
      }).rows,
  };
}

/** [..., p * c, n] as [..., p, c * n]: coordinates and examples as one long row. */
export function flat(x: Tensor, p: number): Tensor {
  return reshape(x, [...x.shape.slice(0, -2), p, -1]);
}
