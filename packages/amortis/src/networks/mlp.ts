/**
 * Multilayer perceptron.
 *
 *     x ← dropout(activation(normalisation(W x + b)))  for each hidden layer (plus x, where residual and of equal width),
 *     y = W x + b.
 */
import {
  add,
  glorotUniform,
  heNormal,
  linear,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { share, widths } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import type { Network } from "./network.js";
import { batchNormalization, dropout, layerNormalization } from "./normalization.js";

const settings = new Settings(
  "network",
  "mlp",
  z.strictObject({
    /** Widths of the hidden layers. */
    hidden: widths.default([128, 128]),
    activation: activation.default("relu"),
    normalization: z.enum(["none", "layer", "batch"]).default("none"),
    /** Adds a layer's input to its output where both have the same width (He et al. 2016, arXiv 1512.03385). */
    residual: z.boolean().default(false),
    /** Share of hidden units set to zero at each training step. */
    dropout: share.default(0),
  }),
);

/** Settings of a multilayer perceptron. */
export type MlpOptions = z.input<typeof settings.schema>;

/**
 * A multilayer perceptron.
 *
 * @param options defaults: two hidden layers of 128, ReLU, nothing else
 * @throws InvalidArgumentError where a setting is out of range.
 * @example const head = mlp({ hidden: [64, 64], activation: "silu" });
 */
export function mlp(options: MlpOptions = {}): Network {
  const resolved = settings.resolve(options);
  const { hidden, activation, normalization, residual } = resolved;
  const rectified = activation === "relu" || activation === "leakyRelu";

  function block(scope: Scope, x: Tensor, width: number): Tensor {
    let y = dense(scope, x, width, rectified ? heNormal() : glorotUniform());
    if (normalization === "layer") y = layerNormalization(scope.child("normalization"), y);
    if (normalization === "batch") y = batchNormalization(scope.child("normalization"), y);
    y = dropout(scope, activate(activation, y), resolved.dropout);
    return residual && x.shape.at(-1) === width ? add(x, y) : y;
  }

  return {
    kind: settings.kind,
    apply: (scope, x, outputs) => {
      const last = hidden.reduce((y, width, i) => block(scope.child(`hidden${i}`), y, width), x);
      return dense(scope.child("output"), last, outputs, glorotUniform());
    },
    describe: () => settings.describe(resolved),
  };
}
mlp.settings = settings;

/** One layer: x [..., in] to x W + b [..., width]. */
export function dense(
  scope: Scope,
  x: Tensor,
  width: number,
  initializer: ReturnType<typeof heNormal>,
): Tensor {
  const weight = scope.variable("weight", [Number(x.shape.at(-1)), width], initializer);
  return linear(x, weight, scope.variable("bias", [width], zerosInit));
}
