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
import { activate, requireActivation, type Activation } from "./activations.js";
import type { Network } from "./network.js";
import { batchNormalization, dropout, layerNormalization, requireShare } from "./normalization.js";
import { requireWidths } from "./widths.js";

/** Settings of a multilayer perceptron. */
export interface MlpOptions {
  /** Widths of the hidden layers. */
  readonly hidden?: readonly number[];
  readonly activation?: Activation;
  readonly normalization?: "none" | "layer" | "batch";
  /** Adds a layer's input to its output where both have the same width (He et al. 2016, arXiv 1512.03385). */
  readonly residual?: boolean;
  /** Share of hidden units set to zero at each training step. */
  readonly dropout?: number;
}

/**
 * A multilayer perceptron.
 *
 * @param options defaults: two hidden layers of 128, ReLU, nothing else
 * @throws InvalidArgumentError where a setting is out of range.
 * @example const head = mlp({ hidden: [64, 64], activation: "silu" });
 */
export function mlp(options: MlpOptions = {}): Network {
  const { hidden = [128, 128], activation = "relu", normalization = "none" } = options;
  const { residual = false, dropout: share = 0 } = options;
  requireWidths("mlp", hidden);
  requireActivation("mlp", activation);
  requireShare("mlp", share);
  const rectified = activation === "relu" || activation === "leakyRelu";

  function block(scope: Scope, x: Tensor, width: number): Tensor {
    let y = dense(scope, x, width, rectified ? heNormal() : glorotUniform());
    if (normalization === "layer") y = layerNormalization(scope.child("normalization"), y);
    if (normalization === "batch") y = batchNormalization(scope.child("normalization"), y);
    y = dropout(scope, activate(activation, y), share);
    return residual && x.shape.at(-1) === width ? add(x, y) : y;
  }

  return {
    kind: "mlp",
    apply: (scope, x, outputs) => {
      const last = hidden.reduce((y, width, i) => block(scope.child(`hidden${i}`), y, width), x);
      return dense(scope.child("output"), last, outputs, glorotUniform());
    },
    describe: () => ({
      kind: "mlp",
      hidden: [...hidden],
      activation,
      normalization,
      residual,
      dropout: share,
    }),
  };
}

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
