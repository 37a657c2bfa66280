/**
 * Gradients given by hand for functions of several outputs that share their work.
 */
import { definePrimitive } from "./primitive.js";
import type { Tensor } from "./tensor.js";

/** Cotangents of the inputs from those of the outputs; undefined where the loss does not depend on an output. */
export type JointVectorJacobianProduct = (
  cotangents: readonly (Tensor | undefined)[],
) => readonly (Tensor | undefined)[];

interface Attributes {
  readonly outputs: number;
  readonly vjp: JointVectorJacobianProduct;
}

const apply = definePrimitive<Attributes>({
  name: "customGradients",
  infer: (inputs, { outputs }) =>
    inputs.slice(0, outputs).map(({ shape, dtype }) => ({ shape, dtype })),
  gradient: ({ cotangents, attributes: { outputs, vjp } }) => [
    ...Array.from({ length: outputs }, () => undefined),
    ...vjp(cotangents),
  ],
  lower: ({ inputs, attributes: { outputs } }) => inputs.slice(0, outputs),
});

/**
 * The values of `outputs`, with a joint gradient given by hand instead of derived.
 *
 * @param outputs computed from `inputs`.
 * @param vjp written with operations, so it can be differentiated again.
 */
export function customGradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  vjp: JointVectorJacobianProduct,
): readonly Tensor[] {
  return apply([...outputs, ...inputs], { outputs: outputs.length, vjp });
}
