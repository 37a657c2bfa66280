/**
 * Reverse-mode differentiation: the gradient is more of the same graph.
 */
import { InvalidArgumentError, ShapeError } from "./errors.js";
import { constant, first, isConstant } from "./leaves.js";
import { add } from "./operations/elementwise.js";
import { zerosLike } from "./operations/movement.js";
import { definePrimitive } from "./primitive.js";
import { formatShape, sameShape } from "./shape.js";
import type { Application, Tensor } from "./tensor.js";

/**
 * Gradients of a scalar with respect to tensors. The results are symbolic, so they can be differentiated again.
 *
 * @param y a float scalar.
 * @param wrt tensors y was computed from; one that y does not depend on gets zeros.
 * @throws ShapeError where y is not a float scalar.
 * @throws InvalidArgumentError for a constant: what does not vary has no gradient.
 * @example const [dx] = gradient(sum(square(x)), [x]);   // 2x
 */
export function gradient(y: Tensor, wrt: readonly Tensor[]): readonly Tensor[] {
  if (y.rank !== 0 || !y.dtype.startsWith("float")) {
    throw new ShapeError(
      `gradient: needs a float scalar, but was given ${y.dtype}${formatShape(y.shape)}; reduce it with sum or mean`,
    );
  }
  const fixed = wrt.find(isConstant);
  if (fixed !== undefined) {
    throw new InvalidArgumentError(
      `gradient: ${fixed.toString()} is a constant; make it an input or a variable`,
    );
  }
  const order = dependents(y, new Set(wrt));
  const cotangents = new Map<Tensor, Tensor>([[y, constant(1, [], y.dtype)]]);
  for (const application of order.toReversed()) {
    const rule = application.primitive.gradient;
    const given = application.outputs.map((output) => cotangents.get(output));
    if (rule === undefined || given.every((g) => g === undefined)) continue;
    const results = rule({
      inputs: application.inputs,
      outputs: application.outputs,
      cotangents: given,
      attributes: application.attributes,
    });
    for (const [i, tensor] of application.inputs.entries()) {
      const g = results[i];
      if (g !== undefined) accumulate(cotangents, tensor, g, application);
    }
  }
  return wrt.map((tensor) => cotangents.get(tensor) ?? zerosLike(tensor));
}

function accumulate(
  cotangents: Map<Tensor, Tensor>,
  tensor: Tensor,
  g: Tensor,
  { primitive }: Application,
): void {
  if (!sameShape(g.shape, tensor.shape) || g.dtype !== tensor.dtype) {
    throw new ShapeError(
      `the gradient rule of ${primitive.name} gave ${g.dtype}${formatShape(g.shape)} for an operand ${tensor.toString()}`,
    );
  }
  const sofar = cotangents.get(tensor);
  cotangents.set(tensor, sofar === undefined ? g : add(sofar, g));
}

/** Applications between `wrt` and `y`, in an order in which each follows what it uses. */
function dependents(y: Tensor, wrt: ReadonlySet<Tensor>): readonly Application[] {
  const depends = new Map<Application, boolean>();
  const order: Application[] = [];
  for (const application of topological([y])) {
    const needed = application.inputs.some(
      (tensor) =>
        wrt.has(tensor) || (tensor.application && depends.get(tensor.application) === true),
    );
    depends.set(application, needed);
    if (needed) order.push(application);
  }
  return order;
}

/** Every application that the tensors are computed from, each after what it uses. No recursion: graphs can be deep. */
export function topological(tensors: readonly Tensor[]): readonly Application[] {
  const order: Application[] = [];
  const state = new Map<Application, "open" | "done">();
  const stack = tensors
    .flatMap(({ application }) => (application ? [application] : []))
    .toReversed();
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const known = state.get(top);
    if (known === undefined) {
      state.set(top, "open");
      for (const { application } of top.inputs.toReversed()) {
        if (application && !state.has(application)) stack.push(application);
      }
      continue;
    }
    stack.pop();
    if (known === "open") {
      state.set(top, "done");
      order.push(top);
    }
  }
  return order;
}

/** The leaves, inputs and variables, that tensors are computed from. */
export function leavesOf(tensors: readonly Tensor[]): ReadonlySet<Tensor> {
  const used = topological(tensors).flatMap((application) => application.inputs);
  return new Set([...tensors, ...used].filter((tensor) => tensor.application === undefined));
}

const applyStop = definePrimitive<Readonly<Record<string, never>>>({
  name: "stopGradient",
  infer: (inputs) => [{ shape: first(inputs).shape, dtype: first(inputs).dtype }],
  lower: ({ inputs }) => [inputs[0] ?? ""],
});

/** x, but constant as far as gradients are concerned. */
export function stopGradient(x: Tensor): Tensor {
  return first(applyStop([x], {}));
}

/** Cotangents of the inputs, given the cotangent of the output. */
export type VectorJacobianProduct = (g: Tensor) => readonly (Tensor | undefined)[];

const applyCustom = definePrimitive<{ readonly vjp: VectorJacobianProduct }>({
  name: "customGradient",
  infer: (inputs) => [{ shape: first(inputs).shape, dtype: first(inputs).dtype }],
  gradient: ({ cotangents: [g], attributes: { vjp } }) =>
    g === undefined ? [] : [undefined, ...vjp(g)],
  lower: ({ inputs }) => [inputs[0] ?? ""],
});

/**
 * The value of `output`, with a gradient given by hand instead of derived.
 *
 * @param output computed from `inputs`.
 * @param vjp cotangents of `inputs` from the cotangent of the output, written with operations (so it can be differentiated).
 */
export function customGradient(
  output: Tensor,
  inputs: readonly Tensor[],
  vjp: VectorJacobianProduct,
): Tensor {
  return first(applyCustom([output, ...inputs], { vjp }));
}
