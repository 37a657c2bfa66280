/**
 * Softmax and its logarithm.
 */
import { first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import { normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import type { OperatorName } from "../onnx/operators.js";
import { exp, mul, sub } from "./elementwise.js";
import { operandOf } from "./operands.js";
import { sum } from "./reduction.js";

interface Attributes {
  readonly axis: number;
}

function define(
  name: string,
  op: OperatorName,
  vjp: (g: Tensor, y: Tensor, axes: readonly number[]) => Tensor,
) {
  const apply = definePrimitive<Attributes>({
    name,
    infer: (inputs) => {
      const { shape, dtype } = operandOf(name, inputs, "float");
      return [{ shape, dtype }];
    },
    gradient: ({ outputs, cotangents: [g], attributes: { axis } }) =>
      g === undefined ? [] : [vjp(g, first(outputs), [axis])],
    lower: ({ inputs, attributes: { axis }, emit }) => [
      emit(op, inputs, { axis: { type: "int", value: axis } }),
    ],
  });
  return (x: Tensor, axis = -1): Tensor =>
    first(apply([x], { axis: normalizeAxis(name, axis, x.rank) }));
}

/** exp(x) / Σ exp(x) along an axis. */
export const softmax = define("softmax", "Softmax", (g, y, axes) => {
  const weighted = mul(g, y);
  return sub(weighted, mul(y, sum(weighted, { axes, keepDims: true })));
});

/** log softmax along an axis. */
export const logSoftmax = define("logSoftmax", "LogSoftmax", (g, y, axes) =>
  sub(g, mul(exp(y), sum(g, { axes, keepDims: true }))),
);
