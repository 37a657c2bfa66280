/**
 * The network inside a coupling layer: from what stays the same, and the context, to the parameters of what changes.
 *
 * A multilayer perceptron with examples as columns. The last layer starts near zero, so that a flow starts near the identity.
 */
import {
  add,
  concat,
  glorotUniform,
  matmul,
  sameShape,
  split,
  zerosInit,
  type Initializer,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { activate, activation, type Activation } from "../networks/activations.js";
import { widths } from "../settings/fields.js";
import { linearColumns, withoutFeatures } from "./columns.js";

/** Widths of the hidden layers, and what is between them. */
export interface ConditionerOptions {
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** The settings, of a density whose conditioners have hidden layers of these widths unless told. */
export function conditionerSettings(hidden: readonly number[]) {
  return {
    /** Widths of the hidden layers of each network. */
    hidden: widths.default(hidden),
    activation: activation.default("relu"),
  };
}

/** How a conditioner begins, and what is seen of its weights. */
export interface ConditionerDetails {
  readonly lastBias?: Initializer;
  /** Weights of a layer as they are used: masked, or some of them. Layers are numbered from 0. */
  readonly seen?: (
    weight: Tensor,
    bias: Tensor,
    layer: number | "last",
  ) => readonly [Tensor, Tensor];
}

/** Weights of the last layer start this much smaller than usual. */
const LAST_GAIN = 0.02;

/** Weights [in, out] and biases [out] of one layer. */
export interface ConditionerLayer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** The layers of a conditioner of so many inputs and outputs. */
export function conditionerLayers(
  scope: Scope,
  hidden: readonly number[],
  inputs: number,
  outputs: number,
  lastBias: Initializer = zerosInit,
): readonly ConditionerLayer[] {
  const sizes = [inputs, ...hidden, outputs];
  return sizes.slice(1).map((width, i) => {
    const last = i === hidden.length;
    const layer = scope.child(last ? "output" : `hidden${i}`);
    return {
      weight: layer.variable("weight", [sizes[i] ?? 0, width], glorotUniform(last ? LAST_GAIN : 1)),
      bias: layer.variable("bias", [width], last ? lastBias : zerosInit),
    };
  });
}

/**
 * Applies a conditioner.
 *
 * @param identity what stays the same, each [..., 1, n]; nothing where everything changes.
 * @param context [..., k, m] whose other axes broadcast against those of `identity`
 * @param outputs rows of the result
 * @param how the last layer's biases begin, and which weights are seen of each layer, [in, out] and [out].
 */
export function conditioner(
  scope: Scope,
  { hidden, activation }: ConditionerOptions,
  identity: readonly Tensor[],
  context: Tensor,
  outputs: number,
  { lastBias, seen }: ConditionerDetails = {},
): Tensor {
  const inputs = rows(context) + identity.length;
  const layers = conditionerLayers(scope, hidden, inputs, outputs, lastBias);
  let x = context;
  for (const [i, all] of layers.entries()) {
    const last = i === hidden.length;
    const [weight, bias] = seen?.(all.weight, all.bias, last ? "last" : i) ?? [
      all.weight,
      all.bias,
    ];
    const y = i === 0 ? joint(weight, bias, identity, context) : linearColumns(weight, x, bias);
    x = last ? y : activate(activation, y);
  }
  return x;
}

function rows(x: Tensor): number {
  return Number(x.shape.at(-2));
}

/** First layer of identity and context together; apart where the context is shared by several columns of the identity. */
function joint(weight: Tensor, bias: Tensor, identity: readonly Tensor[], context: Tensor): Tensor {
  const [first] = identity;
  if (first === undefined) return linearColumns(weight, context, bias);
  if (sameShape(first.shape, withoutFeatures(context))) {
    return linearColumns(weight, concat([...identity, context], -2), bias);
  }
  const [own = weight, shared = weight] = split(weight, [identity.length, rows(context)], 0);
  const ownPart = matmul(own, concat(identity, -2), { transposeA: true });
  return add(ownPart, linearColumns(shared, context, bias));
}
