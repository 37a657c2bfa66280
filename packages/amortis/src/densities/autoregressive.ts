/**
 * Autoregressive flows by masked networks (Papamakarios, Pavlakou & Murray 2017, arXiv 1705.07057), conditional on a context.
 *
 * A layer transforms every coordinate by a monotone function whose parameters depend on the coordinates before it and on the context,
 *
 *     zᵢ = g(uᵢ; h(u₁ … uᵢ₋₁, context)),
 *
 * all of them by one network whose weights are masked so that no path leads from a coordinate to itself or to one before it (Germain et al. 2015,
 * arXiv 1502.03509). Every other layer goes through the coordinates from the last. Densities take one pass, and so do draws,
 * which find one coordinate after another (stepwise-inverse.ts).
 */
import { concat, constant, mul, reshape, type Tensor } from "@amortis/graph";
import type * as z from "zod";
import { whole } from "../settings/fields.js";
import { conditioner, type ConditionerDetails, type ConditionerOptions } from "./conditioner.js";
import { flat } from "./coupling.js";
import type { Flow } from "./density.js";
import { flow, toRows, type FlowLayer } from "./flow.js";
import { locationScale } from "./location-scale.js";
import { mixed, type Mixing } from "./mixing.js";
import type { Monotone } from "./monotone.js";
import { stepwiseInverse } from "./stepwise-inverse.js";

/** The setting. */
export const autoregressiveLayers = whole.default(5);

/** Layers and conditioners of an autoregressive flow. */
export interface AutoregressiveOptions extends ConditionerOptions {
  readonly layers: z.output<typeof autoregressiveLayers>;
  readonly mixing: Mixing;
  /** Whether the first layer is a location and a scale (location-scale.ts). */
  readonly locationScale?: boolean;
}

/** A conditional autoregressive flow of a family of monotone functions. */
export function autoregressive(
  monotone: Monotone,
  { layers, mixing, locationScale: located = false, ...options }: AutoregressiveOptions,
): Flow {
  return flow("an autoregressive flow", (d) => {
    const all = Array.from({ length: layers }, (_, i) => autoregressiveLayer(monotone, options, i));
    return [...(located ? [locationScale(options)] : []), ...mixed(all, mixing, d)];
  });
}

/** Layer number `index`; odd ones go through the coordinates from the last to the first. */
function autoregressiveLayer(
  monotone: Monotone,
  options: ConditionerOptions,
  index: number,
): FlowLayer {
  const { parameters } = monotone;
  /** Position of coordinate i in the order of this layer. */
  const position = (i: number, d: number): number => (index % 2 === 0 ? i : d - 1 - i);
  return {
    name: `layer${index}`,
    forward: (scope, rows, context) => {
      const d = rows.length;
      const x = concat(rows, -2);
      const details = masked(options, d, (i) => position(i, d));
      const raw = conditioner(scope, options, inputsOf(rows), context, parameters * d, details);
      const { value, logDerivative } = monotone.forward(flat(x, 1), flat(raw, parameters));
      const log = d === 1 ? logDerivative : reshape(logDerivative, x.shape);
      return { rows: toRows(reshape(value, x.shape), d), logDerivative: log };
    },
    inverse: (scope, rows, context) => {
      const d = rows.length;
      const order = Array.from({ length: d }, (_, step) => position(step, d));
      return stepwiseInverse(scope, options, monotone, rows, context, order);
    },
  };
}

/** A single coordinate has none before it: its network sees the context alone. */
function inputsOf(rows: readonly Tensor[]): readonly Tensor[] {
  return rows.length === 1 ? [] : rows;
}

/**
 * Masks of the network's weights. A hidden unit of degree m sees the coordinates at positions below m, and is seen by those at m or above; degrees go
 * round from 0, which sees the context alone, to d - 1. Outputs are [parameters, d].
 *
 */
function masked(
  { hidden }: ConditionerOptions,
  d: number,
  position: (i: number) => number,
): ConditionerDetails {
  if (d === 1) return {};
  const degree = (unit: number): number => unit % d;
  return {
    seen: (weight, bias, layer) => {
      const [inputs = 0, width = 0] = weight.shape.map(Number);
      const last = layer === "last";
      const first = layer === 0 || (last && hidden.length === 0);
      const allowed = (from: number, to: number): boolean => {
        const top = last ? position(to % d) : degree(to);
        // After the coordinates come the numbers of the context, which all may see.
        if (first) return from >= d || position(from) < top;
        return degree(from) <= top;
      };
      const mask = Array.from({ length: inputs * width }, (_, k) =>
        allowed(Math.floor(k / width), k % width) ? 1 : 0,
      );
      return [mul(weight, constant(mask, [inputs, width])), bias];
    },
  };
}
