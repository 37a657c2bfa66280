/**
 * Operands checked for their number and type, so that what the runtime cannot do is refused where it is asked for.
 */
import type { DType } from "../dtype.js";
import { ShapeError } from "../errors.js";
import type { Tensor } from "../tensor.js";

/** Types an operation takes: floats, all numbers, or anything. */
export type Accepts = "float" | "number" | "any";

function accepts(kind: Accepts, dtype: DType): boolean {
  if (kind === "any") return true;
  return dtype.startsWith("float") || (kind === "number" && dtype === "int64");
}

/**
 * The first operand of an operation.
 *
 * @throws ShapeError where there is none, or its type is not taken.
 */
export function operandOf(
  operation: string,
  inputs: readonly Tensor[],
  kind: Accepts = "any",
): Tensor {
  const [x] = inputs;
  if (x === undefined) throw new ShapeError(`${operation} needs an operand`);
  if (!accepts(kind, x.dtype)) {
    throw new ShapeError(
      `${operation} needs a ${kind === "float" ? "float" : "float or int64"} tensor, but was given ${x.toString()}; cast it`,
    );
  }
  return x;
}

/**
 * Refuses a number that takes the type of a tensor and would be another number there: 0.5 beside int64 would be 0.
 *
 * @throws ShapeError naming the operation, the number and the tensor.
 */
export function requireExact(operation: string, value: number, x: Tensor): void {
  const inexact =
    (x.dtype === "int64" && !Number.isSafeInteger(value)) ||
    (x.dtype === "bool" && value !== 0 && value !== 1);
  if (inexact) {
    throw new ShapeError(
      `${operation}: ${value} is no ${x.dtype}, and was given beside ${x.toString()}; cast the tensor to a float type first`,
    );
  }
}
