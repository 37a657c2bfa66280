/**
 * Transformer as a vector field: each number of the point is a token.
 *
 *     x_i = a_i u_i + b_i;     x ← transformer(x | e);     F_i = c_i · x_i + d_i,
 *
 * with weights a, b, c, d of each coordinate, and e what the times and the context have to say, by which the transformer's blocks are scaled and shifted (Peebles &
 * Xie 2023, arXiv 2212.09748). Coordinates that depend on each other in ways that change with the data find each other by attention; where there are few, a
 * `modulatedResidual` costs less.
 */
import {
  add,
  expandDims,
  mul,
  normalInit,
  sum,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import type * as z from "zod";
import { Settings } from "../settings/settings.js";
import { activate } from "./activations.js";
import { embedding } from "./modulated-residual.js";
import { transformer } from "./transformer.js";
import type { VectorField } from "./vector-field.js";

const settings = new Settings(
  "vectorField",
  "transformerField",
  // The same settings as its transformer's, whose defaults they are.
  transformer.settings.schema,
);

/** Settings of a transformer as a vector field. */
export type TransformerFieldOptions = z.input<typeof settings.schema>;

/** Values begin at unit scale within a token; the field begins near zero. */
const [VALUE_SD, PLACE_SD, LAST_SD] = [0.5, 0.5, 0.002];

/**
 * A transformer over the coordinates of a point.
 *
 * @param options those of `transformer`: four blocks of width 64 with four heads, SiLU
 * @throws InvalidArgumentError where a setting is out of range, or the heads do not divide the width.
 * @example npe(model, { density: flowMatching({ field: transformerField({ width: 32, blocks: 3 }) }) })
 */
export function transformerField(options: TransformerFieldOptions = {}): VectorField {
  const resolved = settings.resolve(options);
  const { width } = resolved;
  const network = transformer(resolved);
  return {
    kind: settings.kind,
    apply: (scope, u, times, context) => {
      const act = (x: Tensor): Tensor => activate(resolved.activation, x);
      const e = embedding(scope, times, context, width, act);
      const condition = expandDims(e, -2);
      const tokens = tokensOf(scope.child("tokens"), u, width);
      const y = network.apply(scope.child("transformer"), tokens, { condition });
      return numbersOf(scope.child("output"), y);
    },
    describe: () => settings.describe(resolved),
  };
}
transformerField.settings = settings;

/** A token of each number, by weights of its own: [..., m] to [..., m, width]. */
export function tokensOf(scope: Scope, values: Tensor, width: number): Tensor {
  const m = Number(values.shape.at(-1));
  const scale = scope.variable("value", [m, width], normalInit(VALUE_SD));
  const place = scope.variable("place", [m, width], normalInit(PLACE_SD));
  return add(mul(expandDims(values, -1), scale), place);
}

/** A number of each token, by weights of its own: [..., m, width] to [..., m]. */
export function numbersOf(scope: Scope, tokens: Tensor): Tensor {
  const [m = 1, width = 1] = tokens.shape.slice(-2).map(Number);
  const weight = scope.variable("weight", [m, width], normalInit(LAST_SD));
  const bias = scope.variable("bias", [m], zerosInit);
  return add(sum(mul(tokens, weight), { axes: [-1] }), bias);
}
