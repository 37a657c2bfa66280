/**
 * The first layer of a flow: each coordinate less a location, times a scale, both given by the context.
 *
 * Splines act on a square and leave alone what lies outside of it. Where a posterior lies far from what the whole training set suggests of it, at a bound above all, that is most of it: no
 * layer that is the identity there could learn to reach it. A location and a scale do.
 */
import {
  add,
  concat,
  exp,
  mul,
  neg,
  split,
  sub,
  tanh,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { conditioner, type ConditionerOptions } from "./conditioner.js";
import { toRows, type FlowLayer } from "./flow.js";

/** The setting. */
export const locationScaleSetting = {
  /** Whether each coordinate is first moved and scaled by what the context says. */
  locationScale: z.boolean().default(true),
};

/** Files from before there was such a layer have none. */
export const locationScaleBefore = { locationScale: false } as const;

/** Scales lie within exp(±3). */
const SCALE_BOUND = 3;

/** A layer of locations and scales, by one network of the context. */
export function locationScale(options: ConditionerOptions): FlowLayer {
  const pieces = (scope: Scope, d: number, context: Tensor): readonly [Tensor, Tensor] => {
    const raw = conditioner(scope, options, [], context, 2 * d);
    const [free = raw, shift = raw] = split(raw, [d, d], -2);
    return [mul(tanh(free), SCALE_BOUND), shift];
  };
  return {
    name: "locationScale",
    forward: (scope, rows, context) => {
      const [logScale, shift] = pieces(scope, rows.length, context);
      const value = mul(sub(concat(rows, -2), shift), exp(logScale));
      return { rows: toRows(value, rows.length), logDerivative: add(logScale, mul(value, 0)) };
    },
    inverse: (scope, rows, context) => {
      const [logScale, shift] = pieces(scope, rows.length, context);
      return toRows(add(mul(concat(rows, -2), exp(neg(logScale))), shift), rows.length);
    },
  };
}
