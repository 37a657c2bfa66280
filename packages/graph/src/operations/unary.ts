/**
 * Primitives of one operand, element by element.
 */
import { first } from "../leaves.js";
import type { OperatorName } from "../onnx/operators.js";
import { definePrimitive, type GradientContext, type LowerContext } from "../primitive.js";
import type { Tensor } from "../tensor.js";
import { operandOf, type Accepts } from "./operands.js";

/** Attributes of a primitive that has none. */
export type Empty = Readonly<Record<string, never>>;

/** What a unary primitive adds: its ONNX operator or lowering, and dy/dx given (x, y), or undefined where it is zero. */
export interface Unary {
  /** By default floats. */
  readonly accepts?: Accepts;
  readonly lower: OperatorName | ((context: LowerContext<Empty>) => string);
  readonly vjp?: (g: Tensor, x: Tensor, y: Tensor) => Tensor;
}

/** Defines a unary primitive and returns the function that applies it. */
export function unary(name: string, { lower, vjp, accepts = "float" }: Unary) {
  const apply = definePrimitive<Empty>({
    name,
    infer: (inputs) => {
      const { shape, dtype } = operandOf(name, inputs, accepts);
      return [{ shape, dtype }];
    },
    ...(vjp && {
      gradient: ({ inputs, outputs, cotangents }: GradientContext<Empty>) => {
        const [g] = cotangents;
        return g === undefined ? [] : [vjp(g, first(inputs), first(outputs))];
      },
    }),
    lower: (context) => [
      typeof lower === "string" ? context.emit(lower, context.inputs) : lower(context),
    ],
  });
  return (x: Tensor): Tensor => first(apply([x], {}));
}
